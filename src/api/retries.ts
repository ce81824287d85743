// Trying again: what the options mean to a backend.
import type { RetryOptions } from "../domain/options.ts";
import type { RetryDelay } from "../domain/task.ts";
import { Shipped } from "./shipped.ts";

/** What is worked out once per handle. */
export interface RetryPlan {
  /** Its definition in the session judges what was thrown. */
  readonly policy: "none" | "any" | Shipped;
  readonly delay: RetryDelay | undefined;
}

const noRetries: RetryPlan = { policy: "none", delay: undefined };

/** What was shipped for a predicate, or for a list of classes one after the other. Lists are mostly literals, made anew for each use. */
interface Known {
  policy: Shipped | undefined;
  readonly next: WeakMap<object, Known>;
}

const known: Known = { policy: undefined, next: new WeakMap() };

/** `name`: of the function, for errors. */
export function retryPlan({ retryExceptions, retryDelayMs }: RetryOptions, name: string): RetryPlan {
  if (retryExceptions === undefined && retryDelayMs === undefined) return noRetries;
  return { policy: policyOf(retryExceptions, name), delay: delayOf(retryDelayMs) };
}

function policyOf(given: RetryOptions["retryExceptions"], name: string): RetryPlan["policy"] {
  if (given === true) return "any";
  if (given === undefined || given === false) return "none";
  const classes: readonly object[] = Array.isArray(given) ? given : [given];
  if (classes.length === 0) return "none";
  let found = known;
  for (const each of classes) {
    const next = found.next.get(each) ?? { policy: undefined, next: new WeakMap() };
    found.next.set(each, next);
    found = next;
  }
  return (found.policy ??= new Shipped(given, `retryExceptions of ${name}`, undefined));
}

const FACTOR = 2;
const MAX_MS = 60_000;

function delayOf(given: RetryOptions["retryDelayMs"]): RetryDelay | undefined {
  if (given === undefined || given === 0) return undefined;
  if (typeof given === "number") return { baseMs: given, maxMs: given, factor: 1, jitter: false };
  const { baseMs, maxMs = Math.max(baseMs, MAX_MS), factor = FACTOR, jitter = true } = given;
  return { baseMs, maxMs, factor, jitter };
}
