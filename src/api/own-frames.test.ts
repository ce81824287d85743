// Errors of ours begin with the user's own frames.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SerializationError } from "../domain/errors.ts";
import { taskError } from "../domain/task-error.ts";
import { told, thrownBy } from "./own-frames.ts";

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
