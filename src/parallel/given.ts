// What callers of patterns have given: a name that is no option would be passed over without a word, and what it was to do with it.
import { checkedOptions, wrongCall } from "../api/checked.ts";
import type { ActorOptions } from "../index.ts";
import { isArray } from "../std/is-array.ts";
import { isInstance, isPlain, kindOf } from "../std/is-plain.ts";
import { nearestName } from "../std/nearest.ts";

/** TypeError for what is no object of options, and for an option that there is not. */
export function assertOptions(caller: string, options: object, known: readonly string[]): void {
  assertPlain(caller, options);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = nearestName(name, known);
    const advice = meant === undefined ? `It takes ${known.join(", ")}.` : `Did you mean ${meant}?`;
    throw wrongCall(`${caller} has no option ${name}. ${advice}`);
  }
}

/** Of the actor that a pattern lives in; how its calls wait for each other is the pattern's. TypeError for those that are wrong. */
export function actorOptions(
  caller: string,
  options: ActorOptions,
): Omit<ActorOptions, "methods" | "concurrencyGroups"> {
  try {
    return checkedOptions("actor", options, caller, actorOptions, { without: ["methods", "concurrencyGroups"] });
  } catch (error) {
    throw error instanceof TypeError ? wrongCall(error.message) : error;
  }
}

/** What a class has by its prototype would be passed over too. */
export function assertPlain(caller: string, options: unknown): void {
  if (isPlain(options)) return;
  if (isInstance(options))
    throw wrongCall(`${caller} takes its options as a plain object, but got ${kindOf(options)}.`);
  const got = isArray(options) ? "an array" : String(options);
  throw wrongCall(`${caller} takes an object of options last, but got ${got}.`);
}

export interface WaitLimit {
  /** Then the waiting ends with an error. Default: for ever. */
  timeoutMs?: number | undefined;
}

export function assertLimit(caller: string, options: WaitLimit): number | undefined {
  assertOptions(caller, options, ["timeoutMs"]);
  const { timeoutMs } = options;
  if (timeoutMs === undefined || (typeof timeoutMs === "number" && timeoutMs >= 0)) return timeoutMs;
  throw wrongCall(`${caller}: the option timeoutMs should be a number of milliseconds, but got ${String(timeoutMs)}.`);
}
