// Where each object of a payload was first met: for the paths and places in errors, written down at next to no cost.
import type { Place, Step } from "./graph.ts";
import { emptied } from "./lists.ts";
import { stepText } from "./refusal.ts";

/** How errors name where a path begins; for a list of arguments, the beginning for each of them. */
export type Root = string | ((index: number) => string);

export class Trail {
  #parents: number[] = [];
  #steps: Step[] = [];
  #places: Map<number, Place> | undefined;
  #root: Root = "value";

  begin(root: Root): void {
    this.#root = root;
  }

  clear(): void {
    this.#parents = emptied(this.#parents);
    this.#steps = emptied(this.#steps);
    this.#places = undefined;
  }

  /** The next object: part of the one with the number `parent`, -1 for the root itself. */
  add(parent: number, step: Step): void {
    this.#parents.push(parent);
    this.#steps.push(step);
  }

  place(number: number, place: Place): void {
    (this.#places ??= new Map()).set(number, place);
  }

  get root(): string {
    return typeof this.#root === "string" ? this.#root : "the arguments";
  }

  /** `last`: a step more, to a value that has no number. */
  pathTo(number: number, last?: Step): string {
    const steps: Step[] = last === undefined || number < 0 ? [] : [last];
    for (let at = number; (this.#parents[at] ?? -1) >= 0; at = this.#parents[at] as number) {
      steps.push(this.#steps[at] as Step);
    }
    const root = this.#rootOf(steps);
    const path = shortened(steps.toReversed().map(stepText));
    // A phrase reads as one thing: "(argument 1 of f).socket".
    return root.includes(" ") && path.length > 0 ? `(${root})${path.join("")}` : root + path.join("");
  }

  /** Takes the step off that chooses among several roots: the last, for steps lead upwards. */
  #rootOf(steps: Step[]): string {
    const chosen = steps.at(-1);
    if (typeof this.#root !== "function" || typeof chosen !== "number") return this.root;
    steps.pop();
    return this.#root(chosen);
  }

  /** Of the last step that has any. */
  adviceTo(number: number, last?: Step): string | undefined {
    const own = adviceOf(last);
    if (own !== undefined) return own;
    for (let at = number; at >= 0; at = this.#parents[at] as number) {
      const advice = adviceOf(this.#steps[at]);
      if (advice !== undefined) return advice;
    }
    return undefined;
  }

  /** The numbers of the objects around one, the innermost first. */
  around(number: number): number[] {
    const numbers: number[] = [];
    for (let at = this.#parents[number] ?? -1; at >= 0; at = this.#parents[at] as number) numbers.push(at);
    return numbers;
  }

  /** The functions on the way, the innermost first. */
  placesTo(number: number): Place[] {
    const places: Place[] = [];
    for (let at = number; at >= 0; at = this.#parents[at] as number) {
      const place = this.#places?.get(at);
      if (place !== undefined) places.push(place);
    }
    return places;
  }
}

/** Of a path that nobody could read, the first steps, which the user wrote, and the last ones. */
const PATH_STEPS_MAX = 40;

function shortened(steps: readonly string[]): readonly string[] {
  if (steps.length <= PATH_STEPS_MAX) return steps;
  const half = PATH_STEPS_MAX / 2;
  return [...steps.slice(0, half), ` … ${steps.length - PATH_STEPS_MAX} more … `, ...steps.slice(-half)];
}

function adviceOf(step: Step | undefined): string | undefined {
  return typeof step === "object" ? step.advice : undefined;
}
