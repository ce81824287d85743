// What of a hundred workers saying the same is shown, and that nothing of it is lost.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Folding } from "./folding.ts";
import type { Line } from "./styles.ts";

const FOLD_MS = 5_000;
const KNOWN_MAX = 10_000;

/** Whether it is shown, and nothing with it. */
function shows(folding: Folding, line: Line, now: number): boolean {
  const shown = folding.shown(line, now);
  assert.deepEqual(shown, shown.length === 0 ? [] : [line]);
  return shown.length > 0;
}

const line = (pid: number, text: string, name = "f"): Line => ({ to: "stdout", name, pid, text });

describe("folding", () => {
  it("shows what the first worker says, and counts what others repeat", () => {
    const folding = new Folding();
    assert.deepEqual(
      [1, 2, 3, 1].map((pid) => shows(folding, line(pid, "hello"), 0)),
      [true, false, false, false],
    );
    assert.deepEqual(folding.due(FOLD_MS - 1), []);
    assert.equal(folding.next, FOLD_MS);
    assert.deepEqual(folding.due(FOLD_MS), [line(1, "hello [repeated 3× across workers]")]);
    assert.equal(folding.next, undefined);
    assert.equal(shows(folding, line(2, "hello"), FOLD_MS), true);
  });

  it("shows each time what one worker says again and again", () => {
    const folding = new Folding();
    for (let count = 0; count < 3; count += 1) assert.equal(shows(folding, line(1, "."), count), true);
    assert.deepEqual(folding.due(Infinity), []);
  });

  it("tells a single repeat as it was", () => {
    const folding = new Folding();
    assert.equal(shows(folding, line(1, "hello"), 0), true);
    assert.equal(shows(folding, line(2, "hello"), 0), false);
    assert.deepEqual(folding.due(Infinity), [line(2, "hello")]);
  });

  it("keeps the order of each of two workers that print alike", () => {
    const folding = new Folding();
    const said = [1, 2].flatMap((pid) => ["begin", `job ${pid}`, "", "end"].map((text) => line(pid, text)));
    const mixed = [0, 4, 1, 5, 6, 2, 3, 7].map((at) => said[at] as Line);
    const shown = [...mixed.flatMap((each) => folding.shown(each, 0)), ...folding.due(Infinity)];
    for (const pid of [1, 2]) {
      const mine = said.filter((each) => each.pid === pid);
      assert.deepEqual(
        shown.filter((each) => each.pid === pid),
        mine,
      );
    }
  });

  it("keeps the order of each of three while nobody else says the same before one goes on", () => {
    const folding = new Folding();
    const said = [1, 2, 3].flatMap((pid) => ["begin", `job ${pid}`, "end", "bye"].map((text) => line(pid, text)));
    assert.deepEqual(
      said.flatMap((each) => folding.shown(each, 0)),
      said.filter(({ text, pid }) => text !== "bye" || pid === 1),
    );
    assert.deepEqual(folding.due(Infinity), [line(3, "bye [repeated 2× across workers]")]);
  });

  it("keeps together what comes together", () => {
    const folding = new Folding();
    const same = "Error: broken\n    at f (a.ts:1:2)\n    at g (a.ts:3:4)";
    assert.deepEqual(
      [1, 2, 3].map((pid) => shows(folding, line(pid, same), 0)),
      [true, false, false],
    );
    for (const pid of [4, 5, 6, 7]) assert.equal(shows(folding, line(pid, `${same}\n    of ${pid}`), 0), true);
    assert.deepEqual(folding.due(Infinity), [line(3, `${same} [repeated 2× across workers]`)]);
  });

  it("keeps the order of a stream, and knows nothing of that of two", () => {
    const folding = new Folding();
    folding.shown(line(1, "hello"), 0);
    folding.shown(line(2, "hello"), 0);
    const other = { ...line(2, "an error"), to: "stderr" } as const;
    assert.deepEqual(folding.shown(other, 0), [other]);
    assert.deepEqual(folding.shown(line(2, "more"), 0), [line(2, "hello"), line(2, "more")]);
    assert.deepEqual(folding.due(Infinity), []);
  });

  it("of many workers that say the same in turn two repeats are shown in their places, and the others are counted", () => {
    const folding = new Folding();
    const shown = Array.from({ length: 100 }, (_, pid) => [line(pid, "begin"), line(pid, `job ${pid}`)])
      .flat()
      .flatMap((each) => folding.shown(each, 0))
      .filter(({ text }) => text === "begin");
    assert.deepEqual(shown, [line(0, "begin"), line(1, "begin"), line(2, "begin")]);
    assert.deepEqual(folding.due(Infinity), [line(99, "begin [repeated 97× across workers]")]);
  });

  it("tells one repeat more as it was while it is in its order, and else with a number", () => {
    for (const goesOn of [false, true]) {
      const folding = new Folding();
      for (const pid of [1, 2, 3]) for (const text of ["hello", `I am ${pid}`]) folding.shown(line(pid, text), 0);
      assert.equal(shows(folding, line(4, "hello"), 0), false);
      if (goesOn) assert.deepEqual(folding.shown(line(4, "more"), 0), [line(4, "more")]);
      assert.deepEqual(folding.due(Infinity), [line(4, goesOn ? "hello [repeated 1× across workers]" : "hello")]);
    }
  });

  it("tells lines apart by stream, task and every letter, and leaves empty and long ones alone", () => {
    const folding = new Folding();
    const different = [
      line(1, "a 1"),
      line(2, "a 2"),
      line(3, "a 1", "g"),
      { ...line(4, "a 1"), to: "stderr" } as const,
    ];
    for (const text of ["", "  ", "x".repeat(10_001)]) different.push(line(5, text), line(6, text));
    for (const each of different) assert.equal(shows(folding, each, 0), true, each.text);
  });

  it("begins anew when the time is over, and loses no repeat", () => {
    const folding = new Folding();
    shows(folding, line(1, "hello"), 0);
    shows(folding, line(2, "hello"), 0);
    shows(folding, line(3, "hello"), 0);
    assert.equal(shows(folding, line(4, "hello"), FOLD_MS), true);
    assert.equal(shows(folding, line(5, "hello"), FOLD_MS), false);
    assert.equal(folding.next, -Infinity);
    assert.deepEqual(folding.due(FOLD_MS), [line(3, "hello [repeated 2× across workers]")]);
    assert.deepEqual(folding.due(2 * FOLD_MS), [line(5, "hello")]);
  });

  it("remembers no more than so much text, and loses no repeat", () => {
    const folding = new Folding();
    for (const pid of [1, 2, 3]) folding.shown(line(pid, "first"), 0);
    const long = (count: number): string => `${count} `.padEnd(10_000, "x");
    for (let count = 0; count < 1_000; count += 1) shows(folding, line(1, long(count)), 0);
    assert.deepEqual(folding.due(0), [line(3, "first [repeated 2× across workers]")]);
    assert.equal(shows(folding, line(2, long(0)), 0), false, "still known");
    assert.equal(shows(folding, line(3, "first"), 0), true);
  });

  it("remembers only so many lines, and loses no repeat", () => {
    const folding = new Folding();
    shows(folding, line(1, "first"), 0);
    shows(folding, line(2, "first"), 0);
    for (let count = 0; count < KNOWN_MAX; count += 1) shows(folding, line(1, `line ${count}`), 0);
    assert.deepEqual(folding.due(0), [line(2, "first")]);
    assert.equal(shows(folding, line(3, "first"), 0), true);
    assert.equal(shows(folding, line(3, "line 1"), 0), false, "still known");
    assert.equal(shows(folding, line(4, `line ${KNOWN_MAX - 1}`), 0), false, "still known");
  });
});
