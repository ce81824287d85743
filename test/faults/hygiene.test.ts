// What a session leaves on the machine while it runs, and after others were killed.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { delay, monotonicMs } from "#src/std/clock.js";
import {
  allProcesses,
  leftOf,
  modeOf,
  networkPorts,
  sessionOf,
  untilNothingIsLeft,
  workersOf,
} from "../harness/processes.ts";
import { Program, run } from "../harness/program.ts";

/** For the kernel to end processes, on a machine that is busy with other tests. */
const ENDED_MS = 30_000;

test("the folder is the user's alone, and nothing listens on the network", async () => {
  const program = new Program("test/faults/fixtures/waits.mjs");
  const trace = await sessionOf(program.pid);
  await program.printed("READY");
  assert.equal(modeOf(trace.folder), "700");
  const workers = workersOf(trace);
  assert.equal(workers.length, 2);
  assert.deepEqual(networkPorts([program.pid, trace.daemon, ...workers.map(({ pid }) => pid)]), []);
  program.kill("SIGKILL");
  await program.ended;
  await untilNothingIsLeft(trace, 2_000);
});

test("the folder of a killed session is swept at the next start, that of a living one is not", async (t) => {
  // Any other start on this machine would sweep too.
  const env = { TMPDIR: mkdtempSync(path.join(tmpdir(), "swept-")) };
  t.after(() => rmSync(env.TMPDIR, { recursive: true, force: true }));
  const killed = new Program("test/faults/fixtures/waits.mjs", [], { env });
  const living = new Program("test/faults/fixtures/waits.mjs", [], { env });
  t.after(() => living.kill("SIGTERM"));
  const [dead, alive] = [await sessionOf(killed.pid), await sessionOf(living.pid)];
  await killed.printed("READY");
  await living.printed("READY");
  // Whichever of the two saw the other end would remove it.
  killed.kill("SIGSTOP");
  process.kill(dead.daemon, "SIGKILL");
  killed.kill("SIGKILL");
  await killed.ended;
  assert(existsSync(dead.folder), "nobody was left to remove it");

  const { code } = await run("test/faults/fixtures/ends.mjs", ["idle", "shutdown"], { env });
  assert.equal(code, 0);
  assert(!existsSync(dead.folder));
  assert(existsSync(alive.folder));
  assert.equal(workersOf(alive).length, 2);
  living.kill("SIGTERM");
  await living.ended;
  await untilNothingIsLeft(alive, 2_000);
});

test("what the tasks of a killed session had started is ended at the next start, and nothing else is", async (t) => {
  const env = { TMPDIR: mkdtempSync(path.join(tmpdir(), "swept-")) };
  t.after(() => rmSync(env.TMPDIR, { recursive: true, force: true }));
  const killed = new Program("test/faults/fixtures/leaves.mjs", [], { env });
  const living = new Program("test/faults/fixtures/leaves.mjs", [], { env });
  t.after(() => living.kill("SIGTERM"));
  const [dead, alive] = [await startedIn(killed), await startedIn(living)];
  t.after(() => [dead.apart, alive.apart].map((pid) => process.kill(pid, "SIGKILL")));
  const trace = await sessionOf(killed.pid);
  killed.kill("SIGSTOP");
  process.kill(trace.daemon, "SIGKILL");
  killed.kill("SIGKILL");
  await killed.ended;
  await untilEnded(workersOf(trace).map(({ pid }) => pid));
  assert.deepEqual(livingOf(dead.own), dead.own, "nobody was left to end them");

  const { code } = await run("test/faults/fixtures/ends.mjs", ["idle", "shutdown"], { env });
  assert.equal(code, 0);
  await untilEnded(dead.own);
  const others = [dead.apart, alive.apart, ...alive.own];
  assert.deepEqual(livingOf(others), others);
  living.kill("SIGTERM");
  await living.ended;
  await untilEnded(alive.own);
});

/** What a task of leaves.mjs says. */
async function startedIn(program: Program): Promise<{ own: number[]; apart: number }> {
  await program.printed("}");
  return JSON.parse(/\{.*\}/.exec(program.stdout)?.[0] ?? "") as { own: number[]; apart: number };
}

function livingOf(pids: readonly number[]): number[] {
  const now = new Set(allProcesses().map(({ pid }) => pid));
  return pids.filter((pid) => now.has(pid));
}

async function untilEnded(pids: readonly number[]): Promise<void> {
  const deadline = monotonicMs() + ENDED_MS;
  for (; livingOf(pids).length > 0; await delay(20)) assert(monotonicMs() < deadline, `${pids.join(", ")} live`);
}

test("two sessions side by side do not disturb each other", async () => {
  const first = new Program("test/faults/fixtures/waits.mjs");
  const second = new Program("test/faults/fixtures/waits.mjs");
  const [left, right] = [await sessionOf(first.pid), await sessionOf(second.pid)];
  await Promise.all([first.printed("READY"), second.printed("READY")]);
  assert.notEqual(left.folder, right.folder);
  first.kill("SIGKILL");
  await first.ended;
  await untilNothingIsLeft(left, 2_000);
  assert.equal(workersOf(right).length, 2);
  assert.equal(second.child.exitCode, null);
  second.kill("SIGINT");
  await second.ended;
  await untilNothingIsLeft(right, 2_000);
});

test("many sessions may start at once", async () => {
  const programs = Array.from({ length: 4 }, () => new Program("test/faults/fixtures/ends.mjs", ["idle", "shutdown"]));
  const traces = await Promise.all(programs.map((program) => sessionOf(program.pid)));
  for (const { ended } of programs) assert.equal((await ended).code, 0);
  for (const trace of traces) assert.deepEqual(leftOf(trace), []);
});

for (const how of ["init", "no-init"]) {
  test(`a program that forgets its tasks and shutdown ends by itself (${how})`, async () => {
    const start = monotonicMs();
    const { code, stdout, stderr } = await run("test/faults/fixtures/forgets.mjs", [how]);
    assert.equal(code, 0);
    assert.equal(stdout + stderr, "");
    assert(monotonicMs() - start < 30_000, "it did not wait for its tasks");
  });
}

test("1,000 tasks that wait for tasks that wait for tasks need few processes on one CPU", async (t) => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/nested.mjs");
  assert.equal(code, 0, stderr);
  const { right, most } = JSON.parse(stdout) as { right: boolean; most: number };
  t.diagnostic(`${most} workers at most`);
  assert(right);
  assert(most <= 40, `${most} workers`);
});

test("workers that cannot start fail init and all that waits, with what they said", async () => {
  // It does not last long enough to be looked for: what it leaves behind has the name of this folder.
  const folder = mkdtempSync(path.join(tmpdir(), "broken-"));
  const { code, stdout, stderr } = await run("test/faults/fixtures/broken.mjs", [], { env: { TMPDIR: folder } });
  assert.equal(code, 0, stderr);
  const told = JSON.parse(stdout) as Record<"init" | "get", { name: string; message: string }>;
  assert.equal(told.init.name, "ConnectionError");
  assert.match(told.init.message, /bad option: --no-such-option-of-node/);
  assert.deepEqual(told.get, told.init);
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(
    allProcesses().filter(({ args }) => args.some((arg) => arg.startsWith(folder))),
    [],
  );
  rmSync(folder, { recursive: true });
});
