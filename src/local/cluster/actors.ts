// Actors: their birth, names, restarts and end.
//
//   waiting    its arguments are not there yet
//   pending    waits for a process, as a call does
//   starting   its constructor runs there
//   alive      takes calls
//   leaving    its process is about to end, and `end` says why
//   dead       kept for whoever holds a handle and asks
//
// An actor is a shared object: handles are holds of it, and when the last is gone it ends in order. One that was made with `getIfExists`
// and found another of its name is an alias of that, and keeps it alive.
import { unreachable } from "../../std/invariant.ts";
import { ownerOf, type ProcessId } from "../../domain/id.ts";
import { constructorOf, type ActorId } from "../../domain/actor.ts";
import type { ActorArgs, ActorPlan } from "../../domain/actor-spec.ts";
import type { Failure, WorkerLoss } from "../../domain/object.ts";
import { envFor, refusalOf } from "../../domain/request.ts";
import type { ActorFate } from "../../protocol/daemon.ts";
import {
  bodyOf,
  checkActor,
  comesBack,
  crashOf,
  deathOf,
  detachedOf,
  mayComeBack,
  newActor,
  refusedBy,
  storyOf,
  LEAVING_TICKS_MAX,
  type Actor,
  type ActorMessage,
  type Ending,
} from "./actor.ts";
import { ActorNames } from "./actor-names.ts";
import { Aliases } from "./aliases.ts";
import { Bodies, type BodiesContext } from "./bodies.ts";
import { Callers } from "./callers.ts";
import { Cycles } from "./cycles.ts";
import { demandFor, type Demands } from "./demands.ts";
import type { Demand, Lease, Worker } from "./lease.ts";
import type { ClusterEffect, ClusterOptions } from "./step.ts";
import type { Workers } from "./workers.ts";

export interface ActorsContext extends BodiesContext {
  readonly options: ClusterOptions;
  readonly workers: Workers;
  readonly demands: Demands;
  readonly emit: (effect: ClusterEffect) => void;
  /** It waits for a process from now on. */
  readonly wanted: (demand: Demand) => void;
}

export class Actors {
  readonly #actors = new Map<ActorId, Actor>();
  /** Of others of their name. */
  readonly aliases: Aliases;
  readonly #names = new ActorNames();
  readonly #leaving = new Set<Actor>();
  /** So many that lived have ended because nobody held them. */
  letGo = 0;
  readonly #callers: Callers;
  readonly #bodies: Bodies;
  readonly #cycles: Cycles;
  readonly #context: ActorsContext;

  constructor(context: ActorsContext) {
    this.#context = context;
    this.#callers = new Callers(context);
    this.#bodies = new Bodies(context);
    this.aliases = new Aliases(context.objects, context.send);
    this.#cycles = new Cycles((id) => this.#get(id), context.send);
  }

  get byId(): ReadonlyMap<ActorId, Actor> {
    return this.#actors;
  }

  #get(id: ActorId): Actor | undefined {
    return this.#actors.get(id) ?? this.aliases.get(id);
  }

  message(from: ProcessId, message: ActorMessage): void {
    switch (message.type) {
      case "createActor": {
        this.#create(message.id, message.plan, from);
        const by = this.#callers.takeKiller(message.id);
        if (by !== undefined) this.kill(message.id, { restart: false, by });
        for (const process of this.#callers.takeEarly(message.id)) this.#seek(message.id, process);
        return;
      }
      case "actorArgs":
        return this.#fill(message.id, message, from);
      case "actorFailed":
        return this.#failed(message.id, message.cause, from);
      case "actorMade":
        return this.#made(message.id, from);
      case "actorLeaves":
        return this.#leaves(message.id, from);
      case "awaits":
        return this.#cycles.awaits(from, message);
      case "seek":
        return this.#seek(message.id, from);
      default:
        return unreachable(message, "the cluster brain");
    }
  }

  // ---------------------------------------------------------------- birth

  #create(id: ActorId, plan: ActorPlan, creator: ProcessId): void {
    const { objects, workers, options } = this.#context;
    // Whatever code of a task has done to its process: what others have made is theirs.
    if (ownerOf(id) !== creator || this.has(id)) return;
    objects.actor(id, creator);
    const named = this.#names.get(plan);
    if (named !== undefined && plan.getIfExists) return this.aliases.add(id, named);
    const actor = newActor({
      id,
      plan,
      creator,
      job: workers.jobOf(creator),
      env: envFor(plan.request, workers.all.get(creator)?.kind.env ?? options.env),
    });
    this.#actors.set(id, actor);
    this.aliases.tell(id, creator, actor);
    if (named !== undefined) return this.#die(actor, { end: "nameTaken" });
    this.#names.take(actor);
    this.#bodies.begin(actor);
    if (plan.detached) objects.wrap(detachedOf(id), [id]);
    if (refusalOf(plan.request, options) !== undefined)
      this.#die(actor, { end: "failed", cause: refusedBy(options, plan) });
  }

  /** Its arguments have come. */
  #fill(id: ActorId, args: ActorArgs, from: ProcessId): void {
    const actor = this.#actors.get(id);
    if (actor?.state !== "waiting" || actor.creator !== from) return;
    this.#bodies.fill(actor, args);
    this.#want(actor);
  }

  #want(actor: Actor): void {
    const { id, plan, creator, job, env } = actor;
    actor.state = "pending";
    const owner = plan.detached ? (job ?? creator) : creator;
    const demand = demandFor(owner, {
      shape: `actor ${id}`,
      request: { ...plan.request, apart: true },
      env,
      name: plan.className,
      site: plan.site,
      lacking: 1,
      actor: id,
    });
    actor.demand = demand;
    this.#context.demands.add(demand);
    this.#context.wanted(demand);
  }

  /** There is a process for it. */
  host(id: ActorId, lease: Lease): void {
    const actor = this.#actors.get(id);
    if (actor === undefined) throw new Error(`actor ${id} is hosted without having been made`);
    const { worker } = lease;
    actor.state = "starting";
    actor.lease = lease;
    worker.actor = id;
    worker.spent = true;
    this.#bodies.host(actor, lease);
    // Whoever lives there keeps itself alive by no handle.
    for (const handle of [id, ...actor.aliases]) this.aliases.takeOver(handle, worker.id);
  }

  #made(id: ActorId, from: ProcessId): void {
    const actor = this.#at(id, from);
    if (actor?.lease === undefined) return;
    if (actor.plan.placing) this.#context.workers.shrink(actor.lease);
    if (actor.state !== "starting") return;
    actor.state = "alive";
    this.#callers.seat(actor);
  }

  /** The one that lives in this process. */
  #at(id: ActorId, process: ProcessId): Actor | undefined {
    const actor = this.#actors.get(id);
    return actor?.lease?.worker.id === process ? actor : undefined;
  }

  #seek(id: ActorId, process: ProcessId): void {
    const actor = this.#get(id);
    if (actor === undefined) return this.#callers.unknown(id, process);
    this.aliases.tell(id, process, actor);
    this.#callers.seek(actor, process);
  }

  // ---------------------------------------------------------------- the end

  /** From its creator: an argument cannot be there. From its worker: its constructor has failed. */
  #failed(id: ActorId, cause: Failure, from: ProcessId): void {
    const actor = this.#actors.get(id);
    if (actor?.state === "waiting" && actor.creator === from) return this.#die(actor, { end: "failed", cause });
    if (actor?.state !== "starting" || this.#at(id, from) === undefined) return;
    if (this.#bodies.lacks(actor, cause)) this.#leave(actor, { end: "failed", cause, lacks: true });
    else this.#die(actor, { end: "failed", cause });
    this.#context.emit({ type: "kill", worker: from });
  }

  /** No process can be started for it. */
  refuse(id: ActorId, loss: WorkerLoss): void {
    const actor = this.#actors.get(id);
    if (actor?.state !== "pending") return;
    const { className, request, site } = actor.plan;
    const call = { name: constructorOf(className), request, site };
    this.#die(actor, { end: "failed", cause: { kind: "setupFailed", ...call, loss } });
  }

  kill(id: ActorId, { restart, by }: { readonly restart: boolean; readonly by: string }): void {
    const actor = this.#get(id);
    if (actor !== undefined) this.#end(actor, { end: "killed", by, restart }, `it was killed ${by}`);
    else if (!restart) this.#callers.killEarly(id, by);
  }

  /** With the placement group that it runs in, or was to run in. */
  groupGone(id: ActorId, cause: Failure): void {
    const actor = this.#actors.get(id);
    if (actor !== undefined) this.#end(actor, { end: "groupGone", cause }, "its placement group was removed");
  }

  /** By itself: it takes no more calls. */
  #leaves(id: ActorId, from: ProcessId): void {
    const actor = this.#at(id, from);
    if (actor?.state === "alive" || actor?.state === "starting") this.#leave(actor, { end: "exited" });
  }

  /**
   * Nobody holds a handle any more, and no call is in progress: those hold it too. But its own process may have handed one on, of which
   * nothing was heard yet: what that holds itself does not count, so it is asked first.
   */
  unreachable(id: ActorId): void {
    const actor = this.#get(id);
    if (actor === undefined) return;
    if (actor.lease === undefined) return this.#unheld(actor);
    actor.asked += 1;
    this.#context.send(actor.lease.worker.id, { type: "recall", lease: actor.lease.id, when: "idle" });
  }

  /** Its process has answered: what it had handed on before was heard. */
  answered(id: ActorId): void {
    const actor = this.#actors.get(id);
    if (actor === undefined) return;
    actor.asked -= 1;
    if (actor.asked === 0) this.#unheld(actor);
  }

  /** Itself, or an alias of it. */
  #unheld(actor: Actor): void {
    const { state, lease } = actor;
    this.aliases.tidy(actor);
    if (this.#isHeld(actor)) return;
    if (state === "dead" && lease === undefined) return this.#forget(actor);
    if (state === "waiting" || state === "pending") return this.#die(actor, { end: "unreachable" });
    if (lease === undefined || (state !== "starting" && state !== "alive")) return;
    this.letGo += 1;
    this.#leave(actor, { end: "unreachable" });
    this.#context.send(lease.worker.id, { type: "retire" });
  }

  #isHeld({ id }: Actor): boolean {
    return this.#context.objects.has(id);
  }

  #forget(actor: Actor): void {
    this.aliases.tidy(actor);
    this.#actors.delete(actor.id);
    this.#context.objects.unwrap(bodyOf(actor.id));
  }

  #end(actor: Actor, ending: Ending, reason: string): void {
    const { state, lease } = actor;
    if (state === "dead") return;
    if (state === "waiting" || state === "pending")
      return ending.restart === true ? undefined : this.#die(actor, ending);
    // One that is leaving by itself has its own reason; but one that was to come back may be told not to.
    if (state !== "leaving" || mayComeBack(actor.end)) this.#leave(actor, ending);
    if (lease !== undefined) this.#context.emit({ type: "kill", worker: lease.worker.id, reason });
  }

  #leave(actor: Actor, ending: Ending): void {
    actor.state = "leaving";
    actor.end = ending;
    actor.ticks = 0;
    // One that is about to end for good is in nobody's way.
    if (!comesBack(actor, ending)) this.#names.free(actor);
    this.#leaving.add(actor);
  }

  tick(): void {
    for (const actor of this.#leaving) {
      actor.ticks += 1;
      if (actor.ticks > LEAVING_TICKS_MAX && actor.lease !== undefined)
        this.#context.emit({ type: "kill", worker: actor.lease.worker.id });
    }
  }

  /** A process has ended: what it was to others. `loss`: how. */
  processGone(process: ProcessId): void {
    for (const actor of [...this.#actors.values()]) {
      // One that is detached needs its creator as long as its arguments are not there.
      if (actor.creator === process && (!actor.plan.detached || actor.state === "waiting"))
        this.#end(actor, { end: "creatorGone" }, "the process that had made it has ended");
      this.#callers.left(actor, process);
    }
    this.#callers.gone(process);
    this.#cycles.gone(process);
  }

  /** The process that it lived in has ended, and no longer counts among the workers. */
  lost({ actor: id }: Worker, loss: WorkerLoss): void {
    const actor = id === undefined ? undefined : this.#actors.get(id);
    if (actor === undefined) return;
    const { end, state } = actor;
    actor.lease = undefined;
    actor.demand = undefined;
    actor.asked = 0;
    this.#leaving.delete(actor);
    this.aliases.tidy(actor);
    if (state === "dead") return this.#unheld(actor);
    const lacks = end?.lacks === true;
    const again = comesBack(actor, end) && this.#isHeld(actor) && (!lacks || this.#bodies.ask(actor, end.cause));
    if (!again) return this.#die(actor, end ?? crashOf(actor, this.#isHeld(actor)), loss);
    actor.end = undefined;
    for (const caller of actor.callers.values()) caller.seat = undefined;
    if (!lacks) actor.restarts += 1;
    if (lacks) actor.state = "waiting";
    else this.#want(actor);
  }

  /** What the end of the process in which it lived means for its calls: it may have ended since. */
  fateOf(id: ActorId | undefined): ActorFate | undefined {
    return id === undefined ? undefined : { id, death: this.#actors.get(id)?.death };
  }

  #die(actor: Actor, ending: Ending, loss?: WorkerLoss): void {
    const { objects, demands } = this.#context;
    const { id, demand } = actor;
    actor.state = "dead";
    actor.death = deathOf(actor, ending, loss);
    this.#leaving.delete(actor);
    this.#names.free(actor);
    if (demand !== undefined) {
      demand.lacking = 0;
      demands.tidy(demand);
    }
    // Those that have a seat hear of it with the end of the process.
    this.#callers.tellDeath(actor);
    this.#bodies.end(actor, (ref) => this.#get(ref) === actor);
    objects.unwrap(detachedOf(id));
    this.#unheld(actor);
  }

  // ---------------------------------------------------------------- who asks

  /** Of an actor, or an alias of one. */
  has(id: ActorId): boolean {
    return this.#get(id) !== undefined;
  }

  /** A handle of one that lives there does not keep it alive. */
  livesIn(id: ActorId, process: ProcessId): boolean {
    return this.#get(id)?.lease?.worker.id === process;
  }

  /** It has made some that live on, and would end with it. */
  owes(process: ProcessId): boolean {
    for (const { creator, state, plan } of this.#actors.values())
      if (creator === process && state !== "dead" && !plan.detached) return true;
    return false;
  }

  named(name: string, namespace: string, asker: ProcessId): unknown {
    return this.#names.found({ name, namespace }, this.#context.objects, asker);
  }

  readonly all = (namespace: string | undefined): unknown => this.#names.all(namespace);

  stories(): string[] {
    return [...this.#actors.values()].map(storyOf);
  }

  check(): void {
    for (const actor of this.#actors.values()) checkActor(actor);
    this.#names.check();
  }
}
