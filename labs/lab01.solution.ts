// Lab 01, solution: four calls at once.
//
// GOAL. A function takes one second. Called four times in a loop it takes four. Run the four calls at once instead.
//
// THE IDEA. `ray.remote(fn)` makes a remote function. `fn.remote(…)` does not wait: it sends the call to a worker process and
// gives you a reference to the result, which does not exist yet. `await ray.get(refs)` waits for the values.
import * as ray from "ray-ts";
import { drawSpans, mostAtOnce, processes, stopwatch, type Span } from "./timing.ts";
import { check, checkEqual, checkRemote, checkSeconds, checkValues, verify } from "./verify.ts";

// Four logical CPUs: up to four calls run at the same moment. Their workers are ready when `init` is done.
await ray.init({ numCpus: 4 });

interface Call extends Span {
  readonly i: number;
}

/** Stands for any slow work. Sleeping needs no processor, so four at once are no slower on a small machine. */
const slowFunction = ray.remote(async (i: number): Promise<Call> => {
  const startMs = Date.now();
  await ray.sleep(1000);
  return { i, pid: process.pid, startMs, endMs: Date.now() };
});

// First, for comparison, the way it was: one call after the other, in this process. `.local` is the function you wrapped.
const serialSeconds = stopwatch();
const serialCalls: Call[] = [];
for (let i = 0; i < 4; i++) serialCalls.push(await slowFunction.local(i));
console.log(`The serial loop took ${serialSeconds().toFixed(3)} s:\n${drawSpans(serialCalls)}\n`);

// Then all four at once. No `await` in the loop: start everything first, wait once at the end.
const elapsed = stopwatch();
const refs = [];
for (let i = 0; i < 4; i++) refs.push(slowFunction.remote(i));
const calls: Call[] = await ray.get(refs);
const seconds = elapsed();
console.log(`The remote calls took ${seconds.toFixed(3)} s:\n${drawSpans(calls)}\n`);

// VERIFY
verify(() => {
  checkValues(calls, "The results");
  const order = calls.map(({ i }) => i);
  checkEqual(order, [0, 1, 2, 3], "The results, in order");
  checkSeconds(seconds, {
    above: 1,
    ideal: 1,
    below: 1.1,
    tooSlow:
      "Start all four calls with slowFunction.remote(i) before you wait, and call ray.get once, on the whole array.",
    tooFast: "Each call has to sleep for a whole second.",
  });
  checkRemote({ slowFunction });
  check(processes(calls) === 4, `The four calls ran in ${processes(calls)} processes, not in four.`);
  check(mostAtOnce(calls) === 4, `Only ${mostAtOnce(calls)} calls were running at the same moment.`);
  return `results ${JSON.stringify(order)} in ${seconds.toFixed(3)} s, in 4 processes, all at the same time.`;
});

await ray.shutdown();
