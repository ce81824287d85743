// Where a call was submitted, when it was inside a task, and the file was compiled on its way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../harness/program.ts";

test("a call inside a task is found in the source", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/nested-site.mts", [], {
    nodeOptions: ["--import", "tsx"],
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Task inner threw .*submitted at test\/faults\/fixtures\/nested-site\.mts:8:26: inner 1$/m);
  assert.match(stdout, /^ {4}submitted at test\/faults\/fixtures\/nested-site\.mts:11:56$/m);
});

test("so is one in what a task prints of an error that it has caught", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/nested-site.mts", [], {
    nodeOptions: ["--import", "tsx"],
  });
  assert.equal(code, 0, stderr);
  const site = "submitted at test/faults/fixtures/nested-site\\.mts";
  assert.match(stdout, new RegExp(`^\\(catches pid=\\d+\\) Task inner threw .*${site}:35:19: inner 2$`, "m"));
  assert.match(stdout, new RegExp(`^\\(catches pid=\\d+\\) +${site}:36:\\d+$`, "m"));
});

test("a stack that a task prints, and that of an error which it returns, are as the source has it", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/nested-site.mts", [], {
    nodeOptions: ["--import", "tsx"],
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\(prints pid=\d+\) Error: printed\n\(prints pid=\d+\) +at .*nested-site\.mts:15:15\)?$/m);
  assert.match(stdout, /^RangeError: returned 1\n +at .*nested-site\.mts:16:10\)?$/m);
});

test("stacks of errors that are passed on, of DOMException, and of frozen ones, are as the source has them, and end with the task", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/nested-site.mts", [], {
    nodeOptions: ["--import", "tsx"],
  });
  assert.equal(code, 0, stderr);
  const frames = stdout.slice(stdout.indexOf("[")).match(/at .*(?=')/g) ?? [];
  const places = frames.filter((frame) => !frame.startsWith("at new DOMException"));
  assert.deepEqual(
    places.map((frame) => /nested-site\.mts:(\d+):/.exec(frame)?.[1]),
    ["5", "5", "22", "22", "25", "25"],
    frames.join("\n"),
  );
});
