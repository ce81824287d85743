// Trying again: what the options mean to a backend, and the line that tells of each retry.
import { thrownInBrief } from "../codec/thrown.ts";
import { submittedThere, workerEnded } from "../domain/failures.ts";
import type { RetryOptions } from "../domain/options.ts";
import type { Retry } from "../domain/news.ts";
import type { RetryDelay } from "../domain/task.ts";
import { startTimer } from "../std/clock.ts";
import { notice } from "./notice.ts";
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

/** Lines for calls of one name come this far apart: the first at once, and how many more there were when the time is over. */
const QUIET_MS = 1_000;

/** Tells the user of retries, in a line each while they are few. */
export class RetryLines {
  readonly #quiet = new Map<string, { more: number }>();

  tell(retry: Retry): void {
    const quiet = this.#quiet.get(retry.name);
    if (quiet !== undefined) return void (quiet.more += 1);
    notice(lineOf(retry));
    this.#rest(retry.name);
  }

  #rest(name: string): void {
    const quiet = { more: 0 };
    this.#quiet.set(name, quiet);
    const over = (): void => {
      this.#quiet.delete(name);
      if (quiet.more === 0) return;
      const times = quiet.more === 1 ? "once more" : `${quiet.more} times more`;
      notice(`calls of task ${name} were tried again ${times}`);
      this.#rest(name);
    };
    startTimer(QUIET_MS, over, { keepsAlive: false });
  }
}

function lineOf({ name, site, attempt, attemptsMax, loss, thrown }: Retry): string {
  const which = attemptsMax === undefined ? `attempt ${attempt}` : `attempt ${attempt} of ${attemptsMax}`;
  const why =
    loss !== undefined ? workerEnded(loss) : thrown !== undefined ? thrownInBrief(thrown) : "what it had made is lost";
  const there = submittedThere(site.text);
  return `task ${name}${there}${there && ","} is tried again (${which}): ${why}`;
}
