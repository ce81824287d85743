// Lab 03: tasks that start tasks. Run it, change the code, until VERIFY says success twice.
//
// GOAL. Three models are trained, each in ten rounds, each round with two gradients. Train the three side by side, and in every
// round calculate the two gradients side by side as well.
//
// THE IDEA. Inside a task you may do all that you may do outside: call `.remote`, call `ray.get`. A task that waits in `ray.get`
// gives its CPU to others meanwhile, so tasks that wait for tasks cannot block each other.
import * as ray from "ray-ts";
import { knownNames, startPages, writeWiki } from "./mini-wiki.ts";
import { stopwatch } from "./timing.ts";
import { check, checkEqual, checkRemote, checkSeconds, relaxed, verify } from "./verify.ts";

// Three trainings and six gradients: nine at once.
await ray.init({ numCpus: 9 });

// ---------------------------------------------------------------- part 1: gradients

interface Settings {
  readonly learningRate: number;
  readonly batch: number;
}

// EXERCISE, step 1: make these two remote functions, and start the two gradients of a round together.
const computeGradient = async (_batch: number, _model: number): Promise<number> => {
  await ray.sleep(30);
  return 1;
};

const trainModel = async ({ batch }: Settings): Promise<number> => {
  let model = 0;
  for (let round = 0; round < 10; round++) {
    const gradients = [await computeGradient(batch, model), await computeGradient(batch, model)];
    for (const gradient of gradients) model += gradient;
  }
  return model;
};

// EXERCISE, step 2: start the three trainings together.
const settings: Settings[] = [0.1, 0.01, 0.001].map((learningRate) => ({ learningRate, batch: 100 }));
const elapsed = stopwatch();
const models: number[] = [];
for (const each of settings) models.push(await trainModel(each));
const seconds = elapsed();
console.log(`Part 1: three trainings took ${seconds.toFixed(3)} s.`);

// ---------------------------------------------------------------- part 2: following links

// What a task uses of this file travels with it: these two constants and this function as well.
const wiki = writeWiki();
const names = new Set(knownNames);

/** A very small reader of texts. Real ones take their time. */
async function namesIn(title: string): Promise<string[]> {
  await ray.sleep(200);
  const words = wiki[title]?.text.match(/\w+/g) ?? [];
  return words.filter((word) => names.has(word)).map((word) => `${word} (in ${title})`);
}

// Reading a page finds its names and follows its first two links, `depth` links deep.
// EXERCISE, step 3: make a remote function `readPage` that does the same, but starts to read the linked pages before its own.
// A function that calls itself needs its result type written down, as here.
async function readSerially(title: string, depth: number): Promise<string[]> {
  const links = wiki[title]?.links.slice(0, 2) ?? [];
  const found = await namesIn(title);
  for (const link of depth === 0 ? [] : links) found.push(...(await readSerially(link, depth - 1)));
  return found;
}
const readPage = readSerially;

const serialElapsed = stopwatch();
const serialNames: string[] = [];
for (const title of startPages) serialNames.push(...(await readSerially(title, 2)));
const serialSeconds = serialElapsed();

// EXERCISE, step 4: start from all three pages at once.
const parallelElapsed = stopwatch();
const parallelNames: string[] = [];
for (const title of startPages) parallelNames.push(...(await readPage(title, 2)));
const parallelSeconds = parallelElapsed();
console.log(`Part 2: serial ${serialSeconds.toFixed(3)} s, parallel ${parallelSeconds.toFixed(3)} s.`);

// VERIFY
verify(() => {
  checkRemote({ computeGradient, trainModel });
  checkEqual(models, [20, 20, 20], "The models");
  checkSeconds(seconds, {
    above: 0.3,
    ideal: 0.3,
    below: 0.5,
    tooSlow: "Start both gradients of a round before you get them, and all three trainings before you get the first.",
    tooFast: "Each training needs ten rounds of 0.03 s, one after the other.",
  });
  return `models ${JSON.stringify(models)} in ${seconds.toFixed(3)} s.`;
}, "part 1");
verify(() => {
  checkRemote({ readPage });
  checkEqual(parallelNames, serialNames, "The names");
  const below = serialSeconds * Math.min(0.9, relaxed({ ideal: 0.25, below: 0.5 }));
  const compared = `${parallelSeconds.toFixed(3)} s against ${serialSeconds.toFixed(3)} s in a row`;
  check(parallelSeconds < below, `too slow: ${compared}. Start the linked pages before you read your own.`);
  return `${parallelNames.length} names, ${compared}.`;
}, "part 2");

await ray.shutdown();
