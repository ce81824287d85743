// Quicksort as a tree of tasks: each splits its numbers and lets two others sort the halves. A task that waits lends its CPU, so the tree
// may be deeper than there are processors.
//
//   npx tsx examples/quicksort.ts [numbers]
import * as ray from "ray-ts";

const size = Number(process.argv[2] ?? 1_000_000);
/** Below this a call costs more than it saves. */
const cutOff = 200_000;

const sort = ray.remote(async (numbers: Float64Array): Promise<Float64Array> => {
  if (numbers.length <= cutOff) return numbers.toSorted();
  const pivot = numbers[numbers.length >> 1] as number;
  const lower = numbers.filter((each) => each < pivot);
  const higher = numbers.filter((each) => each > pivot);
  const halves = await ray.get([sort.remote(lower), sort.remote(higher)]);
  const sorted = new Float64Array(numbers.length).fill(pivot);
  sorted.set(halves[0]);
  sorted.set(halves[1], numbers.length - halves[1].length);
  return sorted;
});

const numbers = Float64Array.from({ length: size }, (_, index) => Math.sin(index * index));
const sorted = await ray.get(sort.remote(numbers));

const right = sorted.every((each, index) => index === 0 || (sorted[index - 1] as number) <= each);
const sum = (list: Float64Array): string => list.reduce((total, each) => total + each, 0).toFixed(3);
console.log(
  `${sorted.length} numbers ${right ? "in order" : "NOT IN ORDER"}; their sum is ${sum(sorted)}, and was ${sum(numbers)}.`,
);
