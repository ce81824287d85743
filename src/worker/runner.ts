// Hands of the inbox: runs calls, sends what became of them, and makes sure that no call delays the results of those before it.
//
//   owners ─► inbox ─► start ─► execute ─► finished ─► inbox ─► reply
//
// Tiny calls run one after another within a turn of the event loop and their replies leave together. Before a call that is not known
// to be tiny everything leaves first, and between calls that took a while the event loop gets its turn.
import { cleansUp } from "../api/exit-actor.ts";
import { execute, threw } from "../api/execute.ts";
import { stopCall } from "../api/stop.ts";
import type { DefinitionId, ObjectId, ProcessId } from "../domain/id.ts";
import { payloadsIn, refsInAll, refsInReply } from "../domain/object.ts";
import { cancelOfChildren, type Stop } from "../domain/stop.ts";
import type { CallId } from "../domain/task.ts";
import type { Host } from "../protocol/daemon.ts";
import type { Call, Reply } from "../protocol/worker.ts";
import { monotonicMs, startTimer } from "../std/clock.ts";
import { Deque } from "../std/deque.ts";
import { unreachable } from "../std/invariant.ts";
import { inNextTurn } from "../std/turns.ts";
import { executionOf, keyOf, kindOf, NO_REFS, refsIn } from "./calls.ts";
import { Desks } from "./desks.ts";
import type { InboxEffect } from "./inbox-step.ts";
import { Items } from "./items.ts";
import { Pace } from "./pace.ts";
import { Resident } from "./resident.ts";
import type { Running, RunnerHooks } from "./running.ts";
import { Soundness } from "./sound.ts";

/** Calls of a definition that takes less than this on average are tiny: results of calls before them wait for them. */
const TINY_MS = 0.05;
/** Calls that take less than this on average do not print: a write to a pipe alone takes as long. They need no label. */
const SILENT_MS = 0.004;
/** After so long without a look at the sockets the event loop gets its turn: a withdrawal or a recall may have come. */
const TURN_MS = 1;
/** While calls run this process is looked over so often: a call that what it did keeps from coming to an end waits no longer. */
const LOOK_MS = 100;
/** Weight of the newest in the average of durations. */
const NEWEST = 0.2;

/** What does not wait for what is before it. */
type AtOnce = { readonly type: "stop" | "resume" | "passedOver" };

export class Runner {
  readonly #desks = new Desks();
  readonly #items: Items;
  readonly #hooks: RunnerHooks;
  readonly #load: RunnerHooks["load"];
  readonly #backlog = new Deque<Exclude<InboxEffect, AtOnce>>();
  readonly #running = new Map<CallId, Running>();
  readonly #averageMs = new Map<string, number>();
  /** Refs of calls that wait, for those that go back without having begun. Most calls have none. */
  readonly #waitingRefs = new Map<string, readonly ObjectId[]>();
  /** Calls that were stopped between their `start` and their beginning, which now is never. */
  readonly #neverToBegin = new Map<string, Stop>();
  #nextCall = 1;
  #pumping = false;
  #yielding = false;
  #stopped = false;
  #turnStartMs = 0;
  /** When the last call ended: one look at the clock less for each. */
  #nowMs = 0;
  /** A call that runs alone has ended: its reply is not kept for company. */
  #urgent = false;
  #resident: Resident | undefined;
  readonly #soundness = new Soundness();
  #looking = false;

  constructor(hooks: RunnerHooks) {
    this.#hooks = hooks;
    this.#load = (definition) => hooks.load(definition);
    this.#items = new Items({
      desks: this.#desks,
      hooks,
      running: this.#running,
      takeEffects: () => this.#takeEffects(),
      leaving: (call) => {
        if (!this.#averageMs.has(kindOf(call))) this.#look(this.#soundness.fault());
      },
    });
  }

  get idle(): boolean {
    return this.#running.size === 0 && this.#desks.running === 0;
  }

  running(call: CallId | undefined): Running | undefined {
    return call === undefined ? undefined : this.#running.get(call);
  }

  /** The one that runs, when there is no more than one. */
  get onlyRunning(): Running | undefined {
    if (this.#running.size !== 1) return undefined;
    for (const running of this.#running.values()) return running;
    return undefined;
  }

  call(from: ProcessId, call: Call): void {
    const refs = refsIn(call);
    if (refs.length > 0) {
      this.#hooks.received(refs, from);
      this.#waitingRefs.set(keyOf(call), refs);
    }
    this.#desks.step({ type: "call", from, call });
  }

  /** An actor is to live in this process. */
  host(host: Host): void {
    const refs = refsInAll([host.args, ...host.values]);
    if (refs.length > 0) this.#hooks.received(refs);
    const resident = new Resident(host, this.#desks.host(host));
    this.#resident = resident;
    const { birth } = resident;
    if (refs.length > 0) this.#waitingRefs.set(keyOf(birth), refs);
    this.#start("", birth);
  }

  #born(resident: Resident, reply: Reply): void {
    const cause = resident.born(reply);
    if (cause === undefined)
      this.#hooks.toDaemon({ type: "actorMade", id: resident.id, cleansUp: cleansUp(resident.actor) });
    else this.#hooks.actorFailed(resident.id, cause);
    this.#hooks.flush();
  }

  get resident(): Resident | undefined {
    return this.#resident;
  }

  withdraw(from: ProcessId, lease: number, count: number): void {
    this.#desks.step({ type: "withdraw", from, lease, count });
  }

  cancel(from: ProcessId, lease: number, task: number, stop: Stop): void {
    this.#desks.step({ type: "cancel", from, lease, task, stop });
  }

  read(from: ProcessId, lease: number, task: number, count: number): void {
    this.#desks.step({ type: "read", from, lease, task, count });
  }

  /** Nobody calls this function any more. */
  forget(definition: DefinitionId): void {
    this.#averageMs.delete(definition);
  }

  again(lease: number, group: string): void {
    this.#takeEffects();
    this.#desks.step({ type: "again", lease, group });
  }

  leased(lease: number, owner: ProcessId): void {
    this.#desks.step({ type: "leased", lease, owner });
  }

  recall(lease: number, when: "idle" | "yield" | "over"): void {
    // Nothing comes back of what it drops.
    if (when === "over") this.#forgetLease(lease);
    this.#desks.step({ type: "recall", lease, when });
  }

  blocked(callId: CallId, blocked: boolean): void {
    const running = this.#running.get(callId);
    if (running === undefined || running.over) return;
    const { lease, task } = running.call;
    this.#desks.step({ type: blocked ? "blocked" : "unblocked", lease, task });
    this.pump();
  }

  /** Begins nothing any more: the process is about to end. */
  stop(): void {
    this.#stopped = true;
  }

  /** Ends a call before its code has: with what its stray work threw. */
  strayed(running: Running, thrown: unknown): void {
    const reply = threw(running.execution, thrown, this.#load, "stray");
    if (reply instanceof Promise) return void this.#finishLater(running, reply);
    this.#finish(running, reply, monotonicMs());
    this.pump();
  }

  /** What streams have made leaves: this process may be about to end. */
  sendItems(): void {
    this.#items.sendAll();
  }

  /** Carries out what the inbox wants. At the end of each turn in which something came. */
  pump(): void {
    if (this.#pumping || this.#yielding || this.#stopped) return;
    this.#pumping = true;
    this.#turnStartMs = monotonicMs();
    try {
      for (;;) {
        this.#takeEffects();
        const effect = this.#backlog.peek();
        if (effect === undefined || this.#stopped) break;
        if (effect.type === "start" && this.#tookLong()) break;
        this.#backlog.shift();
        this.#carryOut(effect);
      }
    } catch (error) {
      this.#hooks.broken(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** A stop, which is carried out at once, may be the end of a wait, and have effects of its own. Items wait for no other call. */
  #takeEffects(): void {
    for (let effects = this.#desks.drain(); effects.length > 0; effects = this.#desks.drain()) {
      for (const effect of effects) {
        if (effect.type === "stop") this.#stop(effect);
        else if (effect.type === "resume") this.#find(effect)?.pace?.goOn(true, monotonicMs());
        else if (effect.type === "passedOver") this.#returned(effect.call.lease, [effect.call.task]);
        else if (effect.type === "owner" && effect.message.type === "items")
          this.#hooks.toOwner(effect.to, effect.message);
        else this.#backlog.push(effect);
      }
    }
  }

  #find({ lease, task }: Pick<Call, "lease" | "task">): Running | undefined {
    for (const running of this.#running.values())
      if (running.call.lease === lease && running.call.task === task) return running;
    return undefined;
  }

  /** Lets the event loop have its turn before the next call begins. */
  #tookLong(): boolean {
    if (this.#nowMs - this.#turnStartMs < TURN_MS) return false;
    this.#yielding = true;
    this.#hooks.flush();
    inNextTurn(() => {
      this.#yielding = false;
      this.pump();
    });
    return true;
  }

  #stop(effect: Extract<InboxEffect, { type: "stop" }>): void {
    const { stop } = effect;
    const running = this.#find(effect);
    if (running === undefined) return void this.#neverToBegin.set(keyOf(effect), stop);
    stopCall(running.execution, stop);
    if (stop.recursive) this.#hooks.cancelChildren(running.callId, cancelOfChildren(stop));
  }

  #carryOut(effect: Exclude<InboxEffect, AtOnce>): void {
    switch (effect.type) {
      case "start":
        return this.#start(effect.from, effect.call);
      case "owner":
        if (effect.message.type === "returned") this.#returned(effect.message.lease, effect.message.tasks);
        this.#hooks.toOwner(effect.to, effect.message);
        if (this.#urgent) this.#hooks.flush();
        this.#urgent = false;
        return;
      case "daemon":
        return this.#hooks.toDaemon(effect.message);
      default:
        return unreachable(effect, "the runner");
    }
  }

  #start(from: ProcessId, call: Call): void {
    const stop = this.#neverToBegin.size === 0 ? undefined : this.#neverToBegin.get(keyOf(call));
    if (stop !== undefined) return this.#neverBegins(call, stop);
    const averageMs = this.#averageMs.get(kindOf(call));
    // Of one that is over sooner than the word of it is written, nobody hears that it has begun, unless that is what matters.
    if (call.method !== undefined && (call.alone || averageMs === undefined || averageMs >= TINY_MS))
      this.#hooks.toOwner(from, { type: "begun", lease: call.lease, task: call.task });
    if (averageMs === undefined || averageMs >= TINY_MS || call.alone) this.#hooks.flush();
    if (averageMs === undefined || averageMs >= SILENT_MS) this.#hooks.announce(call.name);
    if (!this.#looking) this.#lookLater();
    const refs = this.#takeRefs(call);
    const callId = this.#nextCall++;
    const execution = executionOf(callId, from, call, this.#resident);
    if (call.stream !== undefined)
      execution.stream = {
        skip: call.stream.skip,
        reader: call.stream.reader,
        again: call.stream.again,
        room: () => this.#items.room(callId),
        item: (value) => this.#items.take(callId, value),
      };
    const startedMs = monotonicMs();
    const pace = call.stream === undefined ? undefined : new Pace(startedMs);
    const running: Running = { callId, from, call, execution, refs, startedMs, pace, over: false };
    this.#running.set(callId, running);
    const reply = execute(execution, this.#load);
    if (!(reply instanceof Promise)) return this.#finish(running, reply, monotonicMs());
    // `execute` never rejects: what the function throws is a reply.
    void this.#finishLater(running, reply);
  }

  #neverBegins(call: Call, { failure }: Stop): void {
    const { lease, task } = call;
    this.#neverToBegin.delete(keyOf(call));
    const refs = this.#takeRefs(call);
    if (refs.length > 0) this.#hooks.settled(refs);
    this.#desks.step({ type: "finished", lease, task, reply: { kind: "refused", failure }, micros: 0 });
    if (this.idle) this.#resident?.idle();
  }

  async #finishLater(running: Running, reply: Promise<Reply>): Promise<void> {
    try {
      this.#finish(running, await reply, monotonicMs());
    } catch (error) {
      this.#hooks.broken(error);
    }
    this.pump();
  }

  #finish(running: Running, reply: Reply, nowMs: number): void {
    this.#nowMs = nowMs;
    const { callId, from, call, refs } = running;
    if (running.over) return this.#hooks.drop(payloadsIn(reply));
    running.over = true;
    running.pace?.goOn(false, nowMs);
    this.#running.delete(callId);
    const tookMs = nowMs - running.startedMs;
    const before = this.#averageMs.get(kindOf(call));
    // What a function does to the language it does the first time. Then nothing of it leaves, not even its result.
    if (before === undefined) this.#look(this.#soundness.fault());
    this.#averageMs.set(kindOf(call), before === undefined ? tookMs : before + (tookMs - before) * NEWEST);
    const isBirth = this.#resident?.isBirth(call) === true;
    if (refsInReply(reply).length > 0 && !isBirth) this.#hooks.sending(payloadsIn(reply), from);
    if (refs.length > 0) this.#hooks.settled(refs);
    if (this.#resident !== undefined && isBirth) this.#born(this.#resident, reply);
    else this.#desks.step({ type: "finished", lease: call.lease, task: call.task, reply, micros: tookMs * 1_000 });
    if (call.alone) this.#urgent = true;
    if (reply.kind === "left") this.#hooks.actorLeaves();
    if (this.idle) this.#resident?.idle();
  }

  #lookLater(): void {
    this.#looking = true;
    const look = (): void => {
      this.#look(this.#soundness.faultNow());
      if (this.#running.size > 0) this.#lookLater();
      else this.#looking = false;
    };
    startTimer(LOOK_MS, look, { keepsAlive: false });
  }

  #look(fault: string | undefined): void {
    if (fault !== undefined) this.#hooks.unsound(fault);
  }

  #forgetLease(lease: number): void {
    for (const [key, refs] of this.#waitingRefs) {
      if (!key.startsWith(`${lease}/`)) continue;
      this.#waitingRefs.delete(key);
      this.#hooks.settled(refs);
    }
  }

  #takeRefs(call: Call): readonly ObjectId[] {
    if (this.#waitingRefs.size === 0) return NO_REFS;
    const key = keyOf(call);
    const refs = this.#waitingRefs.get(key) ?? NO_REFS;
    this.#waitingRefs.delete(key);
    return refs;
  }

  /** They never began here: nobody decodes their refs. */
  #returned(lease: number, tasks: readonly number[]): void {
    if (this.#waitingRefs.size === 0) return;
    for (const task of tasks) {
      const key = keyOf({ lease, task });
      const refs = this.#waitingRefs.get(key);
      this.#waitingRefs.delete(key);
      if (refs !== undefined) this.#hooks.settled(refs);
    }
  }
}
