// What happened in a simulation, counted: a fault that never happens proves nothing.

export type Coverage = Map<string, number>;

/** Adds one run's counts to those of others; of what is called "most …", the largest stands. */
export function merge(into: Coverage, run: ReadonlyMap<string, number>): void {
  for (const [what, count] of run) {
    const before = into.get(what) ?? 0;
    into.set(what, what.startsWith("most ") ? Math.max(before, count) : before + count);
  }
}

export function tellCoverage(coverage: Coverage): string[] {
  const sorted = [...coverage].toSorted(([left], [right]) => left.localeCompare(right));
  return sorted.map(([what, count]) => `${String(count).padStart(10)}  ${what}`);
}

/** Must happen in any simulation of some hundred seeds. */
export const EXPECTED: readonly string[] = [
  "calls begun beside waiting ones",
  "calls returned",
  "cancels sent",
  "cancels without an effect",
  "delays",
  "retries after errors",
  "calls returned, lease over",
  "calls returned, worker blocked",
  "drivers killed",
  "drivers left",
  "exits",
  "calls begun in groups",
  "groups given up",
  "groups removed by others",
  "grants to the more urgent",
  "innocents lost with a worker that was ended by force",
  "items passed over by another attempt",
  "items read",
  "killed before hello",
  "lost before they could begin",
  "lost with one call in flight",
  "lost with several calls in flight",
  "orphans killed",
  "producers paused",
  "producers that stood still",
  "readers' progress sent",
  "recalls idle",
  "recalls over",
  "recalls yield",
  "released before held",
  "requested by the daemon",
  "retired",
  "retries",
  "said blocked",
  "said createGroup",
  "said giveBack",
  "said publish",
  "said share",
  "sent groupGone",
  "sent unschedulable",
  "starved, and told",
  "setups failed",
  "spins",
  "stopped before it was submitted",
  "stopped before they began",
  "stopped by its time, queued",
  "stopped by its time, ready",
  "stopped by its time, running",
  "stopped by its time, waiting",
  "stopped calls lost with their worker",
  "stopped delayed",
  "stopped frames that ran",
  "stopped frames that were ahead of their readers",
  "stopped frames that waited",
  "stopped once more",
  "stopped queued",
  "stopped ready",
  "stopped running",
  "stopped waiting",
  "stopped with its group",
  "stopped with its parent",
  "stopped with its reader",
  "streams left",
  "streams read to their end",
  "streams that failed after items",
  "waits interrupted",
  "withdrawn",
  "workers ended by force",
  "workers ended for their memory",
  "workers killed idle",
  "workers killed running",
  "workers killed running beside waiting",
  "workers killed waiting",
];
