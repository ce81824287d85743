// Map and reduce as functions of one's own, which take any remote function: in a line, and as a tree.
//
//   npx tsx examples/map-reduce.ts [milliseconds of a step]
import * as ray from "ray-ts";

const stepMs = Number(process.argv[2] ?? 300);

/** A value, or what will be one. */
type Given<T> = T | ray.ObjectRef<T>;
interface Map1<A, B> {
  remote(value: A): ray.ObjectRef<B>;
}
interface Combine<T> {
  remote(one: Given<T>, other: Given<T>): ray.ObjectRef<T>;
}

function mapParallel<A, B>(fn: Map1<A, B>, values: readonly A[]): ray.ObjectRef<B>[] {
  return values.map((value) => fn.remote(value));
}

/** One after the other: each step takes what the one before has made. */
function reduceParallel<T>(fn: Combine<T>, [first, ...others]: readonly Given<T>[]): Given<T> {
  return others.reduce<Given<T>>((sum, value) => fn.remote(sum, value), first as Given<T>);
}

/** Pairs first, then what comes of them: as many steps at once as there are pairs. */
function reduceTree<T>(fn: Combine<T>, values: readonly Given<T>[]): Given<T> {
  let left = values;
  while (left.length > 1) left = [...left.slice(2), fn.remote(left[0] as Given<T>, left[1] as Given<T>)];
  return left[0] as Given<T>;
}

const increment = ray.remote(async (value: number): Promise<number> => {
  await ray.sleep(stepMs);
  return value + 1;
});
const add = ray.remote(async (one: number, other: number): Promise<number> => {
  await ray.sleep(stepMs);
  return one + other;
});

async function timed<T>(what: string, run: () => Promise<T>): Promise<void> {
  const started = performance.now();
  const result = await run();
  console.log(
    `${what.padEnd(16)} ${JSON.stringify(result).padEnd(10)} in ${Math.round(performance.now() - started)} ms`,
  );
}

await ray.init({ numCpus: 4 });
const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
const valueOf = async (given: Given<number>): Promise<number> => (typeof given === "number" ? given : ray.get(given));

await timed("map", () => ray.get(mapParallel(increment, [1, 2, 3, 4])));
await timed("reduce in a line", () => valueOf(reduceParallel(add, numbers)));
await timed("reduce as a tree", () => valueOf(reduceTree(add, numbers)));
// The values of one step may be the refs of another: nobody waits for all of the first.
await timed("map and reduce", () => valueOf(reduceTree(add, mapParallel(increment, numbers))));
await ray.shutdown();
