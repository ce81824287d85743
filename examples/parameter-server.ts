// Learning to read digits with a parameter server: shards keep the weights, workers calculate gradients. First in step, where every round
// waits for the slowest worker; then each at its own pace. Weights and gradients go from actor to actor; the driver sees references.
//
//   npx tsx examples/parameter-server.ts [gradients]
import * as ray from "ray-ts";

const gradients = Number(process.argv[2] ?? 240);
const batch = 50;
const learningRate = 0.5;

// ---------------------------------------------------------------- digits, and a model that reads them

const glyphs = [
  "01110 10001 10011 10101 11001 10001 01110",
  "00100 01100 00100 00100 00100 00100 01110",
  "01110 10001 00001 00010 00100 01000 11111",
  "11111 00010 00100 00010 00001 10001 01110",
  "00010 00110 01010 10010 11111 00010 00010",
  "11111 10000 11110 00001 00001 10001 01110",
  "00110 01000 10000 11110 10001 10001 01110",
  "11111 00001 00010 00100 01000 01000 01000",
  "01110 10001 10001 01110 10001 10001 01110",
  "01110 10001 10001 01111 00001 00010 01100",
].map((rows) => rows.replaceAll(" ", "").split("").map(Number));

/** Of a glyph, and one that is always 1. */
const pixels = 36;
const digits = 10;

function makeRandom(seed: number): () => number {
  let state = (seed + 1) * 48_271;
  return () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
}

/** A digit as a bad scanner sees it. */
function scan(random: () => number): { image: Float64Array; digit: number } {
  const digit = Math.floor(random() * digits);
  const glyph = glyphs[digit] as number[];
  const image = Float64Array.from([...glyph, 1], (ink) => ink + 2.2 * (random() - 0.5));
  return { image, digit };
}

/** How likely each digit is. The weights of one pixel, for all digits, lie next to each other. */
function read(weights: Float64Array, image: Float64Array): Float64Array {
  const scores = new Float64Array(digits);
  image.forEach((ink, pixel) => {
    for (let digit = 0; digit < digits; digit += 1) scores[digit]! += ink * weights[pixel * digits + digit]!;
  });
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((total, each) => total + each, 0);
  return powers.map((each) => each / sum);
}

function accuracy(weights: Float64Array): number {
  const random = makeRandom(999);
  const read500 = Array.from({ length: 500 }, () => {
    const { image, digit } = scan(random);
    const likely = read(weights, image);
    return likely.indexOf(Math.max(...likely)) === digit;
  });
  return read500.filter(Boolean).length / read500.length;
}

// ---------------------------------------------------------------- actors

const shards = 2;
const size = (pixels * digits) / shards;

/** Keeps a part of the weights. */
class Shard {
  readonly weights = new Float64Array(size);

  getWeights(): Float64Array {
    return this.weights;
  }

  apply(gradient: Float64Array): void {
    for (let index = 0; index < size; index += 1) this.weights[index]! -= learningRate * gradient[index]!;
  }
}

/** Has digits of its own. */
class Reader {
  readonly random: () => number;
  readonly pauseMs: number;

  constructor(seed: number, pauseMs: number) {
    this.random = makeRandom(seed);
    this.pauseMs = pauseMs;
  }

  /** Takes the weights of all shards, and gives the gradient in as many parts. */
  async computeGradient(...parts: Float64Array[]): Promise<Float64Array[]> {
    await ray.sleep(this.pauseMs);
    const weights = new Float64Array(pixels * digits);
    parts.forEach((part, index) => weights.set(part, index * size));
    const gradient = new Float64Array(pixels * digits);
    for (let example = 0; example < batch; example += 1) {
      const { image, digit } = scan(this.random);
      const error = read(weights, image);
      error[digit]! -= 1;
      image.forEach((ink, pixel) => {
        for (let each = 0; each < digits; each += 1) gradient[pixel * digits + each]! += (ink * error[each]!) / batch;
      });
    }
    return Array.from({ length: shards }, (_, index) => gradient.slice(index * size, (index + 1) * size));
  }
}

interface Team {
  readonly servers: ray.ActorHandle<Shard>[];
  readonly workers: ray.ActorHandle<Reader>[];
  readonly done: number[];
}

/** The second worker is slower than the first. */
function makeTeam(): Team {
  const servers = Array.from({ length: shards }, () => ray.remote(Shard).remote());
  const workers = [1, 40].map((pauseMs, seed) => ray.remote(Reader).remote(seed, pauseMs));
  return { servers, workers, done: workers.map(() => 0) };
}

/** The parts of a gradient by the weights as they are now, one part for each shard. */
function begin({ servers, workers, done }: Team, worker: number): ray.ObjectRef<Float64Array>[] {
  done[worker]! += 1;
  const weights = servers.map((server) => server.getWeights.remote());
  return workers[worker]!.computeGradient.options({ numReturns: shards }).remote(...weights);
}

function apply({ servers }: Team, parts: ray.ObjectRef<Float64Array>[]): ray.ObjectRef<void>[] {
  return servers.map((server, index) => server.apply.remote(parts[index]!));
}

async function report(what: string, { servers, done }: Team): Promise<void> {
  const parts = await ray.get(servers.map((server) => server.getWeights.remote()));
  const percent = (100 * accuracy(Float64Array.from(parts.flatMap((part) => [...part])))).toFixed(1);
  console.log(`${what}: reads ${percent} % of the digits; gradients of each worker: ${done.join(", ")}`);
}

// ---------------------------------------------------------------- two ways to learn

/** Each round begins when all of the last one is in the weights. */
async function inStep(team: Team): Promise<void> {
  for (let round = 0; round < gradients / team.workers.length; round += 1) {
    const parts = team.workers.map((_, worker) => begin(team, worker));
    await ray.get(parts.flatMap((each) => apply(team, each)));
  }
}

/** Whoever has a gradient ready gets the next weights, and does not wait for others. */
async function atOwnPace(team: Team): Promise<void> {
  const running = new Map(team.workers.map((_, worker) => start(team, worker)));
  for (let applied = 0; applied < gradients; applied += 1) {
    const [[first]] = await ray.wait([...running.keys()]);
    const { worker, parts } = running.get(first!)!;
    running.delete(first!);
    apply(team, parts);
    if (applied + running.size + 1 < gradients) running.set(...start(team, worker));
  }
}

type Running = { worker: number; parts: ray.ObjectRef<Float64Array>[] };

function start(team: Team, worker: number): [ray.ObjectRef<Float64Array>, Running] {
  const parts = begin(team, worker);
  return [parts[0]!, { worker, parts }];
}

await ray.init({ numCpus: 4 });
const [together, apart] = [makeTeam(), makeTeam()];
await report("before", together);
await inStep(together);
await report("in step", together);
await atOwnPace(apart);
await report("at their own pace", apart);
await ray.shutdown();
