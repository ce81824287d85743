// Lab 08, solution: a large value is stored once.
//
// GOAL. Twenty tasks use the same 100 MB. Store them once, and pass the reference.
//
// THE IDEA. `ray.put(value)` stores a value and gives a reference. As an argument it stands for the value, and any number of
// tasks can have it: large arrays lie in shared memory once, and every task gets a view of its own. It may even write into it,
// and nobody else will see.
//
// Without `put` it works too, and the arrays are not stored twenty times either; but they are looked through, and compared with
// what is stored, at each of the twenty calls.
import { deserialize, serialize } from "node:v8";
import * as ray from "ray-ts";
import { RandomState } from "./random-state.ts";
import { stopwatch } from "./timing.ts";
import { check, checkEqual, checkRemote, checkSeconds, isReference, verify } from "./verify.ts";

await ray.init({ numCpus: 4 });

/** What a trained model might look like: 50 layers with 262,144 numbers each, 100 MB together. */
const random = new RandomState(8);
const weights = Object.fromEntries(
  Array.from({ length: 50 }, (_, layer) => [
    `layer${layer}`,
    new Float64Array(262_144).fill(random.uniform(-1, 1)).map((value, index) => value * index),
  ]),
);

// ---------------------------------------------------------------- to look at: what such a value costs

let elapsed = stopwatch();
const stored = ray.put(weights);
console.log(`ray.put        ${elapsed().toFixed(3)} s`);
elapsed = stopwatch();
await ray.get(stored);
console.log(`ray.get        ${elapsed().toFixed(3)} s`);
elapsed = stopwatch();
const bytes = serialize(weights);
console.log(`v8.serialize   ${elapsed().toFixed(3)} s`);
elapsed = stopwatch();
deserialize(bytes);
console.log(`v8.deserialize ${elapsed().toFixed(3)} s`);
stored[Symbol.dispose]();

// ---------------------------------------------------------------- the exercise

const useWeights = ray.remote((_weights: typeof weights, index: number): number => index);

elapsed = stopwatch();
const passed = ray.put(weights);
const results = await ray.get(Array.from({ length: 20 }, (_, index) => useWeights.remote(passed, index)));
const seconds = elapsed();

// VERIFY
verify(() => {
  checkRemote({ useWeights });
  checkEqual(results, [...Array(20).keys()], "The results");
  check(
    isReference(passed),
    "The tasks are passed the weights themselves. Store them once before, and pass what ray.put gives.",
  );
  checkSeconds(seconds, {
    above: 0,
    ideal: 0.2,
    below: 1,
    tooSlow: "Is there one ray.put, before the calls and not in each?",
    tooFast: "",
  });
  return `20 tasks had 100 MB each in ${seconds.toFixed(3)} s.`;
});

await ray.shutdown();
