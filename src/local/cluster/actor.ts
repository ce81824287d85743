// What the cluster knows of an actor.
import { constructorOf, type ActorEnd, type ActorId } from "../../domain/actor.ts";
import type { ActorArgs, ActorPlan } from "../../domain/actor-spec.ts";
import type { ProcessId } from "../../domain/id.ts";
import { refsInFailure, type ActorDeath, type Failure, type WorkerLoss } from "../../domain/object.ts";
import type { NodeOffer } from "../../domain/request.ts";
import type { Env } from "../../domain/runtime-env.ts";
import type { ActorTitle, LeaseId, ToDaemon } from "../../protocol/daemon.ts";
import type { Demand, Lease } from "./lease.ts";

/** Half a minute, and a second for the way: ticks that an actor may take to end in order. As in Ray. */
export const LEAVING_TICKS_MAX = 310;

/** What clients say of actors. */
export type ActorMessage = Extract<
  ToDaemon,
  { type: "createActor" | "actorArgs" | "actorFailed" | "actorMade" | "actorLeaves" | "awaits" | "seek" }
>;

export interface Ending {
  readonly end: ActorEnd;
  readonly by?: string;
  readonly cause?: Failure;
  /** Unless it may be started again. */
  readonly restart?: boolean;
  /** It has not begun: what its constructor takes was lost, as `cause` says, and may come again. */
  readonly lacks?: boolean;
}

export interface Caller {
  /** In the process that it lives in now. */
  seat: LeaseId | undefined;
}

export interface Actor {
  readonly id: ActorId;
  readonly plan: ActorPlan;
  readonly creator: ProcessId;
  /** The driver from whose program it was made. */
  readonly job: ProcessId | undefined;
  readonly env: Env;
  state: "waiting" | "pending" | "starting" | "alive" | "leaving" | "dead";
  body: ActorArgs | undefined;
  demand: Demand | undefined;
  lease: Lease | undefined;
  restarts: number;
  end: Ending | undefined;
  death: ActorDeath | undefined;
  readonly callers: Map<ProcessId, Caller>;
  readonly aliases: Set<ActorId>;
  /** Questions to its process, whether it has handed on any handle, that are not answered yet. */
  asked: number;
  ticks: number;
}

export const UNKNOWN: ActorDeath = { end: "unknown", className: "", name: "", namespace: "", restarts: 0 };

export function mayRestart({ maxRestarts }: ActorPlan, restarts: number): boolean {
  return maxRestarts < 0 || restarts < maxRestarts;
}

/** By its ending; undefined: it ends by itself. */
export function mayComeBack(ending: Ending | undefined): boolean {
  return ending === undefined || ending.restart === true || ending.lacks === true;
}

export function comesBack({ plan, restarts }: Actor, ending: Ending | undefined): boolean {
  return mayComeBack(ending) && (ending?.lacks === true || mayRestart(plan, restarts));
}

/** Containers of refs. */
export const bodyOf = (id: ActorId): string => `actor ${id}`;
export const detachedOf = (id: ActorId): string => `detached ${id}`;

export function refsInDeath({ cause }: ActorDeath): readonly string[] {
  return cause === undefined ? [] : refsInFailure(cause);
}

/** No node can ever give what it asks for. */
export function refusedBy({ nodeId, total, labels }: NodeOffer, { className, request, site }: ActorPlan): Failure {
  return { kind: "unschedulable", name: constructorOf(className), request, node: { nodeId, total, labels }, site };
}

export function newActor(born: Pick<Actor, "id" | "plan" | "creator" | "job" | "env">): Actor {
  return {
    ...born,
    state: "waiting",
    body: undefined,
    demand: undefined,
    lease: undefined,
    restarts: 0,
    end: undefined,
    death: undefined,
    callers: new Map(),
    aliases: new Set(),
    asked: 0,
    ticks: 0,
  };
}

/** It has ended by itself, or by nobody's word here. */
export function crashOf({ state }: Actor, isHeld: boolean): Ending {
  if (!isHeld) return { end: "unreachable" };
  return { end: "crashed", ...(state === "starting" && { by: "while its constructor ran" }) };
}

export function deathOf({ plan, restarts }: Actor, { end, by, cause }: Ending, loss?: WorkerLoss): ActorDeath {
  const { className, name, namespace } = plan;
  return { end, className, name, namespace, restarts, loss, cause, by };
}

export function titleOf(id: ActorId, actor: Actor | undefined): ActorTitle {
  return { id, className: actor?.plan.className ?? "", name: actor?.plan.name ?? "" };
}

export function storyOf({ id, plan, state, lease, restarts, callers }: Actor): string {
  const where = lease === undefined ? "nowhere" : lease.worker.id;
  return `actor ${id} (${plan.className}): ${state} in ${where}, ${restarts} restarts, ${callers.size} callers`;
}

/** Throws with what is wrong. */
export function checkActor({ id, state, lease, demand, death }: Actor): void {
  const housed = state === "starting" || state === "alive" || state === "leaving";
  if (housed && lease === undefined) throw new Error(`actor ${id}: ${state} without a process`);
  if ((state === "dead") !== (death !== undefined))
    throw new Error(`actor ${id}: ${state}, and its death does not fit`);
  if (state === "pending" && demand?.lacking !== 1)
    throw new Error(`actor ${id}: pending, but nothing is wanted for it`);
}
