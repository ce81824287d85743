// Counting words by map, shuffle and reduce. The pairs go from mappers to reducers: the driver sees references, and in the end the counts.
//
//   npx tsx examples/word-count.ts [parts] [words per part]
import * as ray from "ray-ts";

const parts = Number(process.argv[2] ?? 8);
const wordsPerPart = Number(process.argv[3] ?? 50_000);
const reducers = 4;

type Counts = Map<string, number>;

/** A text in which, as in real ones, few words are frequent and many are rare. */
function makeText(seed: number, words: number): string {
  let state = seed + 1;
  return Array.from({ length: words }, () => {
    state = (state * 48_271) % 0x7fffffff;
    return `word${Math.floor(1 / (state / 0x7fffffff + 0.001))}`;
  }).join(" ");
}

function bucketOf(word: string): number {
  let hash = 0;
  for (let index = 0; index < word.length; index += 1) hash = (Math.imul(hash, 31) + word.charCodeAt(index)) >>> 0;
  return hash % reducers;
}

/** One map of counts for each reducer, and each behind a reference of its own. */
const map = ray.remote(
  (text: string): Counts[] => {
    const buckets = Array.from({ length: reducers }, (): Counts => new Map());
    for (const word of text.split(" ")) {
      const counts = buckets[bucketOf(word)] as Counts;
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return buckets;
  },
  { numReturns: reducers },
);

const reduce = ray.remote((...columns: Counts[]): Counts => {
  const total: Counts = new Map();
  for (const counts of columns) for (const [word, count] of counts) total.set(word, (total.get(word) ?? 0) + count);
  return total;
});

const texts = Array.from({ length: parts }, (_, part) => makeText(part, wordsPerPart));
const mapped = texts.map((text) => map.remote(text));
const reduced = Array.from({ length: reducers }, (_, bucket) =>
  reduce.remote(...mapped.map((row) => row[bucket] as ray.ObjectRef<Counts>)),
);

const counts = (await ray.get(reduced)).flatMap((total) => [...total]);
const all = counts.reduce((sum, [, count]) => sum + count, 0);
console.log(`${all} words, ${counts.length} different ones. The most frequent:`);
for (const [word, count] of counts.toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 5))
  console.log(`${String(count).padStart(8)}  ${word}`);
