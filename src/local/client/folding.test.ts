// What of a hundred workers saying the same is shown, and that nothing of it is lost.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Folding } from "./folding.ts";
import type { Line } from "./styles.ts";

const FOLD_MS = 5_000;
const KNOWN_MAX = 10_000;

const line = (pid: number, text: string, name = "f"): Line => ({ to: "stdout", name, pid, text });

describe("folding", () => {
  it("shows what the first worker says, and counts what others repeat", () => {
    const folding = new Folding();
    assert.deepEqual(
      [1, 2, 3, 1].map((pid) => folding.shows(line(pid, "hello"), 0)),
      [true, false, false, false],
    );
    assert.deepEqual(folding.due(FOLD_MS - 1), []);
    assert.equal(folding.next, FOLD_MS);
    assert.deepEqual(folding.due(FOLD_MS), [line(1, "hello [repeated 3× across workers]")]);
    assert.equal(folding.next, undefined);
    assert.equal(folding.shows(line(2, "hello"), FOLD_MS), true);
  });

  it("shows each time what one worker says again and again", () => {
    const folding = new Folding();
    for (let count = 0; count < 3; count += 1) assert.equal(folding.shows(line(1, "."), count), true);
    assert.deepEqual(folding.due(Infinity), []);
  });

  it("tells a single repeat as it was", () => {
    const folding = new Folding();
    assert.equal(folding.shows(line(1, "hello"), 0), true);
    assert.equal(folding.shows(line(2, "hello"), 0), false);
    assert.deepEqual(folding.due(Infinity), [line(2, "hello")]);
  });

  it("tells lines apart by stream, task and every letter, and leaves empty and long ones alone", () => {
    const folding = new Folding();
    const different = [
      line(1, "a 1"),
      line(2, "a 2"),
      line(3, "a 1", "g"),
      { ...line(4, "a 1"), to: "stderr" } as const,
    ];
    for (const text of ["", "  ", "x".repeat(1_001)]) different.push(line(5, text), line(6, text));
    for (const each of different) assert.equal(folding.shows(each, 0), true, each.text);
  });

  it("begins anew when the time is over, and loses no repeat", () => {
    const folding = new Folding();
    folding.shows(line(1, "hello"), 0);
    folding.shows(line(2, "hello"), 0);
    folding.shows(line(3, "hello"), 0);
    assert.equal(folding.shows(line(4, "hello"), FOLD_MS), true);
    assert.equal(folding.shows(line(5, "hello"), FOLD_MS), false);
    assert.equal(folding.next, -Infinity);
    assert.deepEqual(folding.due(FOLD_MS), [line(3, "hello [repeated 2× across workers]")]);
    assert.deepEqual(folding.due(2 * FOLD_MS), [line(5, "hello")]);
  });

  it("remembers only so many lines, and loses no repeat", () => {
    const folding = new Folding();
    folding.shows(line(1, "first"), 0);
    folding.shows(line(2, "first"), 0);
    for (let count = 0; count < KNOWN_MAX; count += 1) folding.shows(line(1, `line ${count}`), 0);
    assert.deepEqual(folding.due(0), [line(2, "first")]);
    assert.equal(folding.shows(line(3, "first"), 0), true);
    assert.equal(folding.shows(line(3, "line 1"), 0), false, "still known");
    assert.equal(folding.shows(line(4, `line ${KNOWN_MAX - 1}`), 0), false, "still known");
  });
});
