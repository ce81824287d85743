// Drivers that are hardened are served like others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../harness/program.ts";

for (const [way, when] of [
  ["frozenError", "before"],
  ["frozenError", "between"],
  ["noTraces", "before"],
  ["frozenWorld", "before"],
] as const) {
  test(`a driver with ${way}, ${when} init and its calls`, async () => {
    const { code, stdout, stderr } = await run("test/faults/fixtures/hardened.mjs", [way, when]);
    assert.equal(code, 0, stderr);
    const told = JSON.parse(stdout) as { value: number; isRangeError: boolean; message: string };
    assert.equal(told.value, 42);
    assert(told.isRangeError);
    assert.match(told.message, /^Task fail threw in worker process \d+.*: as it should$/);
  });
}
