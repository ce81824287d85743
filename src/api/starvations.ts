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
  return holders.some(({ waiting }) => waiting > 0)
    ? "A call that waits lends its CPUs and keeps the rest: if it waits for this one, neither ever ends. Let them take different resources"
    : `It ${isActor ? "is made" : "runs"} when there is enough; until then see what these calls do`;
}

function held(holders: readonly Holder[]): string {
  const shown = holders.slice(0, HOLDERS_SHOWN_MAX).map(({ name, calls, waiting, held: what }) => {
    if (calls === 0) return `${name} has ${listed(what)}`;
    const who = calls === 1 ? `a call like ${name} has` : `${calls} calls like ${name} have`;
    const itself = waiting === 0 ? "" : calls === 1 ? " and waits itself" : `, of which ${waiting} wait themselves`;
    return `${who} ${listed(what)}${itself}`;
  });
  const more = holders.slice(HOLDERS_SHOWN_MAX).reduce((sum, { calls }) => sum + calls, 0);
  if (more > 0) shown.push(`${more} more have the rest`);
  return shown.length === 0 ? "nobody has the rest" : shown.join(", ");
}

function listed(resources: Resources): string {
  return Object.entries(amounts(resources))
    .map(([name, amount]) => `${name} ${amount}`)
    .join(" and ");
}
