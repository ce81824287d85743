// The code that the labs share: numbers that must be numpy's, bounds that move one way only, a timeline that can be read.
import assert from "node:assert/strict";
import test from "node:test";
import { RandomState } from "../../labs/random-state.ts";
import { drawSpans, mostAtOnce, processes } from "../../labs/timing.ts";
import { checkEqual, checkRemote, checkSeconds, relaxed } from "../../labs/verify.ts";

test("RandomState gives the numbers that numpy gives", () => {
  const drawn = [5, 6, 7, 8, 9, 10].map((seed) => new RandomState(seed).uniform(0, 4));
  const numpy = [0.88797, 3.57144, 0.30523, 3.49372, 0.0415, 3.08528];
  assert.deepEqual(
    drawn.map((value) => Number(value.toFixed(5))),
    numpy,
  );
});

test("RandomState goes on after one block of its state is used up", () => {
  const random = new RandomState(1);
  const mean = Array.from({ length: 20_000 }, () => random.uniform(0, 1)).reduce((a, b) => a + b, 0) / 20_000;
  assert.ok(Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
});

test("lab 07: the ten tasks end at least 50 ms apart and within 1.5 s", () => {
  const random = new RandomState(3962);
  const free = [0, 0, 0, 0, 0];
  const ends = Array.from({ length: 10 }, () => {
    const at = Math.min(...free);
    const end = at + random.uniform(0.05, 0.75);
    free[free.indexOf(at)] = end;
    return end;
  });
  const sorted = ends.toSorted((a, b) => a - b);
  const gaps = sorted.map((end, index) => end - (sorted[index - 1] ?? 0));
  assert.ok(Math.min(...gaps) >= 0.05);
  assert.ok(Math.max(...ends) <= 1.5);
  assert.notDeepEqual(ends, sorted, "the starter would pass");
});

test("slack moves the upper bound only, by its distance from the ideal", () => {
  const before = process.env["RAY_TS_LAB_SLACK"];
  const bounds = { above: 1, ideal: 1, below: 1.1, tooSlow: "Look at the loop.", tooFast: "Sleep." };
  try {
    delete process.env["RAY_TS_LAB_SLACK"];
    assert.throws(
      () => checkSeconds(1.2, bounds),
      /too slow: it took 1\.200 s, .* less than 1\.1 s\. Look at the loop\./,
    );
    process.env["RAY_TS_LAB_SLACK"] = "3";
    assert.equal(relaxed(bounds), 1.3);
    checkSeconds(1.2, bounds);
    assert.throws(() => checkSeconds(1, bounds), /too fast: .* Sleep\./);
    process.env["RAY_TS_LAB_SLACK"] = "none";
    assert.throws(() => checkSeconds(1.2, bounds), TypeError);
  } finally {
    if (before === undefined) delete process.env["RAY_TS_LAB_SLACK"];
    else process.env["RAY_TS_LAB_SLACK"] = before;
  }
});

test("the usual mistakes have their own messages", () => {
  assert.throws(() => checkRemote({ slow: () => 1 }), /slow is still an ordinary function/);
  assert.throws(
    () =>
      checkRemote({
        Counter: class {
          count = 0;
        },
      }),
    /Counter is still an ordinary class/,
  );
  assert.throws(() => checkEqual([1, 2], [2, 1], "The results"), /The results: expected \[2,1\], got \[1,2\]/);
});

test("spans tell how many ran at once, and where", () => {
  const spans = [
    { pid: 1, startMs: 0, endMs: 10 },
    { pid: 2, startMs: 5, endMs: 15 },
    { pid: 1, startMs: 10, endMs: 20 },
  ];
  assert.equal(mostAtOnce(spans), 2);
  assert.equal(processes(spans), 2);
  const bars = drawSpans(spans).match(/\|.*\|/g);
  assert.deepEqual(
    bars?.map((bar) => bar.length),
    [50, 50, 50],
  );
});
