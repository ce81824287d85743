// Actors of the inline backend: objects in this process, each with its mailboxes, its resources and its end.
//
//   created ─► being made (a call of its own) ─► alive ─► ending (calls that run come to their end, then it leaves) ─► over
import type { ActorFound, ActorName, KillActor } from "../backend.ts";
import { constructorOf, type ActorId } from "../domain/actor.ts";
import type { ActorSpec } from "../domain/actor-spec.ts";
import { cleaningMs, leavingMs } from "../domain/limits.ts";
import type { ActorDeath, Failure, WorkerLoss } from "../domain/object.ts";
import type { GroupId } from "../domain/placement.ts";
import { lendable, minus } from "../domain/resources.ts";
import type { GoneGroup } from "../domain/stop.ts";
import type { CallId, TaskSpec } from "../domain/task.ts";
import { startTimer, within } from "../std/clock.ts";
import { deferred } from "../std/deferred.ts";
import { invariant } from "../std/invariant.ts";
import { ActorNames } from "./actor-names.ts";
import type { Definitions } from "./definitions.ts";
import type { Grant } from "./groups.ts";
import { earliest, Mailbox, type Caller } from "./mailbox.ts";
import { deathOf, hostOf, type Actor, type InlineHost, type Task } from "./task.ts";

/** What the backend does for it. */
export interface ActorHands {
  /** Held once. */
  create(): ActorId;
  hold(id: ActorId): void;
  release(id: ActorId): void;
  readonly classes: Pick<Definitions, "hold" | "letGo">;
  begin(spec: TaskSpec, actor: Actor): Task;
  finish(task: Task, failure: Failure): void;
  /** What runs is told, and is none of the task's any more. */
  abandon(task: Task, how: string): void;
  give(grant: Grant, group: GroupId | undefined): void;
  lend(grant: Grant, lent: boolean): void;
  leave(host: InlineHost): Promise<void>;
  schedule(): void;
  /** In which this call runs. */
  actorOf(call: CallId | undefined): Actor | undefined;
  /** Its place is empty, for good or until it is made again. */
  vacated(actor: Actor): void;
}

export class Actors {
  readonly #hands: ActorHands;
  readonly #actors = new Map<ActorId, Actor>();
  readonly #names = new ActorNames();
  /** Those with calls that may begin. */
  readonly #ready = new Set<Actor>();
  readonly #leaving = new Set<Promise<void>>();
  letGo = 0; // So many have ended because nobody held them.

  constructor(hands: ActorHands) {
    this.#hands = hands;
  }

  create(spec: ActorSpec): ActorId {
    const holder = this.#names.get(spec);
    if (holder !== undefined && spec.getIfExists) {
      this.#hands.hold(holder.id);
      return holder.id;
    }
    const id = this.#hands.create();
    const actor: Actor = {
      id,
      spec,
      creator: this.#hands.actorOf(spec.parent),
      boxes: new Map(Object.entries(spec.limits).map(([group, limit]) => [group, new Mailbox(limit)])),
      maker: undefined,
      host: hostOf(id, spec, 0),
      made: false,
      grant: undefined,
      lent: false,
      calls: new Set(),
      running: new Set(),
      blocked: 0,
      restarts: 0,
      death: holder === undefined ? undefined : deathOf(spec, 0, "nameTaken"),
    };
    this.#actors.set(id, actor);
    if (holder !== undefined) return id;
    this.#names.take(actor);
    this.#hands.classes.hold(spec.definition, id);
    if (spec.detached) this.#hands.hold(id);
    for (const ref of spec.args.refs) this.#hands.hold(ref);
    for (const dependency of spec.dependencies) this.#hands.hold(dependency.id);
    this.#make(actor);
    return id;
  }

  of(id: ActorId): Actor | undefined {
    return this.#actors.get(id);
  }

  named(name: string, namespace: string): ActorFound {
    const actor = this.#names.get({ namespace, name });
    if (actor !== undefined) this.#hands.hold(actor.id);
    return {
      actor: actor && { id: actor.id, about: actor.spec.about },
      names: this.list(namespace).map((each) => each.name),
    };
  }

  list(namespace: string | undefined): readonly ActorName[] {
    return this.#names.list(namespace);
  }

  kill(id: ActorId, { restart, site }: KillActor): void {
    const actor = this.#actors.get(id);
    if (actor === undefined || actor.death !== undefined) return;
    const by = site.text === "" ? "by ray.kill" : `by ray.kill at ${site.text}`;
    const { maxRestarts } = actor.spec;
    if (restart && (maxRestarts < 0 || actor.restarts < maxRestarts)) this.#restart(actor, by);
    else this.#die(actor, { ...deathOf(actor.spec, actor.restarts, "killed"), by }, "now");
  }

  /** The placement group that it lives in is given up. */
  groupGone(id: GroupId, gone: GoneGroup): void {
    for (const actor of this.#actors.values()) {
      const { spec, death, made } = actor;
      if (spec.request.group?.id !== id || death !== undefined || !made) continue;
      const name = constructorOf(spec.className);
      const cause: Failure = { kind: "groupGone", name, begun: true, ...gone, site: spec.site.text };
      this.#die(actor, { ...deathOf(spec, actor.restarts, "groupGone"), cause }, "now");
    }
  }

  /** Nobody holds it any more, neither a handle nor a call. */
  unheld(id: ActorId): void {
    const actor = this.#actors.get(id);
    if (actor === undefined) return;
    const how = actor.made ? "orderly" : "now";
    if (actor.death === undefined) this.#die(actor, deathOf(actor.spec, actor.restarts, "unreachable"), how);
    this.#actors.delete(id);
  }

  /** The session ends: those that live leave, and have some time for it. */
  close(): Promise<void> {
    for (const actor of [...this.#actors.values()]) {
      actor.death ??= deathOf(actor.spec, actor.restarts, "creatorGone");
      if (actor.made) this.#leave(actor);
    }
    return within(cleaningMs, Promise.all(this.#leaving));
  }

  // ---------------------------------------------------------------- calls

  /** Why a call of it fails, if it does. */
  refusalOf({ name, method, site }: TaskSpec): Failure | undefined {
    invariant(method !== undefined, "only methods are calls of actors");
    const actor = this.#actors.get(method.actor);
    if (actor !== undefined && actor.death === undefined) return undefined;
    const unknown = { className: method.className, name: "", namespace: "" };
    const death = actor?.death ?? deathOf(unknown, 0, "unknown");
    return { kind: "actorDied", name, actor: method.actor, death, begun: false, site: site.text };
  }

  submitted(actor: Actor, task: Task): void {
    actor.calls.add(task);
    if (task.spec.method?.ordered === true) this.#box(actor, task).submitted(task, this.#callerOf(task));
  }

  /** Its arguments are here. */
  arrived(actor: Actor, task: Task): void {
    this.#box(actor, task).arrived(task, this.#callerOf(task));
    this.#look(actor);
  }

  again(actor: Actor, task: Task): void {
    this.#box(actor, task).again(task);
    this.#look(actor);
  }

  /** It has an outcome; what runs may still run. */
  finished(actor: Actor, task: Task, failure: Failure | undefined): void {
    if (task.spec.method !== undefined) {
      actor.calls.delete(task);
      this.#box(actor, task).left(task, this.#callerOf(task));
      return this.#look(actor);
    }
    if (actor.maker !== task) return;
    actor.maker = undefined;
    if (failure === undefined) {
      actor.made = true;
      this.#look(actor);
    } else if (failure.kind !== "closed" && actor.death === undefined) {
      const end = failure.kind === "groupGone" ? "groupGone" : "failed";
      this.#die(actor, { ...deathOf(actor.spec, actor.restarts, end), cause: failure }, "now");
    }
  }

  /** The next call that may begin, of those submitted before `order`. */
  next(order: number): Task | undefined {
    for (const actor of this.#ready) {
      const box = earliest(actor.boxes.values());
      const task = box?.take(order);
      if (task !== undefined) {
        actor.running.add(task);
        this.#lend(actor);
        return task;
      }
      if (box === undefined) this.#ready.delete(actor);
    }
    return undefined;
  }

  get waits(): boolean {
    return this.#ready.size > 0;
  }

  /** What those have that live as long as their handles; but for what they lend. */
  get holding(): ReadonlyMap<ActorId, Grant> {
    const holding = new Map<ActorId, Grant>();
    for (const { id, spec, made, death, grant, lent } of this.#actors.values()) {
      if (grant === undefined || !made || death !== undefined || spec.detached) continue;
      holding.set(id, lent ? { ...grant, resources: minus(grant.resources, lendable(grant.resources)) } : grant);
    }
    return holding;
  }

  /** What ran of it has come to its end. */
  ended(actor: Actor, task: Task): void {
    if (!actor.running.delete(task)) return;
    this.#box(actor, task).ended();
    this.#lend(actor);
    this.#look(actor);
    this.#settle(actor);
  }

  /** It has called exitActor. */
  left(actor: Actor, task: Task): void {
    const { name, site } = task.spec;
    const how = "by exitActor in its constructor";
    if (actor.maker === task)
      return this.#hands.finish(task, { kind: "cancelled", name, how, reason: "", site: site.text });
    if (actor.death === undefined) this.#die(actor, deathOf(actor.spec, actor.restarts, "exited"), "orderly");
    if (!task.done) this.#fail(actor, task, true);
  }

  /** Its call waits for others, or goes on. */
  blocked(actor: Actor, isBlocked: boolean): void {
    actor.blocked += isBlocked ? 1 : -1;
    this.#lend(actor);
  }

  /** Whether it keeps what the call that has made it was given. */
  keeps(actor: Actor, task: Task, grant: Grant): boolean {
    if (actor.maker !== task || actor.spec.placing || actor.death !== undefined) return false;
    actor.grant = grant;
    return true;
  }

  // ---------------------------------------------------------------- life

  #make(actor: Actor): void {
    const { definition, args, dependencies, request, site } = actor.spec;
    actor.made = false;
    actor.host = hostOf(actor.id, actor.spec, actor.restarts);
    const name = constructorOf(actor.spec.className);
    const once = { returns: 0, maxRetries: 0, retryOn: "none", retryDelay: undefined } as const;
    this.#hands.begin({ definition, name, args, dependencies, request, site, ...once }, actor);
  }

  #restart(actor: Actor, by: string): void {
    actor.restarts += 1;
    const reason = `it was killed ${by}`;
    const loss: WorkerLoss = { pid: process.pid, exitCode: null, signal: "SIGKILL", lastStderr: "", reason };
    const running = [...actor.running].reverse();
    for (const task of running) this.#box(actor, task).ended();
    actor.running.clear();
    actor.blocked = 0;
    for (const task of running) {
      if (task.done) continue;
      const { name, maxRetries, site } = task.spec;
      this.#hands.abandon(task, `because its actor was killed ${by}`);
      if (maxRetries < 0 || task.attempt <= maxRetries) {
        task.attempt += 1;
        this.#box(actor, task).again(task);
        continue;
      }
      const { className } = actor.spec;
      const { attempt: attempts } = task;
      const unavailable = { kind: "actorUnavailable", name, actor: actor.id, className, attempts, loss } as const;
      this.#hands.finish(task, { ...unavailable, site: site.text });
    }
    this.#unmake(actor, by);
    this.#vacate(actor);
    this.#make(actor);
  }

  /** What makes it is none of its any more. */
  #unmake(actor: Actor, by: string): void {
    const { maker } = actor;
    if (maker === undefined) return;
    actor.maker = undefined;
    this.#hands.abandon(maker, `because its actor was killed ${by}`);
    this.#hands.finish(maker, { kind: "closed", reason: "the actor was killed", orderly: true });
  }

  /** Orderly: what runs comes to its end, and then it leaves. */
  #die(actor: Actor, death: ActorDeath, how: "orderly" | "now"): void {
    const { spec } = actor;
    actor.death = death;
    if (death.end === "unreachable") this.letGo += 1;
    this.#ready.delete(actor);
    this.#names.free(actor);
    for (const task of [...actor.calls]) {
      const running = actor.running.has(task);
      if (running && how === "orderly") continue;
      if (running) this.#hands.abandon(task, "because its actor has ended");
      this.#fail(actor, task, running);
    }
    if (how === "now") {
      actor.made = false;
      actor.running.clear();
      this.#unmake(actor, death.by ?? "");
    }
    this.#settle(actor);
    this.#hands.classes.letGo(spec.definition, actor.id);
    for (const ref of spec.args.refs) this.#hands.release(ref);
    for (const dependency of spec.dependencies) this.#hands.release(dependency.id);
    if (spec.detached) this.#hands.release(actor.id);
  }

  #fail({ id, death }: Actor, task: Task, begun: boolean): void {
    invariant(death !== undefined, "calls of an actor fail when it has ended");
    const { name, site } = task.spec;
    this.#hands.finish(task, { kind: "actorDied", name, actor: id, death, begun, site: site.text });
  }

  /** One that has ended, and in which nothing runs, gives back what it has. */
  #settle(actor: Actor): void {
    if (actor.death === undefined || actor.running.size > 0) return;
    if (actor.made) this.#leave(actor);
    else this.#vacate(actor);
  }

  #leave(actor: Actor): void {
    actor.made = false;
    const leaving = this.#leaves(actor).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #leaves(actor: Actor): Promise<void> {
    const late = deferred();
    const timer = startTimer(leavingMs, late.resolve, { keepsAlive: false });
    await Promise.race([this.#hands.leave(actor.host), late.promise]);
    timer.cancel();
    this.#vacate(actor);
  }

  /** What would be its process elsewhere is gone: so is its object, and what it has made, and what it had is free. */
  #vacate(actor: Actor): void {
    for (const made of this.#actors.values()) {
      const { creator, death, spec, restarts, maker } = made;
      const stays = spec.detached && (maker === undefined || maker.missing === 0);
      if (creator === actor && death === undefined && !stays)
        this.#die(made, deathOf(spec, restarts, "creatorGone"), "now");
    }
    actor.host = hostOf(actor.id, actor.spec, actor.restarts);
    this.#hands.vacated(actor);
    this.#giveBack(actor);
  }

  #giveBack(actor: Actor): void {
    const { grant } = actor;
    if (grant === undefined) return;
    actor.grant = undefined;
    if (actor.lent) this.#hands.lend(grant, false);
    actor.lent = false;
    this.#hands.give(grant, actor.spec.request.group?.id);
    this.#hands.schedule();
  }

  /** While all that runs in it waits, others may have its CPUs. */
  #lend(actor: Actor): void {
    const lent = actor.running.size > 0 && actor.blocked >= actor.running.size;
    if (actor.grant === undefined || actor.lent === lent) return;
    actor.lent = lent;
    this.#hands.lend(actor.grant, lent);
    if (lent) this.#hands.schedule();
  }

  /** Calls of it may be able to begin. */
  #look(actor: Actor): void {
    if (!actor.made || actor.death !== undefined) return;
    this.#ready.add(actor);
    this.#hands.schedule();
  }

  /** What an actor submits comes from one caller, whichever of its methods does. */
  #callerOf({ spec: { parent } }: Task): Caller {
    return this.#hands.actorOf(parent)?.id ?? parent;
  }

  #box({ boxes }: Actor, { spec }: Task): Mailbox<Task> {
    const box = boxes.get(spec.method?.group ?? "");
    invariant(box !== undefined, "a call names a group that its actor has");
    return box;
  }
}
