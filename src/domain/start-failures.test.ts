// The texts of errors about processes that could not be started.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OutOfMemoryError, RuntimeEnvSetupError } from "./errors.ts";
import type { WorkerLoss } from "./object.ts";
import { setupFailed } from "./start-failures.ts";

const call = { name: "Counter.constructor", request: { resources: {} }, site: "main.ts:1:2" };
const loss: WorkerLoss = { pid: 0, exitCode: null, signal: null, lastStderr: "" };

test("an actor for whose process there is no memory: what there is, and what to do", () => {
  const error = setupFailed({ ...call, loss: { ...loss, outOfMemory: true, reason: "96 % are in use" } });
  assert.ok(error instanceof OutOfMemoryError);
  assert.match(
    error.message,
    /^Actor Counter got no process, for which the machine has no memory: 96 % are in use\.\n {4}submitted at main\.ts:1:2\n {2}Make fewer actors/,
  );
});

test("where the system allows no more, its limits are named and not the environment", () => {
  const error = setupFailed({ ...call, loss: { ...loss, reason: "a worker could not be started: spawn node EMFILE" } });
  assert.ok(error instanceof RuntimeEnvSetupError);
  assert.match(error.message, /^No process could be started for actor Counter: .* EMFILE\.[^]*ulimit -n/);
  assert.doesNotMatch(error.message, /runtimeEnv/);
});
