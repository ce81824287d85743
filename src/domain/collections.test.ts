// In which ticks garbage is collected for those that wait for what actors have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Collections } from "./collections.ts";

/** The ticks, counted from 1, in which it is time to collect. */
function ticks(collections: Collections, count: number, waits = true, letGo = 0): number[] {
  return Array.from({ length: count }, (_, index) => (collections.tick(letGo, waits) ? index + 1 : 0)).filter(Boolean);
}

test("as long as somebody waits: twice, since what is found first may keep a handle, and then after pauses that double up to half a minute", () => {
  const collections = new Collections();
  assert.deepEqual(ticks(collections, 1_200), [2, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1_111]);
});

test("never while nobody waits for what actors have, nor for a moment's wait", () => {
  const collections = new Collections();
  assert.deepEqual(ticks(collections, 1_000, false), []);
  for (let round = 0; round < 10; round += 1)
    assert.deepEqual([...ticks(collections, 1), ...ticks(collections, 1, false)], []);
});

test("soon again when an actor has gone since that nobody held", () => {
  const collections = new Collections();
  assert.deepEqual(ticks(collections, 14), [2, 3, 7]);
  assert.deepEqual(ticks(collections, 3, true, 1), [2, 3]);
});

test("those that wait again and again for actors that live do not begin anew each time, but after a rest", () => {
  const collections = new Collections();
  assert.deepEqual(ticks(collections, 31), [2, 3, 7, 15, 31]);
  assert.deepEqual(ticks(collections, 10, false), []);
  assert.deepEqual(ticks(collections, 40), [32]);
  assert.equal(collections.rests, false);
  assert.deepEqual(ticks(collections, 200, false), []);
  assert.equal(collections.rests, true);
  assert.deepEqual(ticks(collections, 3), [2, 3]);
});
