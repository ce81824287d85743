// The processes that calls run in: variables, folder, options of Node, a module that comes first. Inline there is but one process.
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import v8 from "node:v8";
import { get, remote, RuntimeEnvSetupError, type RemoteFunction, type RuntimeEnv } from "ray-ts";
import { itIsolated, type Setting } from "./setting.ts";

interface Seen {
  readonly pid: number;
  readonly a: string | undefined;
  readonly b: string | undefined;
  readonly folder: string;
  readonly heapMiB: number;
  readonly setUps: number | undefined;
}

const programs = new URL("programs/", import.meta.url);
const program = (name: string): string => new URL(name + path.extname(import.meta.url), programs).href;

export function environments(setting: Setting): void {
  const isolated = itIsolated(setting);
  const look = remote(function look(): Seen {
    const { RAY_TS_TEST_A: a, RAY_TS_TEST_B: b } = process.env;
    const heapMiB = Math.round(v8.getHeapStatistics().heap_size_limit / 1024 / 1024);
    const { setUps } = globalThis as { setUps?: number };
    return { pid: process.pid, a, b, folder: process.cwd(), heapMiB, setUps };
  });
  const lookIn = (runtimeEnv: RuntimeEnv): typeof look => look.options({ runtimeEnv });

  isolated("gives a call the environment that it asks for, in a process of its own kind", async () => {
    const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ray-ts-test-")));
    const env = { envVars: { RAY_TS_TEST_A: "1" }, workingDir: folder, execArgv: ["--max-old-space-size=321"] };
    const [seen, plain] = await get([lookIn(env).remote(), look.remote()]);
    rmdirSync(folder);
    assert.deepEqual([seen.a, seen.folder], ["1", folder]);
    assert.ok(seen.heapMiB >= 321 && seen.heapMiB < 500, String(seen.heapMiB));
    assert.deepEqual([plain.a, plain.folder], [undefined, process.cwd()]);
    assert.notEqual(seen.pid, plain.pid);
  });

  isolated("uses a process again for an equal environment, however it is written, and for no other", async () => {
    const one = await get(lookIn({ envVars: { RAY_TS_TEST_A: "1", RAY_TS_TEST_B: "2" } }).remote());
    const again = await get(lookIn({ envVars: { RAY_TS_TEST_B: "2", RAY_TS_TEST_A: "1" }, execArgv: [] }).remote());
    const other = await get(lookIn({ envVars: { RAY_TS_TEST_A: "1", RAY_TS_TEST_B: "3" } }).remote());
    assert.equal(again.pid, one.pid);
    assert.notEqual(other.pid, one.pid);
    assert.equal(other.b, "3");
  });

  isolated("lets calls have that of the call which submits them, and change it", async () => {
    const outer = remote(async () => {
      const inner = { envVars: { RAY_TS_TEST_B: "inner" } };
      return get([look.remote(), look.options({ runtimeEnv: inner }).remote()]);
    });
    const [same, changed] = await get(
      outer.options({ runtimeEnv: { envVars: { RAY_TS_TEST_A: "outer", RAY_TS_TEST_B: "outer" } } }).remote(),
    );
    assert.deepEqual([same.a, same.b, changed.a, changed.b], ["outer", "outer", "outer", "inner"]);
  });

  isolated("imports a module once in each process, before anything else", async () => {
    const sets = lookIn({ setup: program("sets-up") });
    const seen = await get([sets.remote(), sets.remote(), sets.remote()]);
    assert.deepEqual(
      seen.map(({ setUps }) => setUps),
      [1, 1, 1],
    );
  });

  isolated("says what is wrong with an environment that cannot be set up, at once and each time", async () => {
    for (const [env, words] of broken)
      for (let attempt = 1; attempt <= 2; attempt += 1) await refusesToSetUp(lookIn(env), words);
    // Others go on as if nothing had happened.
    assert.equal((await get(look.remote())).a, undefined);
  });
}

const broken: readonly (readonly [RuntimeEnv, RegExp])[] = [
  [{ workingDir: "/nowhere/at/all" }, /the working directory \/nowhere\/at\/all does not exist/],
  [{ setup: program("sets-up-badly") }, /exited with code 78[^]*RangeError: no licence found/],
  [{ setup: program("sets-up-badly-later") }, /exited with code 78[^]*RangeError: the licence has run out/],
  [{ setup: program("sets-up-and-rejects") }, /exited with code 78[^]*RangeError: nobody took the licence/],
  [{ setup: program("sets-up-and-rejects-late") }, /exited with code 78[^]*RangeError: the licence was refused/],
  [{ setup: program("sets-up-with-nothing") }, /exited with code 78[^]*\| thrown: null\n/],
  [{ setup: program("says-and-leaves") }, /exited with code 3[^]*last lines of its output:\n *\| no licence server/],
  [{ setup: pathToFileURL("/nowhere.mjs").href }, /Cannot find module/],
  [{ execArgv: ["--no-such-option"] }, /bad option: --no-such-option/],
];

async function refusesToSetUp(fn: RemoteFunction<() => Seen>, words: RegExp): Promise<void> {
  await assert.rejects(get(fn.remote()), (error: Error) => {
    assert.ok(error instanceof RuntimeEnvSetupError, String(error));
    assert.match(error.message, /^The environment of task look could not be set up: /);
    assert.match(error.message, words);
    return true;
  });
}
