// Who wants leases, of which shape, how many; and whose turn it is.
import type { ProcessId } from "../../domain/id.ts";
import type { GroupId } from "../../domain/placement.ts";
import type { Shape } from "../../domain/request.ts";
import { keyOfEnv, type Env, type EnvKey } from "../../domain/runtime-env.ts";
import type { LeaseId, ToDaemon } from "../../protocol/daemon.ts";
import type { Demand, Share } from "./lease.ts";
import { beginAgain, inTurn, isContent, shareFor, Shares } from "./shares.ts";

/** A second. Doubled each time that it did not do, so that calls of any length are waited for in the end. */
const PATIENCE_TICKS = 10;

type Wanted = Extract<ToDaemon, { type: "demand" }>;

export class Demands {
  readonly #byOwner = new Map<ProcessId, Map<Shape, Demand>>();
  readonly #shares = new Shares();
  /** Those of the node, and by placement group those that are to run there: of thousands of groups that wait nobody is asked in vain. */
  readonly #ofNode = new Set<Demand>();
  readonly #ofGroups = new Map<GroupId, Set<Demand>>();

  /** `lacking`: beyond what it was granted up to lease `seen`. */
  set(owner: ProcessId, { shape, request, lacking, seen, name }: Wanted, env: Env): Demand {
    const known = this.#byOwner.get(owner)?.get(shape);
    const demand =
      known ?? demandFor(owner, { shape, request, env, name, lacking, share: this.#shares.of(owner, request) });
    if (known === undefined) this.add(demand);
    demand.unseen = demand.unseen.filter((lease) => lease > seen);
    demand.lacking = Math.max(0, lacking - demand.unseen.length);
    if (name !== "") demand.name = name;
    if (demand.lacking > 0) return demand;
    demand.waited = 0;
    beginAgain(demand);
    if (isContent(demand.share)) beginAgain(demand.share);
    return demand;
  }

  /** Of its own shape. */
  add(demand: Demand): void {
    const shapes = this.#byOwner.get(demand.owner) ?? new Map<Shape, Demand>();
    this.#byOwner.set(demand.owner, shapes.set(demand.shape, demand));
    this.#shares.join(demand);
    const { group } = demand.request;
    if (group === undefined) return void this.#ofNode.add(demand);
    const inGroup = this.#ofGroups.get(group.id) ?? new Set();
    this.#ofGroups.set(group.id, inGroup.add(demand));
  }

  granted(demand: Demand, lease: LeaseId): void {
    for (const party of [demand, demand.share]) {
      party.granted = lease;
      party.starving = false;
      beginAgain(party);
    }
    demand.unseen.push(lease);
    demand.lacking -= 1;
    demand.starved = demand.waited = 0;
    demand.patience = PATIENCE_TICKS;
  }

  /** One more tick for these, that wait. */
  goOn(waiting: readonly Demand[]): void {
    const shares = new Set(waiting.map(({ share }) => share));
    for (const share of shares) share.starving = false;
    for (const party of [...waiting, ...shares]) party.ungranted += 1;
  }

  /**
   * One more tick without anything in progress. Whoever has waited too long steps back once: the calls that it waits for may in turn
   * wait for smaller ones, in ways that nobody here can see. True: it does, and what was kept for it is free.
   */
  starve(demand: Demand): boolean {
    demand.starving = demand.starved < demand.patience;
    demand.starved += 1;
    demand.waited += 1;
    if (demand.starving) {
      demand.share.starving = true;
      return false;
    }
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
    this.#shares.leave(demand);
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
   * Those that lack leases, whose turn it is first: the most urgent; among equals those of the submitter with the fewest calls in progress,
   * so that a hundred thousand tasks of one do not delay ten of another; then of the deepest, because what it finishes lets its ancestors
   * finish. Of one submitter, that of which the fewest are in progress.
   */
  waiting({ depthOf, urgencyOf, groups, hasRoom, wish }: Standing): Demand[] {
    const lacking: Turn[] = [];
    const ranks = new Map<Share, number>();
    const take = (demand: Demand): void => {
      const rank = ranks.get(demand.share) ?? ranks.size;
      ranks.set(demand.share, rank);
      lacking.push({ demand, urgency: urgencyOf(demand), depth: depthOf(demand.owner), rank });
    };
    const ask = (demand: Demand): void => {
      if (demand.lacking > 0 && hasRoom(demand)) take(demand);
    };
    for (const demand of this.#ofNode) ask(demand);
    for (const group of groups()) for (const demand of this.#ofGroups.get(group) ?? []) ask(demand);
    const first = wish();
    if (first !== undefined) take(first);
    return lacking.sort(byTurn).map(({ demand }) => demand);
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
    share = shareFor(shape),
  }: Pick<Demand, "shape" | "request" | "env" | "name" | "lacking" | "actor" | "site"> & Partial<Pick<Demand, "share">>,
): Demand {
  return {
    owner,
    share,
    actor,
    shape,
    request,
    env,
    name,
    site,
    lacking,
    unseen: [],
    leases: new Set(),
    calls: 0,
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

interface Turn {
  readonly demand: Demand;
  readonly urgency: number;
  readonly depth: number;
  /** Of its share: one after the other, where nothing else tells them apart. */
  readonly rank: number;
}

function byTurn(left: Turn, right: Turn): number {
  const [one, other] = [left.demand, right.demand];
  return (
    right.urgency - left.urgency ||
    inTurn(one.share, other.share) ||
    right.depth - left.depth ||
    one.share.granted - other.share.granted ||
    left.rank - right.rank ||
    inTurn(one, other) ||
    one.granted - other.granted
  );
}
