// Lab 02: calls that depend on calls. Run it, change the code, until VERIFY says success twice.
//
// GOAL. Four files go through four steps each: load, normalise, extract, score. The steps of one file follow each other; the
// files have nothing to do with each other. Run the files side by side.
//
// THE IDEA. A reference can be an argument: `b.remote(a.remote(x))`. `b` begins when the value is there, and gets the value,
// not the reference. So you describe the whole chain at once, without waiting, and the data goes from worker to worker
// without passing through your program.
//
// What a task uses of this file, a constant or another function, travels with it.
import * as ray from "ray-ts";
import { repositories, startCommitSite, type Commit } from "./commit-site.ts";
import { stopwatch } from "./timing.ts";
import { check, checkEqual, checkRemote, checkSeconds, relaxed, verify } from "./verify.ts";

await ray.init({ numCpus: 4 });

// ---------------------------------------------------------------- part 1: a pipeline

/** Every matrix here is one Float64Array of 1,000 rows, row after row. */
const rows = 1000;

// EXERCISE, step 1: make these four remote functions.
const loadData = async (_file: string): Promise<Float64Array> => {
  await ray.sleep(100);
  return new Float64Array(rows * 100).fill(1);
};

const normalizeData = async (data: Float64Array): Promise<Float64Array> => {
  await ray.sleep(100);
  const columns = data.length / rows;
  const sums = new Float64Array(columns);
  data.forEach((value, index) => (sums[index % columns]! += value));
  return data.map((value, index) => value - sums[index % columns]! / rows);
};

const extractFeatures = async (data: Float64Array): Promise<Float64Array> => {
  await ray.sleep(100);
  const columns = data.length / rows;
  const features = new Float64Array(2 * data.length);
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * columns, (row + 1) * columns);
    const squares = values.map((value) => value * value);
    features.set(values, 2 * row * columns);
    features.set(squares, (2 * row + 1) * columns);
  }
  return features;
};

const computeLoss = async (features: Float64Array): Promise<number> => {
  await ray.sleep(100);
  const columns = features.length / rows;
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const predicted = features.subarray(row * columns, (row + 1) * columns).reduce((sum, value) => sum + value, 0);
    loss += (predicted - 1) ** 2;
  }
  return loss;
};

// EXERCISE, step 2: call them with `.remote`, hand the references on, and get the losses once, after the loop.
const elapsed = stopwatch();
const losses = [];
let slowestSubmit = 0;
for (const file of ["file1", "file2", "file3", "file4"]) {
  const submitting = stopwatch();
  const data = await loadData(file);
  const normalized = await normalizeData(data);
  const features = await extractFeatures(normalized);
  losses.push(await computeLoss(features));
  slowestSubmit = Math.max(slowestSubmit, submitting());
}
const loss = losses.reduce((sum, each) => sum + each, 0);
const seconds = elapsed();
console.log(
  `Part 1: four files took ${seconds.toFixed(3)} s; submitting one took at most ${slowestSubmit.toFixed(3)} s.`,
);

// ---------------------------------------------------------------- part 2: waiting for a slow web site

// A site of our own, on this machine, that answers each page after 300 ms.
const site = await startCommitSite(300);

// EXERCISE, step 3: make this a remote function. The serial loop below can then call `fetchCommits.local`.
const fetchCommits = async (url: string, repository: string): Promise<Commit[]> => {
  const page = await fetch(`${url}/${repository}/commits`);
  const line = /<li data-id="(\w+)"><b>([^<]+)<\/b> <i>([^<]+)<\/i><\/li>/g;
  return Array.from((await page.text()).matchAll(line), ([, id, author, title]) => ({ repository, id, author, title }));
};

const serialElapsed = stopwatch();
const serialRows: Commit[] = [];
for (const repository of repositories) serialRows.push(...(await fetchCommits(site.url, repository)));
const serialSeconds = serialElapsed();

// EXERCISE, step 4: download the pages all at once here.
const parallelElapsed = stopwatch();
const pages = [];
for (const repository of repositories) pages.push(await fetchCommits(site.url, repository));
const parallelRows: Commit[] = pages.flat();
const parallelSeconds = parallelElapsed();
console.log(`Part 2: serial ${serialSeconds.toFixed(3)} s, parallel ${parallelSeconds.toFixed(3)} s.`);
await site.close();

// VERIFY
verify(() => {
  checkRemote({ loadData, normalizeData, extractFeatures, computeLoss });
  const submitBound = relaxed({ ideal: 0, below: 0.1 });
  const submitHint = `Submitting one file took ${slowestSubmit.toFixed(3)} s. Is there a ray.get inside the loop?`;
  check(slowestSubmit < submitBound, submitHint);
  checkEqual(loss, 4000, "The sum of the losses");
  checkSeconds(seconds, {
    above: 0.4,
    ideal: 0.4,
    below: 0.8,
    tooSlow: "Hand the references on to the next step, and call ray.get once, after the loop.",
    tooFast: "Each file needs four steps of 0.1 s, one after the other.",
  });
  return `loss ${loss} in ${seconds.toFixed(3)} s.`;
}, "part 1");
verify(() => {
  checkRemote({ fetchCommits });
  checkEqual(parallelRows, serialRows, "The commits");
  const below = serialSeconds * Math.min(0.9, relaxed({ ideal: 0.25, below: 0.5 }));
  const compared = `${parallelSeconds.toFixed(3)} s against ${serialSeconds.toFixed(3)} s in a row`;
  check(parallelSeconds < below, `too slow: ${compared}. Start all the downloads before you get the first page.`);
  return `${parallelRows.length} commits, ${compared}.`;
}, "part 2");

await ray.shutdown();
