// What is left of a stack: the user's own frames.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SerializationError } from "../domain/errors.ts";
import { taskError } from "../domain/task-error.ts";
import { told, thrownBy, withoutOwnFrames } from "./own-frames.ts";

const here = new URL("../", import.meta.url).href;

const stack = [
  "TypeError: no",
  `    at notARef (${here}api/mistakes.js:1:2)`,
  "    at sum (file:///app/main.ts:3:4)",
  `    at invokeTask (${here}api/execute.js:82:20)`,
  "    at AsyncLocalStorage.run (node:async_hooks:346:14)",
].join("\n");

test("frames of the package go, and all that is below the start of a task", () => {
  assert.equal(withoutOwnFrames(stack), "TypeError: no\n    at sum (file:///app/main.ts:3:4)");
});

test("a function of the user that is called as ours stays", () => {
  const own = "Error: x\n    at invokeTask (file:///app/api/execute.js:1:1)\n    at main (file:///app/main.js:1:1)";
  assert.equal(withoutOwnFrames(own), own);
});

test("source maps write paths instead of URLs", () => {
  const path = new URL("../", import.meta.url).pathname;
  assert.equal(
    withoutOwnFrames(`Error: x\n    at a (${path}api/get.ts:1:1)\n    at b (/app/b.ts:1:1)`),
    "Error: x\n    at b (/app/b.ts:1:1)",
  );
});

test("told keeps as many frames as there would have been, and the limit", () => {
  const before = Error.stackTraceLimit;
  const deep = (depth: number): Error => (depth === 0 ? told(() => new Error("deep")) : deep(depth - 1));
  const frames = deep(30).stack?.split("\n").slice(1) ?? [];
  assert.equal(frames.length, before);
  assert.equal(Error.stackTraceLimit, before);
  assert.throws(() =>
    told(() => {
      throw new Error("none is made");
    }),
  );
  assert.equal(Error.stackTraceLimit, before);
});

test("thrownBy moves errors of ours to the call, and leaves those of others and of tasks alone", () => {
  const callee = (error: Error): unknown => thrownBy(callee, error);
  const caller = (error: Error): unknown => callee(error);
  const refused = new SerializationError("no");
  caller(refused);
  assert.match(refused.stack ?? "", /^SerializationError: no\n {4}at caller /);
  const thrown = new Error("theirs");
  const task = taskError({
    thrown,
    functionName: "f",
    by: "function",
    attempts: 1,
    submittedAt: "",
    workerPid: 1,
    remoteStack: "",
  });
  for (const other of [thrown, task]) {
    const { stack: before } = other;
    caller(other);
    assert.equal(other.stack, before);
  }
});
