// The placement groups that wait to be reserved, in the order in which they were made. Of those that ask for the same only the first
// is of interest: as long as it gets nothing, the others get nothing either. So thousands that are alike are looked at as one.
import type { GroupPlan } from "./placement.ts";

interface Waiting {
  readonly plan: GroupPlan;
  /** Later ones have a higher one. */
  readonly turn: number;
}

export class GroupLine<G extends Waiting> {
  readonly all: Set<G> = new Set();
  readonly #alike = new Map<string, Set<G>>();

  add(group: G): void {
    this.all.add(group);
    const kind = kindOf(group);
    const alike = this.#alike.get(kind) ?? new Set();
    this.#alike.set(kind, alike.add(group));
  }

  delete(group: G): void {
    if (!this.all.delete(group)) return;
    const kind = kindOf(group);
    const alike = this.#alike.get(kind);
    alike?.delete(group);
    if (alike?.size === 0) this.#alike.delete(kind);
  }

  get head(): G | undefined {
    return firstOf(this.all);
  }

  /** Of each kind the one that has waited longest, in their order. */
  firsts(): G[] {
    const firsts = [...this.#alike.values()].flatMap((alike) => firstOf(alike) ?? []);
    return firsts.sort((one, other) => one.turn - other.turn);
  }
}

function firstOf<G>(groups: Iterable<G>): G | undefined {
  for (const group of groups) return group;
  return undefined;
}

function kindOf({ plan: { bundles } }: Waiting): string {
  return JSON.stringify(bundles);
}
