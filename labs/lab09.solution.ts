// Lab 09, solution: calls and actors that need a GPU.
//
// GOAL. Each of three calls needs a GPU for itself, and there are two. Let two of them run at once, each on a GPU of its own, and the
// third one when a GPU is free. Then give each of two actors a GPU for as long as it lives.
//
// THE IDEA. `ray.remote(fn, { numGpus: 1 })` says what each call of `fn` needs. A call begins when that much is free, is told by
// `ray.getGpuIds()` which GPUs it has, and gives them back at its end. GPUs are counted and numbered, not touched: libraries find the
// right ones by themselves, since `CUDA_VISIBLE_DEVICES` names those of the call for as long as it runs. `ray.init` finds out how many
// there are; here we claim two. An actor class takes the same option, and an actor gives its GPU back when it ends.
import * as ray from "ray-ts";
import { drawSpans, mostAtOnce, stopwatch, type Span } from "./timing.ts";
import { check, checkEqual, checkRemote, checkValues, verify } from "./verify.ts";

// Four calls may run at once, but only two of those that need a GPU. On a machine without GPUs this works just as well.
await ray.init({ numCpus: 4, numGpus: 2 });

interface Call extends Span {
  /** The GPUs that were given to the call. */
  readonly gpus: number[];
  /** The same as libraries see it. */
  readonly visible: string | undefined;
}

// ---------------------------------------------------------------- part 1: calls

/** Stands for half a second of work on a GPU. */
const work = ray.remote(
  async (): Promise<Call> => {
    const startMs = Date.now();
    const [gpus, visible] = [ray.getGpuIds(), process.env["CUDA_VISIBLE_DEVICES"]];
    await ray.sleep(500);
    return { gpus, visible, pid: process.pid, startMs, endMs: Date.now() };
  },
  { numGpus: 1 },
);

const elapsed = stopwatch();
const calls = await ray.get([0, 1, 2].map(() => work.remote()));
const seconds = elapsed();
calls.forEach(({ gpus }, index) => console.log(`call ${index} has the GPUs [${gpus.join(", ")}]`));
console.log(`Part 1: the calls took ${seconds.toFixed(3)} s:\n${drawSpans(calls)}\n`);

// ---------------------------------------------------------------- part 2: actors

/** A model on a GPU, say, which is loaded once and asked often. */
const Model = ray.remote(
  class Model {
    gpus(): Pick<Call, "gpus" | "visible"> {
      return { gpus: ray.getGpuIds(), visible: process.env["CUDA_VISIBLE_DEVICES"] };
    }
  },
  { numGpus: 1 },
);

const models = [Model.remote(), Model.remote()] as const;
// Each is asked twice.
const held = await ray.get([...models, ...models].map((model) => model.gpus.remote()));
held.slice(0, 2).forEach(({ gpus }, index) => console.log(`model ${index} has the GPUs [${gpus.join(", ")}]`));

// Both GPUs are taken now, although both models have nothing to do. One more call has to wait until there is one model less.
const call = work.remote();
const [early] = await ray.wait([call], { timeoutMs: 700 });
await ray.kill(models[0]);
const { gpus: free } = await ray.get(call);
console.log(`Part 2: after the end of model 0 the call has the GPUs [${free.join(", ")}]\n`);

// VERIFY
verify(() => {
  checkRemote({ work });
  checkValues(calls, "The results");
  for (const [index, { gpus, visible }] of calls.entries()) {
    const hint = "What a call needs is the second argument of ray.remote: { numGpus: 1 }.";
    check(gpus.length === 1, `Call ${index} was given ${gpus.length} GPUs, not one. ${hint}`);
    check(
      visible === String(gpus[0]),
      `In call ${index} libraries see the GPUs ${visible}, but it was given ${gpus.join(", ")}.`,
    );
  }
  check(
    seconds > 1,
    `too fast: it took ${seconds.toFixed(3)} s, but on two GPUs the third call has to wait for half a second.`,
  );
  const ids = new Set(calls.flatMap(({ gpus }) => gpus));
  check(ids.size <= 2, `There are two GPUs, but the calls were given ${ids.size}.`);
  for (const id of ids) {
    const atOnce = mostAtOnce(calls.filter(({ gpus }) => gpus.includes(id)));
    check(atOnce === 1, `${atOnce} calls had the GPU ${id} at the same moment.`);
  }
  return `three calls with one GPU each, two at a time, in ${seconds.toFixed(3)} s.`;
}, "part 1");
verify(() => {
  checkRemote({ Model });
  const [one, other, ...again] = held;
  for (const [index, { gpus, visible }] of held.slice(0, 2).entries()) {
    const hint = "What an actor needs is the second argument of ray.remote, as with functions: { numGpus: 1 }.";
    check(gpus.length === 1, `Model ${index} was given ${gpus.length} GPUs, not one. ${hint}`);
    check(visible === String(gpus[0]), `In model ${index} libraries see the GPUs ${visible}.`);
  }
  check(one?.gpus[0] !== other?.gpus[0], `Both models have the GPU ${one?.gpus[0]}.`);
  checkEqual(again, [one, other], "The GPUs of both models, asked again");
  check(early.length === 0, "The call had a GPU while both were taken by the models. Does it say that it needs one?");
  checkEqual(free, one?.gpus, "The GPU of the call, and of the model that had ended");
  return `each model had a GPU for its life, and gave back ${free[0]} at its end.`;
}, "part 2");

await ray.shutdown();
