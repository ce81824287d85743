// Lab 11: weights between actors. Run it, change the code, until VERIFY says success twice.
//
// GOAL. Four models learn the same line from different points. Give all of them the mean of their weights. Then let four workers improve
// the parameters of one large model together, which four servers keep a quarter each.
//
// THE IDEA. What an actor returns is a copy: it may change its own array afterwards, and nobody sees that in what he was given. So
// weights are read by one method and written by another. Arrays of numbers pass through shared memory, and are quick to read.
//
// One server of all parameters sends everything alone. Several, with a part each, answer at once and next to each other. A part is
// called a shard.
import * as ray from "ray-ts";
import { RandomState } from "./random-state.ts";
import { stopwatch } from "./timing.ts";
import { check, checkEqual, checkValues, verify } from "./verify.ts";

await ray.init({ numCpus: 4 });

// ---------------------------------------------------------------- part 1: the mean of four models

/** y = slope · x + offset, learned from points near y = 2x + 1 that no other model sees. */
const LinearModel = ray.remote(
  class LinearModel {
    readonly weights = new Float64Array(2);
    readonly random: RandomState;

    constructor(seed: number) {
      this.random = new RandomState(seed);
      this.weights[0] = this.random.uniform(-1, 1);
    }

    train(steps: number): void {
      const [weights, random] = [this.weights, this.random];
      for (let step = 0; step < steps; step++) {
        const x = random.uniform(-1, 1);
        const error = weights[0]! * x + weights[1]! - (2 * x + 1 + random.uniform(-0.1, 0.1));
        weights[0]! -= 0.05 * error * x;
        weights[1]! -= 0.05 * error;
      }
    }

    getWeights(): Float64Array {
      return this.weights;
    }

    setWeights(weights: Float64Array): void {
      // EXERCISE, step 1: take these weights.
      if (weights.length !== this.weights.length)
        throw new RangeError(`${weights.length} weights are not for this model.`);
    }
  },
);

const models = [1, 2, 3, 4].map((seed) => LinearModel.remote(seed));
for (const model of models) model.train.remote(500);
const before: Float64Array[] = await ray.get(models.map((model) => model.getWeights.remote()));

// EXERCISE, step 2: calculate the mean of the weights, and give it to all four models.
const after: Float64Array[] = await ray.get(models.map((model) => model.getWeights.remote()));
for (const [index, [slope, offset]] of after.entries())
  console.log(`Part 1: model ${index} says y = ${slope?.toFixed(4)} x + ${offset?.toFixed(4)}`);

// ---------------------------------------------------------------- part 2: a server in shards

/** 10 MB of numbers, or as many as you say: `npx tsx labs/lab11.ts 12500000` moves 100 MB forty times to and fro. */
const total = Number(process.argv[2] ?? 1_250_000);
const [workers, rounds] = [4, 5];

class ParameterServer {
  readonly parameters: Float64Array;

  constructor(size: number) {
    this.parameters = new Float64Array(size);
  }

  getParameters(): Float64Array {
    return this.parameters;
  }

  update(gradient: Float64Array): void {
    if (gradient.length !== this.parameters.length)
      throw new RangeError(`${gradient.length} numbers cannot be added to ${this.parameters.length}.`);
    for (let index = 0; index < gradient.length; index++) this.parameters[index]! += gradient[index]!;
  }
}
const Server = ray.remote(ParameterServer);

/** Gives the number of parameters that it saw at the end. */
const improve = ray.remote(async (times: number, ...shards: ray.ActorHandle<ParameterServer>[]): Promise<number> => {
  let seen = 0;
  for (let round = 0; round < times; round++) {
    // EXERCISE, step 3: get the parameters of all shards at once.
    const parts: Float64Array[] = [await ray.get(shards[0]!.getParameters.remote())];
    seen = parts.reduce((sum, { length }) => sum + length, 0);
    // Every real gradient depends on the parameters. This one improves each by one.
    const gradient = new Float64Array(seen).fill(1);
    // EXERCISE, step 4: give each shard its part of the gradient, by `gradient.slice(from, to)`, and wait for all of them. Not by
    // `subarray`, which is a view of the whole, and would bring the whole along.
    await ray.get(shards[0]!.update.remote(gradient));
  }
  return seen;
});

// EXERCISE, step 5: make four shards, with a quarter of the parameters each.
const shards = [Server.remote(total)];
const seen = [await ray.get(improve.remote(1, ...shards))];
const elapsed = stopwatch();
seen.push(...(await ray.get(Array.from({ length: workers }, () => improve.remote(rounds, ...shards)))));
const seconds = elapsed();
const parts: Float64Array[] = await ray.get(shards.map((shard) => shard.getParameters.remote()));
console.log(
  `Part 2: ${workers} workers, servers with ${parts.map(({ length }) => length).join(", ")} numbers: ${seconds.toFixed(3)} s.\n`,
);

// VERIFY
verify(() => {
  checkValues(after, "The weights");
  const same = before.every((weights) => String(weights) === String(before[0]));
  check(!same, "The models have the same weights before the mean is taken, so this shows nothing.");
  for (const [index, weights] of after.entries()) {
    const isFirst = weights.every((weight, at) => Object.is(weight, after[0]?.[at]));
    check(
      isFirst,
      `Model ${index} has the weights ${weights.join(", ")}, model 0 ${after[0]?.join(", ")}. Set the mean on all.`,
    );
  }
  const means = [0, 1].map((at) => before.reduce((sum, weights) => sum + weights[at]!, 0) / 4);
  const isMean = means.every((each, at) => Math.abs(each - (after[0]?.[at] ?? Number.NaN)) < 1e-12);
  check(isMean, `All models have the weights ${after[0]?.join(", ")}, but their mean was ${means.join(", ")}.`);
  return `all four say y = ${after[0]?.[0]?.toFixed(4)} x + ${after[0]?.[1]?.toFixed(4)}.`;
}, "part 1");
verify(() => {
  check(shards.length === 4, `There is ${shards.length === 1 ? "one shard" : `${shards.length} shards`}, not four.`);
  check(total % shards.length === 0, `${total} parameters cannot be divided by ${shards.length}.`);
  const lengths = Array<number>(4).fill(total / 4);
  checkEqual(
    parts.map(({ length }) => length),
    lengths,
    "The sizes of the shards",
  );
  checkEqual(seen, Array<number>(workers + 1).fill(total), "The parameters that the workers saw");
  // One call to see that it works, and then all of them.
  const expected = 1 + workers * rounds;
  for (const [index, part] of parts.entries()) {
    const wrong = part.findIndex((each) => each !== expected);
    check(
      wrong === -1,
      `Parameter ${wrong} of shard ${index} is ${part[wrong]}, not ${expected}. Does every worker wait for its updates?`,
    );
  }
  return `${workers} workers added ${rounds} each to ${total} parameters in four shards in ${seconds.toFixed(3)} s.`;
}, "part 2");

await ray.shutdown();
