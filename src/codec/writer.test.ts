// What a writer writes, a reader reads; what nobody wrote ends in Damaged.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Damaged, Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

function written(write: (to: Writer) => void): Uint8Array {
  const to = new Writer();
  to.begin();
  write(to);
  return to.end();
}

const numbers = [0, 1, 63, 64, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER];

it("counts of any size", () => {
  for (const number of numbers) assert.equal(new Reader(written((to) => to.uint(number))).uint(), number);
});

it("numbers, exactly", () => {
  for (const number of [...numbers, ...numbers.map((each) => -each), -0, 0.1, NaN, Infinity, -Infinity, 5e-324]) {
    assert.ok(Object.is(new Reader(written((to) => to.number(number))).number(), number), String(number));
  }
});

it("strings of every sort and length", () => {
  const parts = ["", "a", "é", "€", "\ud800", "\0", "😀"];
  for (const part of parts) {
    for (const length of [1, 20, 63, 64, 65, 5000]) {
      const text = part.repeat(length);
      assert.equal(new Reader(written((to) => to.text(text))).text(), text);
    }
  }
  const odd = `${"x".repeat(100)}\ud800`;
  assert.equal(new Reader(written((to) => to.text(odd))).text(), odd);
});

it("values side by side keep to themselves", () => {
  const to = new Writer();
  const made = Array.from({ length: 3000 }, (_, index) => {
    to.begin();
    to.text("value ".repeat(index % 50) + index);
    return to.end();
  });
  for (const [index, bytes] of made.entries())
    assert.equal(new Reader(bytes).text(), "value ".repeat(index % 50) + index);
});

it("what is abandoned leaves no trace", () => {
  const to = new Writer();
  to.begin();
  to.text("given up");
  to.abandon();
  to.begin();
  to.byte(7);
  assert.deepEqual([...to.end()], [7]);
});

it("lists of numbers", () => {
  const doubles = [0.5, -0, NaN, 1e300];
  assert.deepEqual(new Reader(written((to) => to.doubles(doubles))).doubles(4), doubles);
  assert.deepEqual(new Reader(written((to) => to.ints([0, 255, 7], 1))).ints(3, 1), [0, 255, 7]);
  assert.deepEqual(new Reader(written((to) => to.ints([-1, 2 ** 31 - 1], 4))).ints(2, 4), [-1, 2 ** 31 - 1]);
});

it("damage is told at once", () => {
  const damaged: readonly ((from: Reader) => unknown)[] = [
    (from) => from.text(),
    (from) => from.double(),
    (from) => from.raw(100),
    (from) => from.doubles(1e9),
  ];
  for (const read of damaged) assert.throws(() => read(new Reader(Uint8Array.of(0x3f, 1, 2))), Damaged);
  assert.throws(() => new Reader(new Uint8Array(20).fill(0xff)).uint(), Damaged);
  assert.throws(() => new Reader(Uint8Array.of(0xff, 0x7f)).count(), Damaged);
});
