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
