// Fake timers of a test, in the driver, stop what the test does with time and nothing of the session.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../harness/program.ts";

for (const address of ["local", "inline"]) {
  for (const when of ["before", "between"]) {
    test(`a session does not notice fake timers: ${address}, put in place ${when} its calls`, async () => {
      const { code, stdout, stderr } = await run("test/faults/fixtures/fake-timers.mjs", [address, when]);
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      const told: unknown = JSON.parse(/^TOLD (.*)$/m.exec(stdout)?.[1] ?? "null");
      assert.deepEqual(told, { values: [2, 11], timeouts: ["GetTimeoutError", "GetTimeoutError"], large: 8 });
    });
  }
}
