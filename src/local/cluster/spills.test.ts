// What goes from memory to the disk, and when.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Spills } from "./spills.ts";

function made(most: number): { spills: Spills; asked: string[]; take(): string[] } {
  const asked: string[] = [];
  const spills = new Spills(most, (id) => asked.push(id));
  return { spills, asked, take: () => asked.splice(0) };
}

it("moves what was not used for longest, until a fifth is free", () => {
  const { spills, take } = made(100);
  for (const id of ["a", "b", "c", "d"]) spills.add(id, 20);
  assert.deepEqual(take(), []);
  spills.use("a");
  spills.add("e", 20);
  assert.deepEqual(take(), ["b"]);
  spills.spilled("b", true);
  spills.check();
  assert.equal(spills.freedBytes, 20);
  assert.deepEqual(take(), []);
});

it("moves two at a time", () => {
  const { spills, take } = made(100);
  for (const id of ["a", "b", "c", "d", "e", "f", "g", "h"]) spills.add(id, 20);
  assert.deepEqual(take(), ["a", "b"]);
  spills.spilled("b", true);
  assert.deepEqual(take(), ["c"]);
  spills.spilled("a", true);
  assert.deepEqual(take(), ["d"]);
  spills.check();
});

it("does not go on when enough has gone by itself", () => {
  const { spills, take } = made(100);
  for (const id of ["a", "b", "c", "d", "e"]) spills.add(id, 20);
  assert.deepEqual(take(), ["a"]);
  spills.remove("c");
  spills.remove("a");
  spills.spilled("a", true);
  spills.check();
  assert.equal(spills.freedBytes, 40);
  assert.deepEqual(take(), []);
});

it("tries again with a tick when the disk did not take something", () => {
  const { spills, take } = made(100);
  for (const id of ["a", "b", "c", "d", "e"]) spills.add(id, 20);
  assert.deepEqual(take(), ["a"]);
  spills.spilled("a", false);
  spills.add("f", 20);
  assert.deepEqual(take(), []);
  spills.tick();
  assert.deepEqual(take(), ["a", "b"]);
  spills.check();
});

it("asks for garbage as long as there is too little room, now and then", () => {
  const { spills } = made(100);
  spills.add("a", 81);
  const asked = Array.from({ length: 21 }, () => spills.tick());
  assert.deepEqual(
    asked.flatMap((yes, index) => (yes ? [index] : [])),
    [0, 10, 20],
  );
  spills.remove("a");
  assert.equal(spills.tick(), false);
});

it("asks for garbage at the next tick when somebody has found no room", () => {
  const { spills } = made(100);
  assert.equal(spills.tick(), false);
  spills.full();
  spills.full();
  assert.deepEqual([spills.tick(), spills.tick()], [true, false]);
  spills.full();
  assert.equal(spills.tick(), true);
});
