// Heap against sorting, over random histories.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Heap } from "./heap.ts";
import { SeededRandom } from "./random.ts";

test("gives the first by its order at every moment", () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new SeededRandom(seed);
    const heap = new Heap<number>((a, b) => a < b);
    const model: number[] = [];
    for (let step = 0; step < 300; step++) {
      if (random.chance(0.6)) {
        const value = random.below(100);
        heap.push(value);
        model.push(value);
        model.sort((a, b) => a - b);
      } else {
        assert.equal(heap.pop(), model.shift());
      }
      assert.equal(heap.size, model.length);
      assert.equal(heap.peek(), model[0]);
    }
  }
});
