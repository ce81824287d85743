// In which order, and how deep.
import assert from "node:assert/strict";
import { test } from "node:test";
import { afterAnother } from "./after-another.ts";

test("what one gives comes after it, in order, however long the chain", () => {
  const seen: number[] = [];
  const visit = afterAnother<number>((n) => {
    if (n < 100_000) visit(n + 2);
    if (n === 0) visit(1);
    seen.push(n);
  });
  visit(0);
  assert.deepEqual(seen.slice(0, 5), [0, 2, 1, 4, 3]);
  assert.equal(seen.length, 100_002);
});
