// Deque against a plain array, over random histories.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Deque } from "./deque.ts";
import { SeededRandom } from "./random.ts";

test("does what an array does, also across growing and wrapping", () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new SeededRandom(seed);
    const deque = new Deque<number>();
    const model: number[] = [];
    for (let step = 0; step < 500; step++) {
      const operation = random.pick(["push", "push", "push", "unshift", "shift", "pop"] as const);
      if (operation === "push" || operation === "unshift") {
        deque[operation](step);
        model[operation](step);
      } else {
        assert.equal(deque[operation](), model[operation]());
      }
      assert.equal(deque.size, model.length);
      assert.equal(deque.peek(), model[0]);
    }
    assert.deepEqual([...deque], model);
  }
});

test("starts with the items given, and is empty after clear", () => {
  const deque = new Deque(Array.from({ length: 40 }, (_, index) => index));
  assert.equal(deque.size, 40);
  assert.equal(deque.pop(), 39);
  deque.clear();
  assert.equal(deque.size, 0);
  assert.equal(deque.shift(), undefined);
});
