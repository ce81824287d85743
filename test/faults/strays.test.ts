// What a task's stray asynchronous work throws fails that task while it runs, is printed when it has ended, and never harms others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../harness/program.ts";

test("errors that nobody catches go to the call whose code threw them, or to the terminal", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/strays.mjs");
  assert.equal(code, 0, stderr);
  const told = JSON.parse(stdout) as Record<string, { name: string; message: string }> & { sameWorker: boolean };
  for (const [name, message] of Object.entries({
    timer: /^Code that task timer did not wait for threw in .*, and nobody caught it: thrown in a timer$/,
    imports:
      /^Task imports could not begin in .*, because a module or value that it needs threw: thrown while it was imported$/,
    rejection: /rejected by stray work/,
    later: /rejected later/,
  })) {
    assert.match(told[name]?.name ?? "", /^TaskError/, `${name} ended with ${JSON.stringify(told[name])}`);
    assert.match(told[name]?.message ?? "", message);
  }
  assert(told.sameWorker, "the worker lives on");
  assert.match(
    stderr,
    /\(leaves pid=\d+\) Code that task leaves left running threw, and nobody caught it: Error: after the end/,
  );
  assert.match(
    stderr,
    /\(asks pid=\d+\) Code of a task, or what runtimeEnv\.setup left running, threw, and nobody caught it: Error: thrown after the setup/,
  );
});

test("calls do not queue behind one that is stuck in a loop while another worker is free", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/stuck.mjs");
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), [1000, 1998, "out"]);
});
