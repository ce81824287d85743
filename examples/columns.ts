// Sums a column of a table, a hundred million values, in several processes. The table is put into the object store once, and each
// process reads its part where it is: nothing of it is copied.
//
//   npx tsx examples/columns.ts [rows]
import { makeTable, type Float64, type Table } from "apache-arrow";
import * as ray from "ray-ts";

const rows = Number(process.argv[2] ?? 100_000_000);
const parts = 8;

type Sales = Table<{ price: Float64 }>;

const sumOf = ray.remote((sales: Sales, from: number, to: number): number => {
  const prices = sales.getChild("price")?.toArray() ?? new Float64Array();
  let sum = 0;
  for (let row = from; row < to; row += 1) sum += prices[row] as number;
  return sum;
});

async function timed<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await run();
  console.log(`${what.padEnd(24)} ${Math.round(performance.now() - started)} ms`);
  return result;
}

await ray.init({ objectStoreMemory: Math.max(rows * 8 * 1.25, 100_000_000) });
const price = await timed("make the column", () => {
  const made = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) made[row] = row % 1000;
  return made;
});
const table = await timed("put the table", () => ray.put(makeTable({ price }) as Sales));
const bounds = Array.from({ length: parts + 1 }, (_, part) => Math.floor((rows * part) / parts));
const partOf = (part: number): ray.ObjectRef<number> =>
  sumOf.remote(table, bounds[part] as number, bounds[part + 1] as number);

const sum = await timed(`sum it in ${parts} calls`, async () => {
  const sums = await ray.get(Array.from({ length: parts }, (_, part) => partOf(part)));
  return sums.reduce((total, each) => total + each, 0);
});
const expected = await timed("sum it here", () => price.reduce((total, each) => total + each, 0));
console.log(`${rows} values, their sum is ${sum}${sum === expected ? ", as it should be" : `, and not ${expected}`}`);
await ray.shutdown();
