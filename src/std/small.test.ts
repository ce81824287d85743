// The parts of std that fit in a few lines each: invariant, deferred, random, nearest.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deferred } from "./deferred.ts";
import { invariant, unreachable } from "./invariant.ts";
import { nearest } from "./nearest.ts";
import { randomHex, SeededRandom } from "./random.ts";

test("invariant builds its message only when it is broken", () => {
  invariant(true, () => assert.fail("built"));
  assert.throws(() => invariant(0, () => "holds < 0"), /Broken invariant: holds < 0.*bug in ray-ts/);
});

test("unreachable shows what came, whatever it is", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  assert.throws(
    () => unreachable({ type: "new" } as never, "owner.step"),
    /owner\.step does not know \{"type":"new"\}/,
  );
  assert.throws(() => unreachable(cycle as never), /\[object Object\]/);
  assert.throws(() => unreachable(1n as never), /\[object BigInt\]/);
});

test("deferred settles once, from outside", async () => {
  const ready = deferred<number>();
  ready.resolve(1);
  ready.reject(new Error("late"));
  assert.equal(await ready.promise, 1);
});

test("a seed gives one sequence, its neighbour another, both spread evenly", () => {
  const sequence = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 20_000 }, () => random.below(10));
  };
  assert.deepEqual(sequence(7), sequence(7));
  assert.notDeepEqual(sequence(7).slice(0, 20), sequence(8).slice(0, 20));
  const counts = new Map<number, number>();
  for (const value of sequence(0)) counts.set(value, (counts.get(value) ?? 0) + 1);
  assert.equal(counts.size, 10);
  for (const count of counts.values()) assert.ok(count > 1_700 && count < 2_300, `${count} of about 2000`);
});

test("seeded numbers stay in their bounds", () => {
  const random = new SeededRandom(3);
  for (let turn = 0; turn < 1_000; turn++) {
    const value = random.between(-2, 2);
    assert.ok(Number.isInteger(value) && value >= -2 && value <= 2);
  }
  assert.throws(() => random.pick([]), RangeError);
});

test("random hex has two digits per byte and does not repeat", () => {
  assert.match(randomHex(8), /^[0-9a-f]{16}$/);
  assert.notEqual(randomHex(8), randomHex(8));
});

test("nearest names what was meant, or nothing", () => {
  const options = ["numCpus", "numGpus", "maxRetries", "timeoutMs", "name"];
  const cases: [string, string | undefined][] = [
    ["num_cpus", "numCpus"],
    ["numcpu", "numCpus"],
    ["NUM-GPUS", "numGpus"],
    ["maxRetires", "maxRetries"],
    ["timeout", "timeoutMs"],
    ["timeoutMS", "timeoutMs"],
    ["nmae", "name"],
    ["zzz", undefined],
  ];
  for (const [typed, meant] of cases) assert.equal(nearest(typed, options), meant, typed);
  const short = ["c", "go"];
  for (const [typed, meant] of [
    ["q", undefined],
    ["", undefined],
    ["C", "c"],
    ["cc", "c"],
    ["so", "go"],
    ["og", "go"],
  ] as const)
    assert.equal(nearest(typed, short), meant, typed);
});
