// A pool opened in a process of its own. Run as a program this file is that process; imported, it starts one.
//
//   parent ── name, number of workers (argv) ─► child opens the pool, waits until every worker has given a result
//   parent ◄── one line: the milliseconds it took
//   parent ── end of stdin ───────────────────► child closes the pool and ends
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { contenders } from "./contenders.ts";
import { whoAmIMs } from "./tasks.ts";

export interface Opened {
  readonly pid: number;
  readonly startMs: number;
  end(): Promise<void>;
}

export async function openElsewhere(name: string, workers: number): Promise<Opened> {
  const args = [fileURLToPath(import.meta.url), name, String(workers)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"], env: environment() });
  const ended = once(child, "exit");
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), ended.then(() => [undefined])]);
  const startMs = Number(first[0]);
  if (child.pid === undefined || !Number.isFinite(startMs)) {
    const cause = /^\w*Error.*$/m.exec(said)?.[0] ?? "it said nothing";
    throw new Error(`could not open a pool of ${workers}: ${cause}`);
  }
  const end = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  return { pid: child.pid, startMs, end };
}

/** Without what makes Node itself start slowly on some machines. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _certificates, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  return env;
}

async function main(name: string | undefined, workers: number): Promise<void> {
  const contender = contenders.find((each) => each.name === name);
  if (contender === undefined) throw new Error(`no contender is called ${name}`);
  const open = await contender.load();
  const started = performance.now();
  const pool = await open(workers);
  const seen = new Set<number>();
  let rounds = 0;
  for (; seen.size < workers; rounds++) {
    if (rounds === 500) throw new Error(`${name}: only ${seen.size} of ${workers} workers ever got a task`);
    const calls = Array.from({ length: workers }, (_, index) => pool.call("whoAmI", index));
    for (const id of await Promise.all(calls)) seen.add(id);
  }
  // The tasks themselves wait, in every round; that is not the pool's doing.
  console.log(performance.now() - started - rounds * whoAmIMs);
  process.stdin.resume();
  await once(process.stdin, "end");
  await pool.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv[2], Number(process.argv[3]));
}
