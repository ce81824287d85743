// The line that tells of calls which wait for long for what others hold: they may wait for ever, and only the user knows.
import { placesIn } from "../codec/places.ts";
import { setupMs, starvedMs } from "../domain/limits.ts";
import { shapeOf, type Holder } from "../domain/request.ts";
import { amounts, type Resources } from "../domain/resources.ts";
import type { Starvation } from "../domain/news.ts";
import { notice } from "./notice.ts";

/** Named in a line: whoever has most is named first. */
const HOLDERS_SHOWN_MAX = 3;

export class StarvationLines {
  readonly #told = new Set<string>();

  /** Once for all calls that ask for the same. */
  tell(starvation: Starvation): void {
    const shape = shapeOf(starvation.request);
    if (this.#told.has(shape)) return;
    this.#told.add(shape);
    notice(lineOf(starvation));
  }
}

function lineOf({ name, isActor, site, request, free, holders, group, setup }: Starvation): string {
  const where = placesIn(site.text);
  const who = `${isActor === true ? `the actor ${name} (made` : `task ${name} (submitted`} at ${where}) has waited ${starvedMs / 1_000} s for`;
  if (setup !== undefined)
    return (
      `${who} its environment to be set up: the import of ${setup} (runtimeEnv.setup) has not ended. ` +
      `See what it waits for; after ${setupMs / 60_000} minutes the call fails`
    );
  const wanted = group ?? request.resources;
  const asked = amounts(wanted);
  const left = Object.entries(amounts(free)).map(
    // Enough in all, and yet too little: of GPUs, when each has calls that share it.
    ([key, amount]) => `${key} ${amount}${amount >= (asked[key] ?? 0) ? " in parts" : ""}`,
  );
  return (
    `${who} ${group === undefined ? "" : "its placement group, which reserves "}${listed(wanted)}: ` +
    `free is ${left.join(", ")}, and ${held(holders)}. ${outlook(holders, isActor === true)}, ` +
    "ask for less, or start with more: init({ numCpus, numGpus, resources })"
  );
}

function outlook(holders: readonly Holder[], isActor: boolean): string {
  if (holders.some(({ waiting }) => waiting > 0))
    return "A call that waits lends its CPUs and keeps the rest: if it waits for this one, neither ever ends. Let them take different resources";
  const until = `It ${isActor ? "is made" : "runs"} when there is enough; until then`;
  if (!holders.some(({ actors = 0 }) => actors > 0)) return `${until} see what these calls do`;
  const calls = holders.some((holder) => holder.calls > 0) ? "see what these calls do, " : "";
  return `${until} ${calls}end actors that are no longer needed (ray.kill(handle): they have it as long as anybody has a handle)`;
}

function held(holders: readonly Holder[]): string {
  const shown = holders
    .slice(0, HOLDERS_SHOWN_MAX)
    .map((holder) => `${haver(holder)} ${listed(holder.held)}${itself(holder)}`);
  const more = holders.slice(HOLDERS_SHOWN_MAX).reduce((sum, { calls, actors = 0 }) => sum + calls + actors, 0);
  if (more > 0) shown.push(`${more} more have the rest`);
  return shown.length === 0 ? "nobody has the rest" : shown.join(", ");
}

function haver({ name, calls, actors = 0 }: Holder): string {
  if (actors > 0) return actors === 1 ? `1 actor ${name} has` : `${actors} actors ${name} have`;
  if (calls === 0) return `${name} has`;
  return calls === 1 ? `a call like ${name} has` : `${calls} calls like ${name} have`;
}

function itself({ calls, waiting }: Holder): string {
  if (waiting === 0) return "";
  return calls === 1 ? " and waits itself" : `, of which ${waiting} wait themselves`;
}

function listed(resources: Resources): string {
  return Object.entries(amounts(resources))
    .map(([name, amount]) => `${name} ${amount}`)
    .join(" and ");
}
