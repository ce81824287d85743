// Whatever a task does to its worker harms its own call only: it is tried again, and then fails with an error that says how it went.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run, type ProgramOptions } from "../harness/program.ts";

interface Told {
  readonly failure: {
    readonly name: string;
    readonly message: string;
    readonly exitCode?: number | null;
    readonly signal?: string | null;
    readonly lastStderr?: string;
  };
  readonly others: readonly number[];
  readonly attempts: number;
  readonly again: number;
}

async function crash(way: string, maxRetries: number, options: ProgramOptions = {}): Promise<Told["failure"]> {
  const { code, stdout, stderr } = await run("test/faults/fixtures/crashes.mjs", [way, String(maxRetries)], options);
  assert.equal(code, 0, `the driver did not notice:\n${stdout}\n${stderr}`);
  const told = JSON.parse(stdout) as Told;
  assert.deepEqual(
    told.others,
    Array.from({ length: 20 }, (_, index) => index * 2),
    "no other task noticed",
  );
  assert.equal(told.again, 100, "the cluster goes on");
  assert.equal(told.attempts, maxRetries + 1, "it was tried as often as it may be");
  return told.failure;
}

for (const [way, code] of [
  ["exit", 7],
  ["reallyExit", 8],
] as const) {
  test(`a task that calls process.${way} fails with TaskExitedError after its retries`, async () => {
    const failure = await crash(way, 2);
    assert.equal(failure.name, "TaskExitedError");
    assert.equal(failure.exitCode, code);
    assert.match(failure.message, /attempt/);
  });
}

for (const [way, signal] of [
  ["kill", "SIGKILL"],
  ["segfault", "SIGSEGV"],
  ["abort", "SIGABRT"],
] as const) {
  test(`a worker that ends by ${signal} fails its task with WorkerCrashedError after its retries`, async () => {
    const failure = await crash(way, 1);
    assert.equal(failure.name, "WorkerCrashedError");
    assert.equal(failure.signal, signal);
    assert.equal(failure.exitCode, null);
  });
}

test("without retries the first crash is the last", async () => {
  const failure = await crash("kill", 0);
  assert.equal(failure.signal, "SIGKILL");
});

test("the error of a crash has the last lines that the worker wrote to stderr", async () => {
  const failure = await crash("lastWords", 0);
  assert.equal(failure.lastStderr, "these were its last words\n");
});

test("a task that fills the heap is told so", async () => {
  // The driver's own limit is its workers' too.
  const failure = await crash("memory", 1, { nodeOptions: ["--max-old-space-size=80"] });
  assert.equal(failure.name, "OutOfMemoryError");
  assert.match(failure.lastStderr ?? "", /heap out of memory/);
});

test("a task that closes its worker's channel ends the worker", async () => {
  const failure = await crash("closesItsChannel", 0);
  assert.equal(failure.name, "WorkerCrashedError");
});

for (const maxRetries of [0, 3]) {
  test(`a crash harms none of the calls that wait for it, however deep, with ${maxRetries} retries`, async () => {
    const { code, stdout, stderr } = await run("test/faults/fixtures/deep.mjs", ["20", String(maxRetries)]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "TaskExitedError\n");
  });
}
