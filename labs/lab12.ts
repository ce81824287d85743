// Lab 12: a tree instead of a line. Run it, change the code, until VERIFY says success.
//
// GOAL. Eight arrays are multiplied, two at a time. One after the other that takes seven steps; as a tree it takes three.
//
// THE IDEA. A reference can be an argument before there is a value. Take two references from the front of the list, and put the
// reference of their product at its end, until one is left: products of pairs come first, then products of those, and whatever
// does not depend on each other runs at the same time.
import * as ray from "ray-ts";
import { drawSpans, mostAtOnce, stopwatch, type Span } from "./timing.ts";
import { check, checkEqual, checkRemote, checkSeconds, verify } from "./verify.ts";

await ray.init({ numCpus: 8 });

const createData = ray.remote(async (value: number): Promise<Float64Array> => {
  await ray.sleep(300);
  return new Float64Array(10_000).fill(value);
});

/** A product, and when it was made of what else. */
interface Product {
  readonly data: Float64Array;
  readonly spans: readonly Span[];
}

const multiply = ray.remote(async (one: Float64Array | Product, other: Float64Array | Product): Promise<Product> => {
  const startMs = Date.now();
  await ray.sleep(300);
  const [left, right] = [one, other].map((each) =>
    each instanceof Float64Array ? { data: each, spans: [] } : each,
  ) as [Product, Product];
  const span = { pid: process.pid, startMs, endMs: Date.now() };
  const data = left.data.map((value, index) => value * (right.data[index] as number));
  return { data, spans: [...left.spans, ...right.spans, span] };
});

const elapsed = stopwatch();
const arrays = Array.from({ length: 8 }, (_, index) => createData.remote(index + 1));
// EXERCISE: make it a tree.
let last: ray.ObjectRef<Float64Array | Product> = arrays[0]!;
for (const array of arrays.slice(1)) last = multiply.remote(last, array);
const result = (await ray.get(last)) as Product;
const seconds = elapsed();
console.log(drawSpans(result.spans));

// VERIFY
verify(() => {
  checkRemote({ createData, multiply });
  checkEqual([...new Set(result.data)], [40_320], "The values of the product of all");
  check(result.data.length === 10_000, `The product has ${result.data.length} values, not 10,000.`);
  check(result.spans.length === 7, `There were ${result.spans.length} products, not seven.`);
  checkSeconds(seconds, {
    above: 1.2,
    ideal: 1.2,
    below: 1.5,
    tooSlow: "Does each product wait for the one before? Multiply pairs, and then what comes of them.",
    tooFast: "Are there all eight arrays?",
  });
  const most = mostAtOnce(result.spans);
  check(most === 4, `${most} products ran at the same time, not four.`);
  return `8! in each place, as a tree, in ${seconds.toFixed(3)} s.`;
});

await ray.shutdown();
