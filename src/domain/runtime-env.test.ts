// What processes have in common, and what makes them differ.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOfEnv, mergedEnv, noEnv, normalEnv } from "./runtime-env.ts";

test("equal environments have one key, however they are written", () => {
  const one = normalEnv({ envVars: { B: "2", A: "1" }, execArgv: [] });
  const other = normalEnv({ setup: undefined, envVars: { A: "1", B: "2" } });
  assert.equal(keyOfEnv(one), keyOfEnv(other));
  assert.equal(keyOfEnv(normalEnv({})), keyOfEnv(noEnv));
  assert.notEqual(keyOfEnv(one), keyOfEnv(normalEnv({ envVars: { A: "1", B: "3" } })));
});

test("the inner one wins, variable by variable", () => {
  const outer = normalEnv({ envVars: { A: "1", B: "2" }, workingDir: "/a", execArgv: ["--one"] });
  const inner = normalEnv({ envVars: { B: "3" }, execArgv: ["--two"], setup: "file:///s.mjs" });
  assert.deepEqual(mergedEnv(outer, inner), {
    envVars: { A: "1", B: "3" },
    workingDir: "/a",
    execArgv: ["--two"],
    setup: "file:///s.mjs",
  });
  assert.deepEqual(mergedEnv(outer, noEnv), outer);
  assert.deepEqual(mergedEnv(noEnv, inner), inner);
});
