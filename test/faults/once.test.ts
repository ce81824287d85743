// A call that ends well has run once, also the first ones of a session that has only begun: nothing is told twice while all wake up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../harness/program.ts";

/** A doubled first call was seen in about one cold session of ten. */
const SESSIONS = 10;

test("each call runs once in a session that has only begun", async () => {
  for (let session = 0; session < SESSIONS; session += 1) {
    const { code, stdout, stderr } = await run("test/faults/fixtures/once.mjs", [session % 2 === 0 ? "init" : "first"]);
    assert.equal(code, 0, stderr);
    const { tasks, counts } = JSON.parse(stdout) as { tasks: number; counts: Record<string, number> };
    const expected = Object.fromEntries(Array.from({ length: tasks }, (_, number) => [String(number), 1]));
    assert.deepEqual(counts, expected, `session ${session}`);
  }
});
