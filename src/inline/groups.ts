// What there is to give to calls: the amounts of the node, and those that are reserved for placement groups.
import type { ActorId } from "../domain/actor.ts";
import { ANY_BUNDLE, groupRefusalOf, reserved, sumOf } from "../domain/placement.ts";
import { GroupLine } from "../domain/group-line.ts";
import type { GroupEnd, GroupId, GroupPlan } from "../domain/placement.ts";
import type { GoneGroup } from "../domain/stop.ts";
import type { TaskRequest } from "../domain/request.ts";
import {
  amountOf,
  amounts,
  decisive,
  granted,
  lendable,
  minus,
  plus,
  touches,
  withGpus,
  type Resources,
} from "../domain/resources.ts";
import { startTimer, type Timer } from "../std/clock.ts";

/** As the first patience of a demand in the cluster of processes. */
const PATIENCE_MS = 1_000;

interface Pool {
  available: Resources;
  /** Calls that have something of it. */
  users: number;
}

/** What a call was given, and of what. */
export interface Grant {
  readonly resources: Resources;
  readonly pool: Pool;
}

interface Group {
  readonly plan: GroupPlan;
  readonly name: string;
  /** The actor with which it goes. */
  readonly maker: ActorId | undefined;
  /** Later ones have a higher one. */
  readonly turn: number;
  /** None before it is reserved. */
  bundles: readonly Pool[];
  /** What is taken from the node. */
  taken: Resources;
  end: GroupEnd | undefined;
}

export class Groups {
  readonly node: Pool;
  readonly #total: Resources;
  readonly #groups = new Map<GroupId, Group>();
  readonly #names = new Map<string, Group>();
  readonly #line = new GroupLine<Group>();
  #turns = 0;
  readonly #reserved = new Set<GroupId>();
  /** To look again, though nothing has become free. */
  readonly #schedule: () => void;
  /** That of the first in the line. */
  #patience: { readonly of: Group; timer: Timer } | undefined;
  #passing = false;

  constructor(total: Resources, schedule: () => void) {
    this.#total = total;
    this.#schedule = schedule;
    this.node = { available: withGpus(total), users: 0 };
  }

  create(plan: GroupPlan, name: string, maker: ActorId | undefined): void {
    const end = this.#names.has(name) ? "nameTaken" : undefined;
    const turn = (this.#turns += 1);
    const group: Group = { plan, name, maker, turn, bundles: [], taken: {}, end };
    this.#groups.set(plan.id, group);
    if (end !== undefined) return;
    if (name !== "") this.#names.set(name, group);
    if (groupRefusalOf(plan, this.#total) === undefined) this.#line.add(group);
  }

  /** Why calls in it fail, if they do. Nothing is known of those that were removed. */
  goneOf(id: GroupId): GoneGroup | undefined {
    const group = this.#groups.get(id);
    const why = group === undefined ? "removed" : group.end;
    return why && { group: id, groupName: group?.name ?? "", why };
  }

  named(name: string): GroupPlan | undefined {
    return this.#names.get(name)?.plan;
  }

  get names(): string[] {
    return [...this.#names.keys()];
  }

  madeBy(actor: ActorId): readonly GroupId[] {
    return [...this.#groups.values()].filter(({ maker }) => maker === actor).map(({ plan }) => plan.id);
  }

  /** By name, what is left of the node. */
  get free(): Record<string, number> {
    return Object.fromEntries(Object.entries(amounts(this.node.available)).filter(([, amount]) => amount > 0));
  }

  giveUp(id: GroupId, why: GroupEnd): GoneGroup {
    const group = this.#groups.get(id);
    const gone = { group: id, groupName: group?.name ?? "", why };
    if (group === undefined || group.end === why) return gone;
    group.end = why;
    this.#line.delete(group);
    this.#reserved.delete(id);
    if (this.#names.get(group.name) === group) this.#names.delete(group.name);
    this.#settle(group);
    return gone;
  }

  isReserved(id: GroupId): boolean {
    return this.#reserved.has(id);
  }

  /** Those whose calls may get something. */
  get reserved(): Iterable<GroupId> {
    return this.#reserved;
  }

  /** Reserves what can be, in their order: none comes before an earlier one that lacks something of what it asks for. */
  reserve(): void {
    while (this.#reserveOne());
    this.#passing = false;
    const { head } = this.#line;
    if (head === this.#patience?.of) return;
    this.close();
    if (head !== undefined) this.#patience = { of: head, timer: this.#losePatience(head, PATIENCE_MS) };
  }

  #reserveOne(): boolean {
    const lacking = new Set<string>();
    for (const group of this.#line.firsts()) {
      const wanted = sumOf(group.plan.bundles);
      if (touches(wanted, lacking)) continue;
      const grants = reserved(group.plan.bundles, this.node.available);
      if (grants !== undefined) {
        this.#reserve(group, grants);
        return true;
      }
      if (!this.#passing) for (const name of decisive(wanted, this.node.available)) lacking.add(name);
    }
    return false;
  }

  #reserve(group: Group, grants: readonly Resources[]): void {
    this.#line.delete(group);
    this.#reserved.add(group.plan.id);
    group.bundles = grants.map((available) => ({ available, users: 0 }));
    group.taken = sumOf(grants);
    this.node.available = minus(this.node.available, group.taken);
  }

  /** The first one that has waited too long lets pass, once, any that fit: they may be what it waits for, in ways that nobody here can see. */
  #losePatience(head: Group, ms: number): Timer {
    const over = (): void => {
      this.#passing = true;
      this.#patience = { of: head, timer: this.#losePatience(head, ms * 2) };
      this.#schedule();
    };
    return startTimer(ms, over, { keepsAlive: false });
  }

  close(): void {
    this.#patience?.timer.cancel();
    this.#patience = undefined;
  }

  /** What a call would get now. */
  grantFor({ resources, group: place }: TaskRequest): Grant | undefined {
    for (const pool of place === undefined ? [this.node] : this.#bundles(place.id, place.bundle)) {
      const given = granted(resources, pool.available);
      if (given !== undefined) return { resources: given, pool };
    }
    return undefined;
  }

  /** Whether it gets nothing because of what these have. */
  lacks({ resources, group: place }: TaskRequest, held: readonly Grant[]): boolean {
    const pools = place === undefined ? [this.node] : this.#bundles(place.id, place.bundle);
    if (pools.some(({ available }) => granted(resources, available) !== undefined)) return false;
    return pools.some((pool) => have(held, pool, decisive(resources, pool.available)));
  }

  /** Groups do. */
  get waits(): boolean {
    return this.#line.head !== undefined;
  }

  /** The same of the first group that waits. */
  waitsFor(held: readonly Grant[]): boolean {
    const { head } = this.#line;
    return head !== undefined && have(held, this.node, decisive(sumOf(head.plan.bundles), this.node.available));
  }

  take({ pool, resources }: Grant): void {
    pool.available = minus(pool.available, resources);
    pool.users += 1;
  }

  give({ pool, resources }: Grant, group: GroupId | undefined): void {
    pool.available = plus(pool.available, resources);
    pool.users -= 1;
    const from = group === undefined ? undefined : this.#groups.get(group);
    if (from?.end !== undefined) this.#settle(from);
  }

  /** The CPUs of a call that waits for others, to those beside it. Taking them back may leave less than nothing until these end. */
  lend({ pool, resources }: Grant, lent: boolean): void {
    pool.available = (lent ? plus : minus)(pool.available, lendable(resources));
  }

  #bundles(id: GroupId, bundle: number): readonly Pool[] {
    const group = this.#groups.get(id);
    if (group === undefined || group.end !== undefined) return [];
    return bundle === ANY_BUNDLE ? group.bundles : group.bundles.slice(bundle, bundle + 1);
  }

  /** What was given up goes back when no call has anything of it. */
  #settle(group: Group): void {
    if (group.bundles.some(({ users }) => users > 0)) return;
    this.node.available = plus(this.node.available, group.taken);
    group.taken = {};
    if (group.end === "removed") this.#groups.delete(group.plan.id);
  }
}

function have(held: readonly Grant[], of: Pool, names: readonly string[]): boolean {
  return held.some(({ pool, resources }) => pool === of && names.some((name) => amountOf(resources, name) > 0));
}
