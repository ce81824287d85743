// Hands of the owner brain, in every driver and worker: a Backend over a channel to the daemon and direct channels to workers.
//
//   submit, put, watch … ─► brain ─► effects ─► channels, watchers       once per turn of the event loop, in order
//   daemon, workers      ─► brain ─┘
import type { Backend, GroupWish, Identity } from "../../backend.ts";
import type { ActorId } from "../../domain/actor.ts";
import type { ActorSpec } from "../../domain/actor-spec.ts";
import { objectId, type ObjectId, type ProcessId } from "../../domain/id.ts";
import { ownedPayload, type Outcome, type Payload } from "../../domain/object.ts";
import type { GroupId } from "../../domain/placement.ts";
import type { Progress } from "../../domain/progress.ts";
import type { CallId, Cancel, TaskSpec } from "../../domain/task.ts";
import { Owner } from "../owner/owner.ts";
import type { OwnerEffect, OwnerInput } from "../owner/step.ts";
import type { ClientToDaemon, DaemonToClient } from "../../protocol/hello.ts";
import type { FromWorker } from "../../protocol/worker.ts";
import { startTimer, type Timer } from "../../std/clock.ts";
import { unreachable } from "../../std/invariant.ts";
import { Listeners } from "../../std/listeners.ts";
import { atEndOfTurn, inNextTurn } from "../../std/turns.ts";
import type { Connection } from "../../wire/connection.ts";
import type { ClientHooks, ClientOptions } from "./options.ts";
import { Actors } from "./actors.ts";
import { Guards } from "./guards.ts";
import { Keeper } from "./keeper.ts";
import { Life } from "./life.ts";
import { WorkerChannels } from "./workers.ts";

/** A lease that was idle for one to two of these goes back to the daemon. */
const TICK_MS = 100;
/** A program that submits very many tasks in one go gets the first ones out on the way. */
const SUBMITS_PER_FLUSH = 128;

const NO_EFFECTS: readonly OwnerEffect[] = [];
const FLUSH: OwnerInput = { type: "flush" };
const TURNED: OwnerInput = { type: "turned" };
const TICK: OwnerInput = { type: "tick" };

export class Client extends Actors implements Backend {
  readonly identity: Identity;
  readonly owner: Owner;
  readonly #daemon: Connection<ClientToDaemon, DaemonToClient>;
  readonly #hooks: ClientHooks;
  readonly #workers: WorkerChannels;
  readonly #watchers = new Listeners<ObjectId, Outcome>();
  readonly #guards = new Guards((input) => this.#step(input));
  readonly #process: ProcessId;
  readonly #keeper: Keeper;
  #submits = 0;
  #scheduled = false;
  #turning = false;
  #flushing = false;
  /** What the brain wants and is not carried out yet, from `#at` on. */
  #effects: readonly OwnerEffect[] = [];
  #at = 0;
  readonly #life: Life;
  #timer: Timer | undefined;
  #closed: { reason: string; orderly: boolean } | undefined;
  readonly #endOfTurn: () => void = () => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(options: ClientOptions) {
    super();
    this.identity = options.identity;
    this.#process = options.identity.processId;
    this.#daemon = options.daemon;
    this.#life = new Life(options.daemon, options.keepsAlive);
    this.#hooks = options.hooks;
    this.owner = new Owner(this.#process);
    this.#keeper = new Keeper(options.store, {
      nextId: () => objectId(this.#process, this.owner.take(1)),
      isKept: (id) => this.owner.isKept(id),
      hold: (id) => this.hold(id),
      release: (id) => this.release(id),
      slow: (folder) => options.hooks.news({ type: "slowStore", folder }),
      full: () => this.tellDaemon({ type: "full" }),
      stored: (id, bytes, medium) => this.#step({ type: "store", id, bytes, medium }),
    });
    this.#workers = new WorkerChannels(
      {
        message: (worker, message) => this.#fromWorker(worker, message),
        turn: () => this.#turn(),
        lost: (lost) => this.owner.step({ ...lost, type: "lost" }),
        suspect: (worker, reason) => this.tellDaemon({ type: "suspect", worker, reason }),
      },
      options.connect,
      this.#daemon,
      { ...options.hello, role: "owner" },
    );
    this.#daemon.send(options.hello);
    this.#daemon.open({
      message: (message) => this.#fromDaemon(message),
      turn: () => this.#turn(),
      closed: (error) => options.hooks.daemonGone(error),
    });
  }

  keep(payload: Payload, label: () => string): Payload {
    return this.#closed === undefined ? this.#keeper.keep(payload, label) : ownedPayload(payload);
  }

  drop({ stored }: Payload): void {
    if (stored !== undefined) this.release(stored.id);
  }

  open(payload: Payload): Payload {
    return this.#keeper.open(payload);
  }

  submit(spec: TaskSpec): readonly ObjectId[] {
    const { returns } = spec;
    const number = this.owner.take(returns > 1 ? returns : 1);
    const results: ObjectId[] = [];
    for (let index = 0; index < returns; index += 1) results.push(objectId(this.#process, number + index));
    this.#step({ type: "submit", number, results, spec });
    this.#guards.guard(number, spec);
    this.drop(spec.args);
    this.#submits += 1;
    if (this.#submits >= SUBMITS_PER_FLUSH) this.flush();
    return results;
  }

  put(value: Payload, site?: string): ObjectId {
    const number = this.owner.take(1);
    this.#step({ type: "put", number, value, site });
    this.drop(value);
    return objectId(this.#process, number);
  }

  read(id: ObjectId): Outcome | undefined {
    return this.owner.outcome(id);
  }

  peekItem(stream: ObjectId): ObjectId | undefined {
    return this.owner.peek(stream);
  }

  takeItem(stream: ObjectId): void {
    this.#step({ type: "take", stream });
    if (this.owner.behind && !this.#turning) this.#turnLater();
  }

  leaveStream(stream: ObjectId): void {
    this.#step({ type: "leave", stream });
  }

  progress(id: ObjectId): Progress | undefined {
    return this.owner.progress(id);
  }

  lost(id: ObjectId, { stored }: Payload): void {
    if (stored !== undefined) this.#step({ type: "unreadable", id, stored: stored.id });
  }

  watch(id: ObjectId, notify: (outcome: Outcome) => void): void {
    if (this.#watchers.add(id, notify)) this.#step({ type: "want", id });
  }

  unwatch(id: ObjectId, notify: (outcome: Outcome) => void): void {
    this.#watchers.remove(id, notify);
    this.#soon();
  }

  cancel(id: ObjectId, cancel: Cancel): void {
    const task = this.owner.taskOf(id);
    if (task !== undefined) this.#step({ type: "cancel", task, cancel });
  }

  hold(id: ObjectId): void {
    this.owner.step({ type: "hold", id });
  }

  release(id: ObjectId): void {
    this.#step({ type: "release", id });
  }

  blocked(call: CallId, awaited: () => readonly ObjectId[]): void {
    this.#hooks.blocked(call, awaited);
  }

  unblocked(call: CallId): void {
    this.#hooks.blocked(call, undefined);
  }

  createActor(spec: ActorSpec): ActorId {
    for (const [id, value] of this.#keeper.missing(spec, (each) => this.read(each))) this.lost(id, value);
    const number = this.owner.take(1);
    this.#step({ type: "createActor", number, spec });
    this.drop(spec.args);
    return objectId(this.#process, number);
  }

  override availableResources(): Promise<Record<string, number>> {
    this.#step({ type: "tick", all: true });
    this.flush();
    return super.availableResources();
  }

  createGroup({ bundles, strategy, name, detached }: GroupWish): GroupId {
    const id = objectId(this.#process, this.owner.take(1));
    if (this.#closed === undefined)
      this.tellDaemon({ type: "createGroup", plan: { id, bundles, strategy }, name, detached });
    return id;
  }

  close(): Promise<void> {
    return this.#hooks.close();
  }

  /** An input of the hands around this one: refs that came with a call, refs that leave with a result. */
  step(input: OwnerInput): void {
    this.#step(input);
  }

  protected takeOver(id: ObjectId): void {
    this.owner.step({ type: "received", ids: [id] });
    this.hold(id);
    this.#step({ type: "settled", ids: [id] });
  }

  /** To the daemon, in order with what the brain has to say. */
  tellDaemon(message: ClientToDaemon): void {
    this.#daemon.send(message);
    this.#soon();
  }

  /** Nothing comes and goes any more. Everything pending ends with this reason. */
  leave(reason: string, orderly: boolean): void {
    if (this.#closed !== undefined) return;
    this.#closed = { reason, orderly };
    this.#timer?.cancel();
    this.#guards.clearAll();
    this.#workers.closeAll();
    this.owner.step({ type: "closed", reason, orderly });
    this.asks.close(reason, orderly);
    this.flush();
  }

  /** Carries out what the brain wants and writes everything out: the daemon's channel before those of workers. */
  flush(): void {
    // A watcher that is told may come back here: what it starts is written by the one that is running.
    if (this.#flushing) {
      this.carryOut();
      return this.#soon();
    }
    this.#submits = 0;
    this.#flushing = true;
    try {
      this.owner.step(FLUSH);
      this.carryOut();
    } finally {
      this.#flushing = false;
    }
    this.#daemon.flush();
    this.#workers.flush();
    this.#settleLife();
  }

  /**
   * Carries out what the brain wants, but leaves the writing for later in the turn. An effect may come back here: then the rest is
   * carried out in there, in the same order, so that whoever asks for it can rely on all of it.
   */
  carryOut(): void {
    for (;;) {
      const effect = this.#effects[this.#at];
      if (effect !== undefined) {
        this.#at += 1;
        this.#effect(effect);
        continue;
      }
      const effects = this.owner.drain();
      this.#at = 0;
      // An empty array is the one that the brain goes on with, and not ours to keep.
      this.#effects = effects.length > 0 ? effects : NO_EFFECTS;
      if (effects.length === 0) return;
    }
  }

  #effect(effect: OwnerEffect): void {
    switch (effect.type) {
      case "worker":
        return this.#workers.send(effect.worker, effect.address, effect.message);
      case "outcome":
        return this.#watchers.tell(effect.id, effect.outcome);
      case "daemon":
        return this.#daemon.send(effect.message);
      case "delay":
        return this.#guards.delay(effect);
      case "grace":
        return this.#guards.grace(effect);
      case "guard":
        return this.#guards.guard(effect.task, effect.spec);
      case "unguard":
        return this.#guards.unguard(effect.task);
      case "retry":
      case "starved":
      case "unheard":
      case "short":
        return this.#hooks.news(effect);
      default:
        return unreachable(effect, "the client");
    }
  }

  #step(input: OwnerInput): void {
    this.owner.step(input);
    this.#soon();
  }

  #soon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    atEndOfTurn(this.#endOfTurn);
  }

  /** Whoever reads on without waiting has taken many items by then. */
  #turnLater(): void {
    this.#turning = true;
    inNextTurn(() => {
      this.#turning = false;
      this.#step(TURNED);
    });
  }

  #turn(): void {
    this.flush();
    this.#hooks.turn();
  }

  #fromWorker(worker: ProcessId, message: FromWorker): void {
    this.owner.step({ type: "worker", worker, message });
  }

  #fromDaemon(message: DaemonToClient): void {
    switch (message.type) {
      case "granted":
      case "spare":
      case "unschedulable":
      case "groupGone":
      case "setupFailed":
      case "starved":
      case "value":
      case "lost":
      case "requested":
      case "freed":
      case "actorLacks":
      case "actorIs":
      case "actorAt":
      case "actorDead":
        return this.owner.step({ type: "daemon", message });
      case "workerLost":
        return this.#workers.lost(message);
      case "departed":
        return this.#departed(message.process);
      case "collect":
        return this.#keeper.collect();
      case "cycle":
        return this.#hooks.news(message);
      case "answer":
        return this.asks.answered(message.ask, message.answer);
      default:
        return this.#hooks.other(message);
    }
  }

  #departed(process: ProcessId): void {
    const heard = (): void => this.#step({ type: "departed", process });
    this.#workers.whenOver(process, () => this.#hooks.departed(process, heard));
  }

  /** Whether the process may end now, and whether there is something to do later. */
  #settleLife(): void {
    const needed = this.#closed === undefined && (this.#watchers.size > 0 || this.asks.size > 0);
    this.#life.settle(needed);
    if (this.#timer === undefined && this.#closed === undefined && this.owner.ticking) {
      this.#timer = startTimer(TICK_MS, () => this.#tick(), { keepsAlive: false });
    }
  }

  #tick(): void {
    this.#timer = undefined;
    this.owner.step(TICK);
    this.flush();
  }
}
