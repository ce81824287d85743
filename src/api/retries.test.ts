// What retry options mean to a backend, and what is written of retries.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeThrown } from "../codec/thrown.ts";
import type { Retry } from "../domain/news.ts";
import { RetryLines, retryPlan } from "./retries.ts";

test("delays: none, the same each time, or longer each time with a random part", () => {
  const delays = [undefined, 0, 7, { baseMs: 1, maxMs: 9 }, { baseMs: 1, maxMs: 9, factor: 3, jitter: false }].map(
    (retryDelayMs) => retryPlan(retryDelayMs === undefined ? {} : { retryDelayMs }, "f").delay,
  );
  assert.deepEqual(delays, [
    undefined,
    undefined,
    { baseMs: 7, maxMs: 7, factor: 1, jitter: false },
    { baseMs: 1, maxMs: 9, factor: 2, jitter: true },
    { baseMs: 1, maxMs: 9, factor: 3, jitter: false },
  ]);
});

test("a policy is shipped once, however often the list of classes is written down", () => {
  const policyOf = (...retryExceptions: (typeof TypeError | typeof RangeError)[]): unknown =>
    retryPlan({ retryExceptions }, "f").policy;
  assert.equal(policyOf(), "none");
  assert.equal(policyOf(TypeError), policyOf(TypeError));
  assert.equal(policyOf(TypeError, RangeError), policyOf(TypeError, RangeError));
  assert.notEqual(policyOf(TypeError, RangeError), policyOf(RangeError, TypeError));
  assert.notEqual(policyOf(TypeError), policyOf(TypeError, RangeError));
});

test("the first retry of a task is told at once, in one line; those that follow soon are counted", (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  const lines = new RetryLines();
  const retry = (change: Partial<Retry>): Retry => ({
    name: "f",
    site: { text: "a.ts:1:2" },
    attempt: 2,
    attemptsMax: 4,
    loss: undefined,
    thrown: encodeThrown(new RangeError("first line\nsecond line")),
    ...change,
  });
  for (let count = 0; count < 5; count += 1) lines.tell(retry({}));
  lines.tell(retry({ name: "g", attemptsMax: undefined, thrown: encodeThrown("a string") }));
  const loss = { pid: 7, exitCode: null, signal: "SIGKILL", lastStderr: "" };
  lines.tell(retry({ name: "h", thrown: undefined, loss }));
  const reason = "its process took 200 MB more";
  lines.tell(retry({ name: "i", thrown: undefined, loss: { ...loss, reason, outOfMemory: true } }));
  lines.tell(retry({ name: "j", thrown: undefined, loss: { ...loss, lastStderr: "heap out of memory" } }));
  lines.tell(retry({ name: "k", thrown: undefined, loss: { ...loss, reason: "a call on it was cancelled by force" } }));
  assert.deepEqual(written, [
    "ray-ts: task f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): RangeError: first line\n",
    "ray-ts: task g, submitted at a.ts:1:2, is tried again (attempt 2): it threw 'a string'\n",
    "ray-ts: task h, submitted at a.ts:1:2, is tried again (attempt 2 of 4): worker process 7 was ended by SIGKILL\n",
    "ray-ts: task i, submitted at a.ts:1:2, is tried again (attempt 2 of 4): it ran out of memory: its process took 200 MB more\n",
    "ray-ts: task j, submitted at a.ts:1:2, is tried again (attempt 2 of 4): it ran out of memory: the heap of worker process 7 was full\n",
    "ray-ts: task k, submitted at a.ts:1:2, is tried again (attempt 2 of 4): worker process 7 had to be ended, because a call on it was cancelled by force\n",
  ]);
});
