// A task may break the very language in its worker: then that process ends, and every call still comes to an end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../harness/program.ts";

interface Told {
  readonly endings: readonly string[];
  readonly words: readonly string[];
  readonly others: readonly number[];
}

async function sabotage(way: string): Promise<Told> {
  const { code, stdout, stderr } = await run("test/faults/fixtures/sabotage.mjs", [way]);
  assert.equal(code, 0, `the driver did not notice:\n${stdout}\n${stderr}`);
  const told = JSON.parse(stdout) as Told;
  assert.deepEqual(
    told.others,
    Array.from({ length: 50 }, (_, index) => index * 2),
    "no other task noticed",
  );
  return told;
}

for (const way of ["arrayPush", "maps", "noBuffers", "notAnError"]) {
  test(`a worker whose language a task has broken ends instead of going silent: ${way}`, async () => {
    // Whether a call got through before the damage showed is up to the damage.
    for (const ending of (await sabotage(way)).endings) assert.match(ending, /^(?:done|WorkerCrashedError|TaskError)/);
  });
}

for (const way of [
  "noIteration",
  "noPromises",
  "silentPromises",
  "everythingThenable",
  "forgetfulMaps",
  "otherLetters",
  "noPrototypes",
  "roundsToNothing",
  "later",
]) {
  test(`a worker in which the language does not behave any more ends, and says why: ${way}`, async () => {
    const { endings, words } = await sabotage(way);
    assert.deepEqual(
      endings,
      Array.from({ length: 3 }, () => "WorkerCrashedError"),
    );
    for (const message of words)
      assert.match(message, /replaced parts of the language that do not behave any more: \w+/);
  });
}

for (const [what, way] of [
  ["fake timers", "fakeTimers"],
  ["replacements that behave", "tracer"],
] as const) {
  test(`${what} that a task leaves behind harm nobody`, async () => {
    assert.deepEqual((await sabotage(way)).endings, ["done", "done", "done"]);
  });
}

test("a worker with a descriptor that a task has closed ends instead of going deaf", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/descriptors.mjs");
  assert.equal(code, 0, stderr);
  const told = JSON.parse(stdout) as { descriptor: number; what: string; closed?: string; asked: unknown }[];
  assert(told.length > 10, stdout);
  for (const { descriptor, what, closed, asked } of told) {
    assert.match(closed ?? "done", /^(?:done|WorkerCrashedError)$/);
    assert.equal(asked, descriptor * 2, `after ${descriptor}, ${what}, was closed`);
  }
});

for (const way of ["endsOutput", "destroysOutput", "closesOutput"]) {
  test(`a worker whose output a task has ended works on in silence: ${way}`, async () => {
    assert.deepEqual((await sabotage(way)).endings, ["done", "done", "done"]);
  });
}

test("a listener that throws cannot keep a process that was told to exit", async () => {
  assert.deepEqual(
    (await sabotage("throwsAtItsExit")).endings,
    Array.from({ length: 3 }, () => "TaskExitedError"),
  );
});
