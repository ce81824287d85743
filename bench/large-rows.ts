// The rows about large arrays: what it takes to store one, to have it elsewhere, and to get one back.
import type { LargeWork } from "./contender.ts";
import type { PoolRow } from "./row.ts";

interface Size {
  readonly label: string;
  readonly bytes: number;
}

const KB = 1000;
const MB = 1000 * KB;
const sizes: readonly Size[] = [
  { label: "1 kB", bytes: KB },
  { label: "100 kB", bytes: 100 * KB },
  { label: "1 MB", bytes: MB },
  { label: "10 MB", bytes: 10 * MB },
  { label: "100 MB", bytes: 100 * MB },
  { label: "1 GB", bytes: 1000 * MB },
];
/** More in one call takes the others too much memory, with all the copies that they make. */
const passedBytesMax = 100 * MB;

/** `size` of a row is how often each size is measured in a round; the quickest of them counts. */
function row(
  name: string,
  what: string,
  of: readonly Size[],
  measure: (work: LargeWork, bytes: number) => number | Promise<number> | undefined,
): PoolRow {
  return {
    name,
    on: "pool",
    metrics: of.map(({ label }) => ({ label: `${what}: ${label}`, unit: "ms", better: "lower" })),
    full: { size: 3, rounds: 3 },
    quick: { size: 1, rounds: 1 },
    warmUp: 1,
    async measure({ large }, size) {
      if (large === undefined) return undefined;
      const took: number[] = [];
      for (const { bytes } of of) {
        let best = Number.POSITIVE_INFINITY;
        for (let time = 0; time < size; time += 1) best = Math.min(best, (await measure(large, bytes)) ?? Number.NaN);
        took.push(best);
      }
      return took.some(Number.isNaN) ? undefined : took;
    },
  };
}

const passed = sizes.filter(({ bytes }) => bytes <= passedBytesMax);

export const largeRows: readonly PoolRow[] = [
  row("put", "put", sizes, (work, bytes) => work.put?.(bytes)),
  row("get", "get, without a look at it", sizes, (work, bytes) => work.get?.(bytes)),
  row("pass", "an array passed to a call that looks at it", passed, (work, bytes) => work.pass(bytes, 1)),
  row("same", "the same array passed to 20 calls at once", passed.slice(-1), (work, bytes) => work.pass(bytes, 20)),
  row("give", "an array given by a call, and looked at", passed, (work, bytes) => work.give(bytes)),
];
