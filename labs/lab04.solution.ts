// Lab 04, solution: actors.
//
// GOAL. Two counters take half a second for each step, and make five steps each. Let both count at the same time. Each of them has to
// make its own steps one after the other, since every step begins where the last one ended.
//
// THE IDEA. A task forgets everything when it ends. `ray.remote(SomeClass)` makes an actor class: `Counter.remote()` starts a process
// that keeps one object for as long as somebody needs it, and gives you a handle. `counter.increment.remote()` calls a method of the
// object over there, and gives a reference at once, as with tasks. Calls of one actor run one at a time, in the order in which you
// made them, even when the method is async; different actors do not wait for each other.
import * as ray from "ray-ts";
import { drawSpans, mostAtOnce, processes, stopwatch, type Span } from "./timing.ts";
import { check, checkEqual, checkRemote, checkSeconds, checkValues, verify } from "./verify.ts";

await ray.init({ numCpus: 4 });

interface Step extends Span {
  readonly count: number;
}

const Counter = ray.remote(
  class Counter {
    #count = 7;

    reset(): void {
      this.#count = 0;
    }

    async increment(): Promise<Step> {
      const startMs = Date.now();
      await ray.sleep(500);
      this.#count += 1;
      return { count: this.#count, pid: process.pid, startMs, endMs: Date.now() };
    }
  },
);

const elapsed = stopwatch();
const first = Counter.remote();
const second = Counter.remote();
first.reset.remote();
second.reset.remote();
const refs: ray.ObjectRef<Step>[] = [];
for (let i = 0; i < 5; i++) {
  refs.push(first.increment.remote());
  refs.push(second.increment.remote());
}
const steps: Step[] = await ray.get(refs);
const seconds = elapsed();
console.log(`The steps took ${seconds.toFixed(3)} s:\n${drawSpans(steps)}\n`);

// VERIFY
verify(() => {
  checkValues(steps, "The steps");
  const counts = steps.map(({ count }) => count);
  checkEqual(counts, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], "The counts, in the order of the calls");
  checkSeconds(seconds, {
    above: 2.5,
    ideal: 2.5,
    below: 3,
    tooSlow:
      "Call increment.remote() of both counters five times before you wait, and ray.get all the references at once.",
    tooFast: "Each counter has to make five steps of half a second, one after the other.",
  });
  checkRemote({ Counter });
  const sides = [steps.filter((_, index) => index % 2 === 0), steps.filter((_, index) => index % 2 === 1)];
  for (const [index, side] of sides.entries()) {
    check(processes(side) === 1, `Counter ${index} counted in ${processes(side)} processes. An actor has one.`);
    check(mostAtOnce(side) === 1, `Counter ${index} made ${mostAtOnce(side)} steps at the same moment.`);
  }
  check(processes(steps) === 2, "Both counters live in the same process. Make two actors.");
  check(mostAtOnce(steps) === 2, "The two counters never made a step at the same moment.");
  return `counts ${JSON.stringify(counts)} in ${seconds.toFixed(3)} s, in 2 processes.`;
});

await ray.shutdown();
