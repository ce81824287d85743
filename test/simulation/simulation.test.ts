// Many random worlds: nothing that must always hold is ever broken in them, and all that should happen in them does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXPECTED, merge, tellCoverage, type Coverage } from "./coverage.ts";
import { mutationNames } from "./mutation.ts";
import { runSeed } from "./run.ts";

const SEEDS = 250;
const EVENTS = 5_000;
const CHECK_EVERY = 16;

test(`${SEEDS} worlds of ${EVENTS} events each`, () => {
  const coverage: Coverage = new Map();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { failure, coverage: counts } = runSeed({ seed, events: EVENTS, checkEvery: CHECK_EVERY });
    assert.equal(failure?.report, undefined);
    merge(coverage, counts);
  }
  const never = EXPECTED.filter((what) => !coverage.has(what));
  assert.deepEqual(never, [], `never happened, among:\n${tellCoverage(coverage).join("\n")}`);
});

test("a seed replays to the same event", () => {
  const lines: string[][] = [[], []];
  for (const told of lines)
    runSeed({ seed: 7, events: 1_000, checkEvery: CHECK_EVERY, live: (line) => void told.push(line) });
  assert.ok(lines[0] !== undefined && lines[0].length > 1_000);
  assert.deepEqual(lines[0], lines[1]);
});

/** A planted fault may do no harm in one world; in one of so many it must. */
const WORLDS_MAX = 300;

for (const name of mutationNames) {
  test(`it is noticed when ${name}`, () => {
    for (let seed = 1; seed <= WORLDS_MAX; seed += 1) {
      // Many faults are of actors, which only some worlds have.
      const limits = { actors: seed % 2 === 0 };
      const { failure, mutated } = runSeed({ seed, events: 1_500, checkEvery: CHECK_EVERY, limits, mutation: name });
      if (failure === undefined) continue;
      assert.ok(mutated, failure.report);
      return;
    }
    assert.fail(`not in ${WORLDS_MAX} worlds`);
  });
}
