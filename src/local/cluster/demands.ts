// Who wants leases, of which shape, how many; and whose turn it is.
import type { ProcessId } from "../../domain/id.ts";
import type { GroupId } from "../../domain/placement.ts";
import type { Shape } from "../../domain/request.ts";
import { keyOfEnv, type Env, type EnvKey } from "../../domain/runtime-env.ts";
import type { LeaseId, ToDaemon } from "../../protocol/daemon.ts";
import type { Demand } from "./lease.ts";

/** A second. Doubled each time that it did not do, so that calls of any length are waited for in the end. */
const PATIENCE_TICKS = 10;

/** A second without a grant: changing hands so seldom costs nothing. */
const OVERDUE_TICKS = 10;
/** One tick may have been a moment: an asked lease that is there after the second runs a long call, or nobody uses it. */
const LATE_TICKS = 2;

type Wanted = Extract<ToDaemon, { type: "demand" }>;

export class Demands {
  readonly #byOwner = new Map<ProcessId, Map<Shape, Demand>>();
  /** Those of the node, and by placement group those that are to run there: of thousands of groups that wait nobody is asked in vain. */
  readonly #ofNode = new Set<Demand>();
  readonly #ofGroups = new Map<GroupId, Set<Demand>>();

  /** `lacking`: beyond what it was granted up to lease `seen`. */
  set(owner: ProcessId, { shape, request, lacking, seen, name }: Wanted, env: Env): Demand {
    const known = this.#byOwner.get(owner)?.get(shape);
    const demand = known ?? demandFor(owner, { shape, request, env, name, lacking });
    if (known === undefined) this.add(demand);
    demand.unseen = demand.unseen.filter((lease) => lease > seen);
    demand.lacking = Math.max(0, lacking - demand.unseen.length);
    if (name !== "") demand.name = name;
    if (demand.lacking === 0) beginAgain(demand);
    return demand;
  }

  /** Of its own shape. */
  add(demand: Demand): void {
    const shapes = this.#byOwner.get(demand.owner) ?? new Map<Shape, Demand>();
    this.#byOwner.set(demand.owner, shapes.set(demand.shape, demand));
    const { group } = demand.request;
    if (group === undefined) return void this.#ofNode.add(demand);
    const inGroup = this.#ofGroups.get(group.id) ?? new Set();
    this.#ofGroups.set(group.id, inGroup.add(demand));
  }

  granted(demand: Demand, lease: LeaseId): void {
    demand.granted = lease;
    demand.unseen.push(lease);
    demand.lacking -= 1;
    demand.starving = false;
    demand.starved = 0;
    demand.patience = PATIENCE_TICKS;
    beginAgain(demand);
  }

  /**
   * One more tick without anything in progress. Whoever has waited too long steps back once: the calls that it waits for may in turn
   * wait for smaller ones, in ways that nobody here can see. True: it does, and what was kept for it is free.
   */
  starve(demand: Demand): boolean {
    demand.starving = demand.starved < demand.patience;
    demand.starved += 1;
    demand.waited += 1;
    if (demand.starving) return false;
    demand.starved = 0;
    demand.patience *= 2;
    return true;
  }

  /** Nothing is lacking and nothing held: forget it. */
  tidy(demand: Demand): void {
    if (demand.lacking > 0 || demand.leases.size > 0) return;
    const shapes = this.#byOwner.get(demand.owner);
    if (shapes?.get(demand.shape) !== demand) return;
    shapes.delete(demand.shape);
    if (shapes.size === 0) this.#byOwner.delete(demand.owner);
    this.#forget(demand);
  }

  #forget(demand: Demand): void {
    this.#ofNode.delete(demand);
    const { group } = demand.request;
    const inGroup = group && this.#ofGroups.get(group.id);
    if (group === undefined || inGroup === undefined) return;
    inGroup.delete(demand);
    if (inGroup.size === 0) this.#ofGroups.delete(group.id);
  }

  *[Symbol.iterator](): IterableIterator<Demand> {
    for (const shapes of this.#byOwner.values()) yield* shapes.values();
  }

  /** Those that wait for a process in such an environment. */
  in(env: EnvKey): Demand[] {
    return [...this].filter((demand) => demand.lacking > 0 && keyOfEnv(demand.env) === env);
  }

  /** Those that are to run in this placement group. */
  inGroup(group: GroupId): Demand[] {
    return [...(this.#ofGroups.get(group) ?? [])];
  }

  of(owner: ProcessId): Demand[] {
    return [...(this.#byOwner.get(owner)?.values() ?? [])];
  }

  /** Of a process that has ended: calls want nothing any more, and what actors want is theirs. */
  remove(owner: ProcessId): void {
    const shapes = this.#byOwner.get(owner);
    for (const [shape, demand] of shapes ?? []) {
      if (demand.actor !== undefined) continue;
      shapes?.delete(shape);
      this.#forget(demand);
    }
    if (shapes?.size === 0) this.#byOwner.delete(owner);
  }

  /**
   * Those that lack leases, whose turn it is first: the most urgent; among equals the one with the fewest calls in progress, so that a
   * hundred thousand tasks of one submitter do not delay ten of another; then the deepest, because what it finishes lets its ancestors
   * finish.
   */
  waiting({ depthOf, urgencyOf, groups, hasRoom, wish }: Standing): Demand[] {
    const lacking: Turn[] = [];
    const take = (demand: Demand): void => {
      const [urgency, depth] = [urgencyOf(demand), depthOf(demand.owner)];
      const overdue = isOverdue(demand);
      lacking.push({ demand, urgency, active: active(demand) - Number(overdue), overdue, depth });
    };
    const ask = (demand: Demand): void => {
      if (demand.lacking > 0 && hasRoom(demand)) take(demand);
    };
    for (const demand of this.#ofNode) ask(demand);
    for (const group of groups()) for (const demand of this.#ofGroups.get(group) ?? []) ask(demand);
    const first = wish();
    if (first !== undefined) take(first);
    return lacking.sort(inTurn).map(({ demand }) => demand);
  }

  stories(): string[] {
    return [...this.#byOwner.values()].flatMap((shapes) =>
      [...shapes.values()].map(
        ({ owner, shape, lacking, leases }) =>
          `demand of ${owner}, shape "${shape}": lacks ${lacking}, has ${leases.size}`,
      ),
    );
  }

  get size(): number {
    return this.#byOwner.size;
  }
}

/** What the calls that a process runs make of those that it submits. */
export interface Standing {
  readonly depthOf: (owner: ProcessId) => number;
  readonly urgencyOf: (demand: Demand) => number;
  /** The placement groups that are there. */
  readonly groups: () => Iterable<GroupId>;
  /** False while there is no memory for the process that it asks for. */
  readonly hasRoom: (demand: Demand) => boolean;
  /** Of the placement groups that wait to be reserved. */
  readonly wish: () => Demand | undefined;
}

export function demandFor(
  owner: ProcessId,
  {
    shape,
    request,
    env,
    name,
    lacking,
    actor,
    site,
  }: Pick<Demand, "shape" | "request" | "env" | "name" | "lacking" | "actor" | "site">,
): Demand {
  return {
    owner,
    actor,
    shape,
    request,
    env,
    name,
    site,
    lacking,
    unseen: [],
    leases: new Set(),
    granted: 0,
    starving: false,
    starved: 0,
    patience: PATIENCE_TICKS,
    waited: 0,
    ungranted: 0,
    claims: false,
    told: false,
  };
}

/** It lacks nothing more, or has got something: what it has waited for so far counts no longer. */
function beginAgain(demand: Demand): void {
  demand.waited = demand.ungranted = 0;
  demand.claims = false;
}

interface Turn {
  readonly demand: Demand;
  readonly urgency: number;
  /** One less when it is overdue: then it comes before its equals. */
  readonly active: number;
  readonly overdue: boolean;
  readonly depth: number;
}

function inTurn(left: Turn, right: Turn): number {
  return (
    right.urgency - left.urgency ||
    left.active - right.active ||
    Number(right.demand.starving) - Number(left.demand.starving) ||
    Number(right.overdue) - Number(left.overdue) ||
    right.depth - left.depth ||
    left.demand.granted - right.demand.granted
  );
}

/** It has what others have, and that may be one long call; so others give up some of what calls come and go on. */
export function isOverdue(demand: Demand): boolean {
  return demand.ungranted >= OVERDUE_TICKS || demand.claims;
}

/** It has long calls, as far as can be told: all that it has was asked back, and does not come. */
export function hasOnlyLate(demand: Demand): boolean {
  let count = 0;
  for (const lease of demand.leases) {
    if (lease.blocked) continue;
    if (lease.late < LATE_TICKS) return false;
    count += 1;
  }
  return count > 0;
}

/** Leases whose call does not wait for others. */
export function active(demand: Demand): number {
  let count = 0;
  for (const lease of demand.leases) if (!lease.blocked) count += 1;
  return count;
}
