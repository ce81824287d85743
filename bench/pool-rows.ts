// The rows that are measured on open, warm pools.
import { mustEqual, rate, sumOfAll, type PoolRow } from "./row.ts";
import { mean, quantile } from "./statistics.ts";

const latency: PoolRow = {
  name: "latency",
  on: "pool",
  metrics: [
    { label: "warm call, one at a time: p50", unit: "µs", better: "lower" },
    { label: "warm call, one at a time: p99", unit: "µs", better: "lower" },
    { label: "warm call, one at a time: mean", unit: "µs", better: "lower" },
  ],
  full: { size: 2000, rounds: 7 },
  quick: { size: 300, rounds: 2 },
  warmUp: 300,
  async measure(pool, size) {
    const took: number[] = [];
    let sum = 0;
    for (let x = 0; x < size; x++) {
      const started = performance.now();
      sum += await pool.call("addOne", x);
      took.push((performance.now() - started) * 1000);
    }
    mustEqual(sum, sumOfAll(size), "one call at a time");
    return [quantile(took, 0.5), quantile(took, 0.99), mean(took)];
  },
};

const burst: PoolRow = {
  name: "burst",
  on: "pool",
  metrics: [{ label: "trivial tasks submitted at once", unit: "tasks/s", better: "higher" }],
  full: { size: 50_000, rounds: 5 },
  quick: { size: 5000, rounds: 2 },
  warmUp: 5000,
  async measure(pool, size) {
    return [await rate(size, () => pool.callAll("addOne", size), sumOfAll(size), "tasks at once")];
  },
};

const cpu: PoolRow = {
  name: "cpu",
  on: "pool",
  metrics: [{ label: "tasks of 1 ms of processor time", unit: "tasks/s", better: "higher" }],
  full: { size: 500, rounds: 5 },
  quick: { size: 100, rounds: 2 },
  warmUp: 50,
  async measure(pool, size) {
    return [await rate(size, () => pool.callAll("burn", size), sumOfAll(size), "busy tasks")];
  },
};

const chain: PoolRow = {
  name: "chain",
  on: "pool",
  metrics: [{ label: "chain of dependent tasks", unit: "tasks/s", better: "higher" }],
  full: { size: 5000, rounds: 5 },
  quick: { size: 500, rounds: 2 },
  warmUp: 300,
  async measure(pool, size) {
    return [await rate(size, () => pool.chain(size), size, "the chain")];
  },
};

const nested: PoolRow = {
  name: "nested",
  on: "pool",
  metrics: [{ label: "tasks that each wait for one", unit: "tasks/s", better: "higher" }],
  full: { size: 1000, rounds: 5 },
  quick: { size: 100, rounds: 2 },
  warmUp: 100,
  async measure(pool, size) {
    const { nested } = pool;
    if (nested === undefined) return undefined;
    return [await rate(size, () => nested(size), sumOfAll(size), "nested tasks")];
  },
};

const actorLatency: PoolRow = {
  name: "actor-latency",
  on: "pool",
  metrics: [
    { label: "call of an actor, one at a time: p50", unit: "µs", better: "lower" },
    { label: "call of an actor, one at a time: p99", unit: "µs", better: "lower" },
  ],
  full: { size: 2000, rounds: 7 },
  quick: { size: 300, rounds: 2 },
  warmUp: 300,
  async measure({ actor }, size) {
    if (actor === undefined) return undefined;
    const took: number[] = [];
    for (let call = 0; call < size; call++) {
      const started = performance.now();
      await actor.call();
      took.push((performance.now() - started) * 1000);
    }
    return [quantile(took, 0.5), quantile(took, 0.99)];
  },
};

const actorBurst: PoolRow = {
  name: "actor-burst",
  on: "pool",
  metrics: [{ label: "calls of one actor submitted at once", unit: "calls/s", better: "higher" }],
  full: { size: 50_000, rounds: 5 },
  quick: { size: 5000, rounds: 2 },
  warmUp: 5000,
  async measure({ actor }, size) {
    return actor && [await rate(size, () => actor.callAll(size), size, "calls of one actor")];
  },
};

const actorStart: PoolRow = {
  name: "actor-start",
  on: "pool",
  metrics: [{ label: "actors made, called once and let go, one at a time", unit: "actors/s", better: "higher" }],
  full: { size: 20, rounds: 5 },
  quick: { size: 4, rounds: 2 },
  warmUp: 2,
  async measure({ actor }, size) {
    if (actor === undefined) return undefined;
    const makeAll = async (): Promise<number> => {
      let sum = 0;
      for (let made = 0; made < size; made++) sum += await actor.make();
      return sum;
    };
    return [await rate(size, makeAll, size, "actors")];
  },
};

/** All of them live at the same time: what a program waits for that begins with many. */
const actorCrowd: PoolRow = {
  name: "actor-crowd",
  on: "pool",
  metrics: [{ label: "actors made at once, until each has answered", unit: "actors/s", better: "higher" }],
  full: { size: 50, rounds: 3 },
  quick: { size: 5, rounds: 2 },
  warmUp: 2,
  async measure({ actor }, size) {
    return actor && [await rate(size, () => actor.makeAll(size), size, "a crowd of actors")];
  },
};

export const poolRows: readonly PoolRow[] = [
  latency,
  burst,
  cpu,
  chain,
  nested,
  actorLatency,
  actorBurst,
  actorStart,
  actorCrowd,
];
