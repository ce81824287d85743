// The smallest story with the same moral: other worlds, fewer drivers, no faults, fewer events, that break the same invariant.
import type { ProfileLimits } from "./profile.ts";
import { runSeed, type RunOptions, type RunResult } from "./run.ts";

const WORLDS = 150;
const EVENTS = [150, 400, 1_000, 2_500];
const LIMITS: readonly ProfileLimits[] = [{ driversMax: 1, faults: false }, { driversMax: 1 }, { faults: false }, {}];

/** Undefined: nothing smaller was found. */
export function shrink(options: RunOptions, found: RunResult): RunResult | undefined {
  const { failure } = found;
  if (failure === undefined) return undefined;
  for (const events of EVENTS) {
    for (const limits of LIMITS) {
      const smallest = earliest({ ...options, events, limits }, failure.invariant);
      if (smallest?.failure !== undefined && smallest.failure.event < failure.event) return smallest;
    }
  }
  return undefined;
}

function earliest(options: RunOptions, invariant: string): RunResult | undefined {
  let best: RunResult | undefined;
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const result = runSeed({ ...options, seed });
    if (result.failure?.invariant !== invariant) continue;
    if (best?.failure === undefined || result.failure.event < best.failure.event) best = result;
  }
  return best;
}
