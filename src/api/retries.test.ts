// What retry options mean to a backend.
import assert from "node:assert/strict";
import { test } from "node:test";
import { retryPlan } from "./retries.ts";

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
