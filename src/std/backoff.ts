// How long to wait before trying again: grows by a factor from attempt to attempt, up to a ceiling, and may be spread at random.
import { randomFraction } from "./random.ts";

export interface Backoff {
  baseMs: number;
  maxMs: number;
  /** Default 2. */
  factor?: number;
  /** Anything from half of the delay to all of it, so that those who failed together do not come back together. Default false. */
  jitter?: boolean;
}

/** The delay before retry number `retry` (the first is 1). */
export function backoffMs(policy: Backoff, retry: number, random: () => number = randomFraction): number {
  const grown = policy.baseMs * (policy.factor ?? 2) ** (retry - 1);
  const delay = Math.min(grown, policy.maxMs);
  return policy.jitter === true ? delay * (0.5 + random() / 2) : delay;
}
