// Who is late, at given times.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Expected } from "./expected.ts";

const COMING_MS = timeOfOne();

function timeOfOne(): number {
  const expected = new Expected();
  expected.add(1, 0);
  return expected.dueMs ?? 0;
}

it("gives who has been told his time from when those before him have come, however many they are", () => {
  const expected = new Expected();
  for (let turn = 1; turn <= 5_000; turn += 1) expected.add(turn, 0);
  for (let turn = 1; turn < 5_000; turn += 1) {
    assert.deepEqual(expected.takeLate(turn), []);
    expected.came(turn, turn);
  }
  assert.equal(expected.dueMs, 4_999 + COMING_MS);
  assert.deepEqual(expected.takeLate(4_998 + COMING_MS), []);
  assert.deepEqual(expected.takeLate(4_999 + COMING_MS), [5_000]);
  assert.equal(expected.dueMs, undefined);
});

it("waits for the first no longer because others come, and gives up who was told when he was", () => {
  const expected = new Expected();
  for (const turn of [1, 2, 3]) expected.add(turn, 0);
  expected.add(4, 500);
  expected.came(2, 900);
  assert.equal(expected.countBefore(4), 2);
  assert.deepEqual(expected.takeLate(COMING_MS), [1, 3]);
  assert.equal(expected.dueMs, 2 * COMING_MS);
  assert.equal(expected.size, 1);
});
