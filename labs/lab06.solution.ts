// Lab 06, solution: take what is ready.
//
// GOAL. Six tasks take between 0.04 and 3.6 seconds. Begin to work with the first three results as soon as there are three,
// whichever they are.
//
// THE IDEA. `ray.get` waits for everything you give it. `ray.wait(refs, { numReturns: 3 })` waits for any three, and gives two
// arrays of references: those that are ready and those that are not, both in the order of `refs`. Add `timeoutMs` to wait no
// longer than that.
import * as ray from "ray-ts";
import { RandomState } from "./random-state.ts";
import { stopwatch } from "./timing.ts";
import { check, checkEqual, checkRemote, checkSeconds, verify } from "./verify.ts";

await ray.init({ numCpus: 6 });

interface Finished {
  readonly index: number;
  /** On a clock that all processes of this machine share. */
  readonly atMs: number;
}

const simulate = ray.remote(async (index: number, seconds: number): Promise<Finished> => {
  await ray.sleep(seconds * 1000);
  return { index, atMs: Number(process.hrtime.bigint()) / 1e6 };
});

const durations = [5, 6, 7, 8, 9, 10].map((seed) => new RandomState(seed).uniform(0, 4));
const elapsed = stopwatch();
const refs = durations.map((seconds, index) => simulate.remote(index, seconds));
const [ready, pending] = await ray.wait(refs, { numReturns: 3 });
const initial: Finished[] = await ray.get(ready);
const seconds = elapsed();
console.log(`After ${seconds.toFixed(3)} s: results of ${initial.map(({ index }) => index).join(", ")}.`);

const remaining: Finished[] = await ray.get(pending);
console.log(`After ${elapsed().toFixed(3)} s: results of ${remaining.map(({ index }) => index).join(", ")}.`);

// VERIFY
verify(() => {
  checkRemote({ simulate });
  check(initial.length === 3, `There are ${initial.length} initial results. Wait for exactly three.`);
  check(remaining.length === 3, `There are ${remaining.length} remaining results. Keep the other three for later.`);
  const all = [...initial, ...remaining].map(({ index }) => index).sort((a, b) => a - b);
  checkEqual(all, [0, 1, 2, 3, 4, 5], "The indices of all results");
  checkSeconds(seconds, {
    above: 0.8,
    ideal: 0.888,
    below: 1.5,
    tooSlow:
      "Do not wait for the first three that were started: wait for the first three that are ready, with ray.wait.",
    tooFast: "The third result is not there before 0.888 s.",
  });
  const lastInitial = Math.max(...initial.map(({ atMs }) => atMs));
  const firstRemaining = Math.min(...remaining.map(({ atMs }) => atMs));
  check(lastInitial < firstRemaining, "One of the remaining results was there before one of the initial ones.");
  return `${initial.map(({ index }) => index).join(", ")} were ready after ${seconds.toFixed(3)} s.`;
});

await ray.shutdown();
