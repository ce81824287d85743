// A call that waits for what another never gives back: the user hears of it, who knows what to do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "#src/std/clock.js";
import { Program } from "../harness/program.ts";

test("a call that starves is told of on the terminal, with whoever has what it needs", async () => {
  const program = new Program("test/faults/fixtures/starves.mjs");
  while (!program.stderr.includes("\n") && program.child.exitCode === null) await delay(20);
  program.kill("SIGTERM");
  await program.ended;
  assert.match(
    program.stderr,
    /^ray-ts: task starves \(submitted at .*starves\.mjs:15:\d+\) has waited 10 s for CPU 0\.5: free is CPU 0, and a call like hold has CPU 1\. .*\n$/,
  );
});
