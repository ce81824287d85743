// What is wanted, what is given: a demand of a submitter meets a worker in a lease.
import type { ActorId } from "../../domain/actor.ts";
import type { ProcessId } from "../../domain/id.ts";
import type { Shape, TaskRequest } from "../../domain/request.ts";
import type { Resources } from "../../domain/resources.ts";
import type { Env } from "../../domain/runtime-env.ts";
import type { EndedLease, LeaseId } from "../../protocol/daemon.ts";

/** Where calls get what they ask for: the node, or a bundle of a placement group. */
export interface Pool {
  readonly total: Resources;
  available: Resources;
  /** Of calls that have something of it. */
  leases: number;
}

/** One of those that take turns: a demand among those of one submitter, or all of a submitter among others. */
export interface Party {
  readonly leases: Set<Lease>;
  /** Of its leases those whose call does not wait for others. */
  calls: number;
  /** Its latest lease, ever: among equals the one that has waited longest comes first. */
  granted: LeaseId;
  /** Had nothing in progress for a whole tick, or has a demand that had nothing: comes before deeper ones, and has CPUs kept for it. */
  starving: boolean;
  /** Ticks in which it lacked something, since it was granted something. */
  ungranted: number;
  /** A lease of another ends for its sake, though it has as many. */
  claims: boolean;
}

/** What a submitter has of the same resources, in whatever amounts its calls ask for them. */
export interface Share extends Party {
  readonly key: string;
  readonly demands: Set<Demand>;
}

export interface Demand extends Party {
  readonly share: Share;
  readonly owner: ProcessId;
  readonly shape: Shape;
  readonly request: TaskRequest;
  /** That of its owner, and over it that of the request. */
  readonly env: Env;
  /** The one that is to live in what is granted, for good: an actor. Absent: calls of tasks are. */
  readonly actor?: ActorId | undefined;
  /** Of a task among those that wanted leases, or of the class of the actor. */
  name: string;
  /** Where the actor was made. */
  readonly site?: string | undefined;
  /** Leases it would take on now. */
  lacking: number;
  /** Leases granted to it that it had not seen when it last spoke. */
  unseen: LeaseId[];
  /** Ticks that it has been starving in one go; past `patience` it steps back for one, and has twice the patience then. */
  starved: number;
  patience: number;
  /** Ticks without anything in progress since it was granted something. */
  waited: number;
  /** Its owner was told that it waits for long. */
  told: boolean;
}

/** The processes of one environment: any of them can run what another can. */
export interface Kind {
  readonly env: Env;
  /** The last to become idle is the first to be used again: its caches are warm, and the others can be given up. */
  readonly idle: Worker[];
  size: number;
  starting: number;
  /** Ended before they were ready, in a row. */
  failedStarts: number;
}

export interface Worker {
  readonly id: ProcessId;
  readonly kind: Kind;
  address: string;
  pid: number;
  state: "starting" | "idle" | "leased" | "leaving";
  readonly leases: Set<Lease>;
  /** The driver from whose program its latest call stems. */
  job: ProcessId | undefined;
  /** Whoever had a lease here: calls may be in flight that this process will never answer. */
  readonly owners: Set<ProcessId>;
  /** The latest leases that it has ended: their owners may not have heard of it, and have pushed further calls. */
  ended: readonly (EndedLease & { readonly owner: ProcessId })[];
  /**
   * It is being ended because of a call on it that is to be stopped, or because it does not become ready; "tree": and so are those that
   * run what it has submitted.
   */
  forced: "no" | "alone" | "tree";
  /** The one that lives there: it has one lease, and no other. */
  actor: ActorId | undefined;
  /** Ticks it has been idle, or starting. */
  rested: number;
  /** Calls that it has begun of those with `maxCalls`, by `limitOf`, under leases that have ended. */
  readonly calls: Map<Shape, number>;
  /** It has run all calls that it may, or has had GPUs, and ends when it can: libraries keep memory of a GPU for as long as their process lives. Ray: `max_calls` of 1. */
  spent: boolean;
}

export interface Lease {
  readonly id: LeaseId;
  readonly worker: Worker;
  readonly demand: Demand;
  /** What was granted, the concrete GPUs among it, and of what. An actor may need less once it is made. */
  resources: Resources;
  readonly pool: Pool;
  /** So many calls may begin under it. */
  readonly callsMax: number;
  /** How many calls deep: 1 for what a driver submits. */
  readonly depth: number;
  /** Its priority, or that of the call which has submitted it where that is higher, and may wait for it. */
  readonly urgency: number;
  /** The running call waits for others; its CPUs are lent. */
  blocked: boolean;
  /**
   * What was asked for: of its owner, to give it back when it has no more calls; of the worker, to end it when idle, or after the running
   * call.
   */
  recalled: "no" | "spare" | "idle" | "yield";
  /** Ticks since it was first asked, and did not end. */
  late: number;
  /** Ticks since it was granted, up to the point where others may ask for it. */
  ticks: number;
  /** Ticks since its owner ended. */
  orphanTicks: number | undefined;
}
