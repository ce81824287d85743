// Learning to balance a pole: actors play with policies that lie near the present one, and the driver steps to where the rewards are.
// Evolution strategies, after Salimans et al. 2017: only seeds and rewards travel, since everybody makes the same noise of a seed.
//
//   npx tsx examples/rollouts.ts [iterations] [actors]
import * as ray from "ray-ts";
import { ActorPool } from "ray-ts/parallel";

const iterations = Number(process.argv[2] ?? 10);
const actors = Number(process.argv[3] ?? 4);
/** Of perturbations in an iteration; each is tried to both sides. */
const pairs = 16;
const sigma = 0.5;
const learningRate = 0.5;
/** A rollout that comes so far has succeeded. */
const longest = 500;

function makeRandom(seed: number): () => number {
  let state = (seed + 1) * 48_271;
  return () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
}

/** Normally distributed, the same for the same seed in every process. */
function noiseOf(seed: number): number[] {
  const random = makeRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: 4 }, normal);
}

/** Pushes to one side or the other, by a weighted sum of what it sees. An object with methods, which travels as what it is. */
class Policy {
  readonly weights: readonly number[];

  constructor(weights: readonly number[]) {
    this.weights = weights;
  }

  isRight(state: readonly number[]): boolean {
    return this.weights.reduce((sum, weight, index) => sum + weight * state[index]!, 0) > 0;
  }

  moved(by: number, direction: readonly number[]): Policy {
    return new Policy(this.weights.map((weight, index) => weight + by * direction[index]!));
  }
}

/** A cart with a pole on it, after Barto, Sutton and Anderson 1983. The reward is the number of steps until it falls or leaves. */
function rollout(policy: Policy, random: () => number): number {
  let [x, speed, angle, turning] = [0, 0, 0, 0].map(() => 0.1 * (random() - 0.5)) as [number, number, number, number];
  for (let step = 1; step <= longest; step += 1) {
    const force = policy.isRight([x, speed, angle, turning]) ? 10 : -10;
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const pushed = (force + 0.05 * turning ** 2 * sin) / 1.1;
    const turn = (9.8 * sin - cos * pushed) / (0.5 * (4 / 3 - (0.1 * cos ** 2) / 1.1));
    const speedUp = pushed - (0.05 * turn * cos) / 1.1;
    [x, speed] = [x + 0.02 * speed, speed + 0.02 * speedUp];
    [angle, turning] = [angle + 0.02 * turning, turning + 0.02 * turn];
    if (Math.abs(x) > 2.4 || Math.abs(angle) > 0.2095) return step;
  }
  return longest;
}

interface Tried {
  readonly seed: number;
  /** Of the policies on both sides. */
  readonly rewards: readonly [number, number];
}

class Player {
  /** Both sides begin in the same state. */
  tryPair(policy: Policy, seed: number): Tried {
    const noise = noiseOf(seed);
    const play = (side: number): number => rollout(policy.moved(side * sigma, noise), makeRandom(seed));
    return { seed, rewards: [play(1), play(-1)] };
  }

  evaluate(policy: Policy, seed: number): number {
    const random = makeRandom(seed);
    return Array.from({ length: 10 }, () => rollout(policy, random)).reduce((sum, reward) => sum + reward, 0) / 10;
  }
}

await ray.init({ numCpus: actors });
const players = Array.from({ length: actors }, () => ray.remote(Player).remote());
const pool = new ActorPool(players);

async function meanReward(of: ray.ObjectRef<Policy>): Promise<number> {
  const rewards = await ray.get(players.map((player, seed) => player.evaluate.remote(of, 1_000_000 + seed)));
  return rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
}

let policy = new Policy([0, 0, 0, 0]);
let stored = ray.put(policy);
console.log(`before:       ${(await meanReward(stored)).toFixed(1)} steps`);
for (let iteration = 0; iteration < iterations; iteration += 1) {
  const [current, seeds] = [stored, Array.from({ length: pairs }, (_, pair) => iteration * pairs + pair)];
  let step = new Policy([0, 0, 0, 0]);
  for await (const { seed, rewards } of pool.map((player, each) => player.tryPair.remote(current, each), seeds))
    step = step.moved(Math.sign(rewards[0] - rewards[1]) / pairs, noiseOf(seed));
  policy = policy.moved(learningRate, step.weights);
  stored = ray.put(policy);
  console.log(`iteration ${String(iteration + 1).padStart(2)}: ${(await meanReward(stored)).toFixed(1)} steps`);
}
await ray.shutdown();
