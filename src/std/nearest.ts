// Which of the valid names did they mean? By edit distance, where case, separators and
// plurals cost nothing: `num_cpus` is `numCpus`, and `maxRetry` is `maxRetries`.

/** The most similar candidate, or undefined when none is similar enough to be worth naming. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = normalise(name);
  // About one slip in three letters: more, and the suggestion would confuse more than it helps.
  let best = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  let found: string | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, normalise(candidate), best);
    // Of one letter and another nothing is the same.
    if (distance >= best || (distance > 0 && distance >= Math.max(wanted.length, candidate.length))) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

/** The same among names that are made of words: a word of one of them alone will do, or how it begins. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  return nearest(name, names) ?? onlyWith(name, names);
}

/** The only one of which a word begins like this: `gpu` is numGpus, `prio` is priority. */
function onlyWith(beginning: string, names: readonly string[]): string | undefined {
  const wanted = beginning.toLowerCase();
  const found = names.filter((name) => name.split(/(?=[A-Z])/).some((word) => word.toLowerCase().startsWith(wanted)));
  return wanted.length >= 3 && found.length === 1 ? found[0] : undefined;
}

function normalise(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[_\-\s]/g, "")
    .replace(/ies$/, "y");
}

/** Insertions, deletions, changes and swaps of neighbours that lead from `a` to `b`; any number ≥ `limit` once it is that far. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let cost = Math.min(change, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? limit;
}
