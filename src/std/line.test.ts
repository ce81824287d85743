// A queue that items leave from the middle, compared with a plain list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Line } from "./line.ts";
import { SeededRandom } from "./random.ts";

interface Item {
  readonly number: number;
  waits: boolean;
}

test("whatever comes, goes and leaves, in any order, it is the queue without those that left", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = new SeededRandom(seed);
    const line = new Line<Item>((item) => item.waits);
    const plain: Item[] = [];
    for (let number = 0; number < 500; number += 1) {
      const roll = random.below(10);
      const item = { number, waits: true };
      if (roll < 3) {
        line.push(item);
        plain.push(item);
      } else if (roll < 4) {
        line.unshift(item);
        plain.unshift(item);
      } else if (roll < 6) {
        assert.equal(line.shift(), plain.shift());
      } else if (plain.length > 0) {
        const [left] = plain.splice(random.below(plain.length), 1);
        assert.ok(left !== undefined);
        left.waits = false;
        line.left();
      }
      assert.equal(line.size, plain.length);
      assert.equal(line.peek(), plain[0]);
      assert.deepEqual([...line], plain);
    }
  }
});

test("leaving a long line costs the same wherever one stands, and nothing of it is kept", () => {
  const line = new Line<Item>((item) => item.waits);
  let looks = 0;
  const items = Array.from({ length: 100_000 }, (_, number) => ({
    number,
    gone: false,
    get waits() {
      looks += 1;
      return !this.gone;
    },
  }));
  for (const item of items) line.push(item);
  for (const item of items.toReversed()) {
    item.gone = true;
    line.left();
  }
  assert.equal(line.size, 0);
  assert.ok(looks < 3 * items.length, `looked at ${looks} items`);
});
