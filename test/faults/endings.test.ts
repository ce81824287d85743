// However a driver or a daemon ends, two seconds later nothing of the session is left: no process, no socket, no folder.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { allProcesses, sessionOf, untilNothingIsLeft, workersOf, type Trace } from "../harness/processes.ts";
import { Program, run } from "../harness/program.ts";

const WITHIN_MS = 2_000;

type Workers = "idle" | "loop" | "sleep" | "stream";

async function start(workers: Workers, way: string): Promise<{ program: Program; trace: Trace }> {
  const program = new Program("test/faults/fixtures/ends.mjs", [workers, way]);
  const trace = await sessionOf(program.pid);
  await program.printed("READY");
  return { program, trace };
}

async function nothingLeft(t: TestContext, trace: Trace): Promise<void> {
  const tookMs = await untilNothingIsLeft(trace, WITHIN_MS);
  t.diagnostic(`nothing left after ${Math.round(tookMs)} ms`);
}

for (const workers of ["idle", "loop", "sleep", "stream"] as const) {
  for (const [way, code] of [
    ["shutdown", 0],
    ["end", 0],
    ["exit", 3],
    ["throw", 1],
  ] as const) {
    test(`a driver that ends by ${way}, workers ${workers}`, async (t) => {
      const program = new Program("test/faults/fixtures/ends.mjs", [workers, way]);
      const trace = await sessionOf(program.pid);
      const ended = await program.ended;
      assert.equal(ended.code, code, ended.stderr);
      assert.equal(ended.stdout, "READY\n");
      if (way !== "throw") assert.equal(ended.stderr, "");
      await nothingLeft(t, trace);
    });
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL", "SIGHUP"] as const) {
    test(`a driver that ends by ${signal}, workers ${workers}`, async (t) => {
      const { program, trace } = await start(workers, "wait");
      program.kill(signal);
      const ended = await program.ended;
      assert.equal(ended.signal, signal);
      assert.equal(ended.stderr, "");
      await nothingLeft(t, trace);
    });
  }

  test(`driver and daemon killed at once, workers ${workers}`, async (t) => {
    const { program, trace } = await start(workers, "wait");
    process.kill(trace.daemon, "SIGKILL");
    program.kill("SIGKILL");
    await program.ended;
    // The folder is for the next start to sweep: whoever could remove it was killed.
    await untilNothingIsLeft({ ...trace, folder: "/nowhere" }, WITHIN_MS);
    t.diagnostic(`${workersOf(trace).length} workers left`);
    const next = new Program("test/faults/fixtures/ends.mjs", ["idle", "shutdown"]);
    await next.ended;
    await nothingLeft(t, trace);
  });
}

for (const [workers, signal] of [
  ["loop", "SIGKILL"],
  ["sleep", "SIGKILL"],
  ["loop", "SIGTERM"],
] as const) {
  test(`a daemon that is ended by ${signal} fails what is pending, workers ${workers}`, async (t) => {
    const { program, trace } = await start(workers, "wait");
    process.kill(trace.daemon, signal);
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
    const error = JSON.parse(ended.stdout.split("\n")[1] ?? "") as { name: string; message: string };
    assert.equal(error.name, "SessionClosedError");
    assert.match(error.message, new RegExp(`daemon \\(pid ${trace.daemon}\\) was ended by ${signal}`));
    await nothingLeft(t, trace);
  });
}

test("inline, calls that wait by our means when the session ends are told, and leave no timer behind", async () => {
  const { stdout, stderr } = await run("test/faults/fixtures/ends-inline.mjs");
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), { timers: 0, told: ["begun task", "TaskCancelledError task"] });
});

test("after its cluster was killed a program may begin another one", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/again.mjs");
  assert.equal(code, 0, stderr);
  const { refused, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  assert.match(refused as string, /was ended by SIGKILL.*init\(\) starts another one/s);
  assert.deepEqual(rest, { name: "SessionClosedError", before: false, after: true, CPU: 2, value: 1 });
});

for (const way of ["shutdown", "end", "kill"]) {
  test(`processes that tasks have started end with the session, the driver by ${way}`, async (t) => {
    const program = new Program("test/faults/fixtures/children.mjs", [way]);
    const trace = await sessionOf(program.pid);
    await program.printed("}");
    const { crashed, pid } = JSON.parse(program.stdout) as { crashed: string; pid: number };
    assert.equal(crashed, "WorkerCrashedError");
    await program.ended;
    await nothingLeft(t, trace);
    assert(!allProcesses().some((seen) => seen.pid === pid));
  });
}

test("processes that a worker has started end with it, however it ends, and those of others and on their own do not", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/own-children.mjs");
  assert.equal(code, 0, stderr);
  const [before, after] = stdout.trim().split("\n");
  assert.deepEqual(JSON.parse(before ?? ""), { left: [], living: true });
  assert.deepEqual(JSON.parse(after ?? ""), { alone: true, living: false });
});

for (const address of ["local", "inline"])
  test(`a driver that awaits neither kill, cancel nor removePlacementGroup before shutdown, ${address}`, async () => {
    const ended = await run("test/faults/fixtures/not-awaited.mjs", [address]);
    assert.deepEqual([ended.code, ended.stdout, ended.stderr], [0, "END\n", ""]);
  });
