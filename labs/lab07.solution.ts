// Lab 07, solution: first done, first served.
//
// GOAL. Ten tasks on five CPUs finish in some order that nobody knows before. Handle each result when it arrives.
//
// THE IDEA. `ray.wait(refs)` without a number waits for one. Handle it, and wait again with those that are still pending, until
// none is left. Because this is so usual there is a loop for it, which does the same:
//
//     for await (const ref of ray.asCompleted(refs)) { … }
import * as ray from "ray-ts";
import { RandomState } from "./random-state.ts";
import { stopwatch } from "./timing.ts";
import { check, checkRemote, verify } from "./verify.ts";

await ray.init({ numCpus: 5 });

/** Gives the time at which it was done, in milliseconds, on a clock that all processes of this machine share. */
const work = ray.remote(async (seconds: number): Promise<number> => {
  await ray.sleep(seconds * 1000);
  return Number(process.hrtime.bigint()) / 1e6;
});

// With this seed no two of the ten are done within 50 ms of each other, and all are done in 1.3 s.
const random = new RandomState(3962);
const durations = Array.from({ length: 10 }, () => random.uniform(0.05, 0.75));

const elapsed = stopwatch();
let pending = durations.map((seconds) => work.remote(seconds));
const finished: number[] = [];
while (pending.length > 0) {
  const [ready, rest] = await ray.wait(pending);
  pending = rest;
  finished.push(...(await ray.get(ready)));
  console.log(`${elapsed().toFixed(3)} s: result ${finished.length}`);
}

// VERIFY
verify(() => {
  checkRemote({ work });
  check(finished.length === 10, `There are ${finished.length} results, not ten.`);
  const late = finished.findIndex((atMs, index) => index > 0 && atMs < (finished[index - 1] ?? 0));
  const hint = "Handle the results in the order in which they get ready, not in the order of the calls.";
  check(late === -1, `Result ${late + 1} was done before result ${late}, but was handled after it. ${hint}`);
  return `ten results in the order in which they were done, in ${elapsed().toFixed(3)} s.`;
});

await ray.shutdown();
