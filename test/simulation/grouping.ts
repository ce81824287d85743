// Placement groups in the simulation: what a program does with the one that it has made, and how a process speaks of groups.
import { objectId, type ObjectId, type ProcessId } from "#src/domain/id.js";
import { type GroupId, type GroupPlace, type GroupPlan, type PlacementStrategy } from "#src/domain/placement.js";
import { capturedBy, type TaskRequest } from "#src/domain/request.js";
import type { Resources } from "#src/domain/resources.js";
import type { ToDaemon } from "#src/protocol/daemon.js";
import type { Asks } from "./asking.ts";

/** A placement group, as it truly is. */
export interface GroupTruth {
  readonly creator: ProcessId;
  readonly job: ProcessId;
  /** Somebody has said so. */
  removed: boolean;
}

/** A process that can have groups made and removed. */
export interface Grouper {
  readonly id: ProcessId;
  readonly closed: boolean;
  readonly owner: { take(count: number): number };
  readonly world: { readonly ledger: { readonly groups: Map<GroupId, GroupTruth> } };
  readonly asks: Asks;
  tellDaemon(message: ToDaemon): void;
}

/** What a process has said of groups. */
export class GroupTalk {
  readonly #process: Grouper;

  constructor(process: Grouper) {
    this.#process = process;
  }

  create(bundles: readonly Resources[], strategy: PlacementStrategy, job: ProcessId): GroupPlan {
    const { id: creator, owner, world, closed } = this.#process;
    const plan: GroupPlan = { id: objectId(creator, owner.take(1)), bundles, strategy };
    world.ledger.groups.set(plan.id, { creator, job, removed: closed });
    if (!closed) this.#process.tellDaemon({ type: "createGroup", plan, name: "", detached: false });
    return plan;
  }

  remove(id: GroupId): void {
    const truth = this.#process.world.ledger.groups.get(id);
    if (truth !== undefined) truth.removed = true;
    if (!this.#process.closed) this.#process.asks.ask({ removeGroup: id });
  }
}

/** Of a program that runs: the group that it has made, and the one that it runs in. */
export class Grouping {
  readonly #talk: GroupTalk;
  readonly #place: GroupPlace | undefined;
  #plan: GroupPlan | undefined;
  /** What was called in its own. */
  called: ObjectId[] = [];

  constructor(talk: GroupTalk, place: GroupPlace | undefined) {
    this.#talk = talk;
    this.#place = place;
  }

  make(bundles: readonly Resources[], strategy: PlacementStrategy, job: ProcessId): void {
    this.#plan = this.#talk.create(bundles, strategy, job);
  }

  remove(): void {
    if (this.#plan !== undefined) this.#talk.remove(this.#plan.id);
    this.#plan = undefined;
    this.called = [];
  }

  /** What a call asks for, where it is to be in a group. */
  placed(
    request: TaskRequest,
    place: { readonly bundle: number; readonly captures: boolean } | undefined,
  ): TaskRequest {
    if (place !== undefined && this.#plan !== undefined) return { ...request, group: { ...this.#plan, ...place } };
    return this.#place?.captures === true ? capturedBy(request, this.#place) : request;
  }
}

/** The calls that its owner says are stopped in flight. */
export function stoppedIn(stories: readonly string[]): number[] {
  return stories.flatMap((story) => {
    const number = /^task (\d+) .*? is stopped:/.exec(story)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

export interface Fates {
  /** How the process ended; undefined while it lives. */
  fateOf(process: ProcessId): "killed" | "left" | undefined;
  /** Whether any driver has ended. */
  readonly driversGone: boolean;
}

/** Why a call should not have failed because its group is gone; undefined when it may have. */
export function goneUnexplained(id: GroupId, group: GroupTruth | undefined, fates: Fates): string | undefined {
  if (group === undefined) return `nobody ever made group ${id}`;
  if (group.removed || fates.fateOf(group.creator) === "killed") return undefined;
  // A worker that calls of several drivers wait in counts its group to one of these.
  return fates.driversGone ? undefined : `group ${id} is there`;
}
