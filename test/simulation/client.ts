// The hands of an owner brain, as every driver and worker has them: channels to the daemon and to workers, and who here waits for what.
import { objectId, ownerOf, numberOf, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { Retry } from "#src/domain/news.js";
import type { Outcome, Payload } from "#src/domain/object.js";
import type { CallId, Cancel, Force, TaskSpec } from "#src/domain/task.js";
import { Owner } from "#src/local/owner/owner.js";
import type { OwnerEffect, OwnerInput } from "#src/local/owner/step.js";
import type { FromDaemon, ToDaemon, WorkerLost } from "#src/protocol/daemon.js";
import type { FromWorker, ToWorker } from "#src/protocol/worker.js";
import { ActorTalk } from "./acting.ts";
import { Asks } from "./asking.ts";
import { Departed } from "./departed.ts";
import type { Channel, Item } from "./channel.ts";
import { Flights } from "./flights.ts";
import type { Frame } from "./frame.ts";
import { GroupTalk, stoppedIn } from "./grouping.ts";
import type { FrameClient } from "./host.ts";
import { Keeper } from "./keeper.ts";
import type { TaskTruth } from "./truth.ts";
import type { Machine, Running } from "./machine.ts";
import type { Answers, ModelObject } from "./model.ts";
import { DAEMON } from "./names.ts";
import type { Program } from "./program.ts";
import { Shipping } from "./shipping.ts";
import { Stoppings } from "./stoppings.ts";
import { Timers } from "./timers.ts";
import { must } from "./violation.ts";

/** Of each time that it could: that the grace of a call is over. */
const GRACE_CHANCE = 0.1;

const SENT = { cancel: "cancels sent", withdraw: "withdrawn", read: "progress sent", again: "sent again" } as const;

/** The direct channel to one worker, from the owner's side. */
interface Direct {
  readonly calls: Channel;
  /** The reply channel has ended: everything the worker had sent is in. */
  over: boolean;
}

export abstract class Client implements FrameClient<Frame> {
  readonly id: ProcessId;
  readonly world: Machine;
  readonly owner: Owner;
  readonly toDaemon: Channel;
  readonly frames: Set<Frame> = new Set();
  readonly timers: Timers;
  alive = true;
  closed = false;
  /** Code in it goes on for ever, and nothing else happens here. */
  spinning = false;
  readonly asks: Asks = new Asks((message) => this.tellDaemon(message));
  readonly groups: GroupTalk = new GroupTalk(this);
  readonly actors: ActorTalk = new ActorTalk(this);
  readonly keeper: Keeper = new Keeper(this);
  readonly shipping: Shipping = new Shipping(this);
  readonly departed: Departed = new Departed((process) => this.step({ type: "departed", process }));
  /** Something went in since the last `flush`. */
  unflushed = false;
  readonly #direct = new Map<ProcessId, Direct>();
  readonly #losses = new Map<ProcessId, WorkerLost>();
  readonly #gone = new Set<ProcessId>();
  readonly #flights: Flights;
  readonly #stoppings = new Stoppings(this);
  readonly #watchers = new Map<ObjectId, Set<Frame>>();
  /** Wanted, and not answered yet. */
  readonly #wanted = new Set<ObjectId>();
  /** Objects that stand for each id in user code. */
  readonly #held = new Map<ObjectId, number>();

  constructor(id: ProcessId, world: Machine) {
    this.id = id;
    this.world = world;
    this.owner = new Owner(id);
    this.toDaemon = world.channel(id, DAEMON);
    this.timers = new Timers(this, world);
    this.#flights = new Flights(world);
  }

  /** What would go on by itself besides frames. */
  get sleepers(): readonly Running[] {
    return this.timers.all;
  }

  abstract daemonSays(message: FromDaemon): void;

  step(input: OwnerInput): void {
    this.world.trace(this.id, "owner", input);
    this.owner.step(input);
    this.unflushed = true;
  }

  /** Carries out what the brain decided. */
  drain(): void {
    for (const effect of this.owner.drain()) this.#perform(effect);
    if (this.alive) this.world.unflushed.set(this, this.unflushed);
  }

  /** Something has happened in this process, which may be all for this turn. */
  stepped(): void {
    if (!this.alive) return;
    this.drain();
    if (this.unflushed && this.world.random.chance(this.world.profile.shortTurns)) this.endTurn();
  }

  /** The end of a turn of the event loop. */
  endTurn(): void {
    this.owner.step({ type: "flush" });
    this.unflushed = false;
    this.drain();
    this.world.unflushed.delete(this);
    this.world.turned(this);
  }

  tick(): void {
    this.step({ type: "tick" });
    this.drain();
  }

  hold(id: ObjectId): void {
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    this.step({ type: "hold", id });
  }

  release(id: ObjectId): void {
    const left = (this.#held.get(id) ?? 0) - 1;
    must(left >= 0, "the simulation itself", () => `${this.id} releases ${id} once too often`);
    if (left > 0) this.#held.set(id, left);
    else this.#held.delete(id);
    if (left === 0) this.#wanted.delete(id);
    this.step({ type: "release", id });
  }

  /** It has made something, and has one object for it. */
  made(id: ObjectId): void {
    this.#held.set(id, 1);
  }

  get heldCount(): number {
    return this.#held.size;
  }

  submit(spec: Omit<TaskSpec, "site">, program: Program, models: Answers): ObjectId[] {
    const number = this.owner.take(Math.max(1, spec.returns));
    const first = objectId(this.id, number);
    const whole: TaskSpec = { ...spec, site: { text: first } };
    const ids = Array.from({ length: spec.returns }, (_, index) => objectId(this.id, number + index));
    const truth = this.world.ledger.submitted(first, ids, program, whole, models, this.world.now);
    for (const id of ids) this.made(id);
    this.#stoppings.guard(truth);
    if (spec.cancelled !== undefined) this.#stoppings.begin(truth, "before it was submitted");
    this.step({ type: "submit", number, results: ids, spec: whole });
    this.keeper.drop(spec.args);
    if (spec.cancelled !== undefined && !this.closed) this.#stoppings.mustBeOver(truth);
    this.world.count("submitted");
    return ids;
  }

  peekItem(stream: ObjectId): ObjectId | undefined {
    return this.owner.peek(stream);
  }

  takeItem(stream: ObjectId): void {
    const id = this.owner.peek(stream);
    if (id === undefined) return this.world.violated("the simulation itself", `${stream} has nothing to take`);
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    this.step({ type: "take", stream });
    if (this.owner.behind) this.timers.start("turned", 1, () => this.step({ type: "turned" }));
    this.world.count("items read");
  }

  leaveStream(stream: ObjectId): void {
    const truth = this.world.ledger.task(stream);
    const isRunning = this.owner.taskOf(stream) !== undefined && !truth.acknowledged;
    const unfinished = isRunning && truth.stopped === undefined && !this.closed;
    if (unfinished) this.#stoppings.begin(truth, "with its reader");
    this.step({ type: "leave", stream });
    if (unfinished) this.#stoppings.mustBeOver(truth);
  }

  put(value: Payload, model: ModelObject, tainted: boolean): ObjectId {
    const number = this.owner.take(1);
    const id = objectId(this.id, number);
    this.world.ledger.put(id, model, value, tainted);
    this.made(id);
    this.step({ type: "put", number, value });
    this.keeper.drop(value);
    return id;
  }

  cancel(id: ObjectId, cancel: Cancel): void {
    const task = this.owner.taskOf(id);
    if (task === undefined) return this.world.count("cancels without an effect");
    const truth = this.world.ledger.task(objectId(this.id, task));
    this.#stoppings.begin(truth, truth.stopped === undefined ? (this.owner.progress(id) ?? "") : "once more");
    this.step({ type: "cancel", task, cancel });
    this.#stoppings.mustBeOver(truth);
  }

  /** A signal that some call was submitted with aborts. */
  abortSomething(): void {
    const held = [...this.#held.keys()].filter((id) => this.owner.taskOf(id) !== undefined);
    if (held.length === 0) return;
    const force = this.world.random.pick<Force>(["no", "no", "late", "now"]);
    const recursive = this.world.random.chance(0.8);
    this.cancel(this.world.random.pick(held), { how: "by its signal", reason: "", force, recursive });
  }

  /** A call that runs here was stopped, and what it has submitted with it, but for calls of actors without results. */
  protected cancelChildren(parent: CallId, cancel: Cancel): void {
    const isStopped = ({ spec, id }: TaskTruth): boolean =>
      spec.returns === 0 ? spec.method === undefined : this.owner.taskOf(id) !== undefined;
    const children = this.world.ledger.childrenOf(this.id, parent).filter(isStopped);
    for (const child of children) this.#stoppings.begin(child, "with its parent");
    this.actors.cancelled(parent);
    this.step({ type: "cancelChildren", parent, cancel });
    for (const child of children) this.#stoppings.mustBeOver(child);
  }

  /** Something in it stands for the object. */
  holds(id: ObjectId): boolean {
    return this.#held.has(id);
  }

  flyingAt(id: ObjectId): ProcessId | undefined {
    return this.#flights.whereIs(id);
  }

  watch(id: ObjectId, frame: Frame): void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(frame));
    if (this.#wanted.has(id)) return;
    this.#wanted.add(id);
    this.step({ type: "want", id });
  }

  unwatch(id: ObjectId, frame: Frame): void {
    const watchers = this.#watchers.get(id);
    watchers?.delete(frame);
    if (watchers?.size === 0) this.#watchers.delete(id);
  }

  /** What the daemon says to any client. */
  clientMessage(
    message: Exclude<FromDaemon, { type: "leased" | "recall" | "retire" | "definition" | "forget" | "host" | "cycle" }>,
  ): void {
    if (message.type === "workerLost") {
      this.#losses.set(message.worker, message);
      // A channel that was never opened has nothing more to give.
      if (this.#direct.get(message.worker)?.over !== false) this.#lost(message);
    } else if (message.type === "answer") {
      this.asks.answered(message.ask, message.answer);
    } else if (message.type === "departed") {
      this.departed.departed(message.process);
    } else if (message.type === "collect") {
      this.keeper.collect();
    } else {
      if (message.type === "requested") this.world.count("requested by the daemon");
      this.step({ type: "daemon", message });
      if (message.type === "groupGone") this.#stoppings.withGroup(stoppedIn(this.owner.stories()));
    }
  }

  workerSays(worker: ProcessId, message: FromWorker): void {
    if (message.type === "reply" && message.reply.kind !== "exited") {
      const id = objectId(this.id, message.task);
      this.#flights.landed(worker, id);
      this.world.ledger.acknowledged(id, message.reply);
    } else if (message.type === "reply") {
      this.#flights.exits(worker, objectId(this.id, message.task));
    } else if (message.type === "returned") {
      for (const task of message.tasks) this.#flights.landed(worker, objectId(this.id, task));
      this.world.countReturned(message);
    }
    this.step({ type: "worker", worker, message });
  }

  /** The reply channel has come to its end. */
  workerEnded(worker: ProcessId): void {
    const direct = this.#direct.get(worker);
    if (direct !== undefined) direct.over = true;
    const lost = this.#losses.get(worker);
    if (lost !== undefined) this.#lost(lost);
    this.departed.ended(worker, "replies");
  }

  #lost(lost: WorkerLost): void {
    const { worker } = lost;
    if (this.#gone.has(worker)) return;
    this.#gone.add(worker);
    this.#flights.lost(lost);
    this.#direct.delete(worker);
    this.step({ ...lost, type: "lost" });
  }

  /** This process leaves the cluster, in order: whoever waits here is told. */
  close(): void {
    this.closed = true;
    this.asks.close();
    this.step({ type: "closed", reason: "leaves", orderly: true });
    this.drain();
    this.owner.check();
    for (const frame of this.frames)
      must(
        !frame.waiting,
        "every wait ends when the session does",
        () => `${this.id} waits for ${frame.waitsFor.join(" ")}`,
      );
  }

  #perform(effect: OwnerEffect): void {
    this.world.trace(this.id, "owner effect", effect);
    switch (effect.type) {
      case "daemon":
        return this.tellDaemon(effect.message);
      case "worker":
        return this.#tellWorker(effect.worker, effect.message);
      case "outcome":
        return this.#outcome(effect.id, effect.outcome);
      case "delay":
        this.world.count("delays");
        return this.timers.start(`due ${effect.task}`, 1, () => this.step({ type: "due", task: effect.task }));
      case "grace": {
        const { lease, task } = effect;
        return this.timers.start(`grace ${task}`, GRACE_CHANCE, () => this.step({ type: "graceOver", lease, task }));
      }
      case "guard":
        return this.#stoppings.guard(this.world.ledger.task(objectId(this.id, effect.task)));
      case "unguard":
        this.timers.stop(`due ${effect.task}`);
        return this.timers.stop(`expired ${effect.task}`);
      case "unheard":
        return this.world.count("failures that nobody waited for");
      case "short":
        return this.world.count("functions of short calls");
      case "retry":
        return this.world.count(retryWord(effect.retry));
      case "starved":
        return this.world.count("starved, and told");
    }
  }

  tellDaemon(message: ToDaemon): void {
    this.world.countSaid(message);
    if (message.type === "actorArgs") this.world.ledger.actors.argsSent(message.id);
    this.write(this.toDaemon, { kind: "toDaemon", message });
  }

  write(channel: Channel, item: Item): void {
    for (const written of this.world.mutate(item)) channel.write(written);
  }

  #tellWorker(worker: ProcessId, message: ToWorker): void {
    const { calls } = this.#open(worker);
    if ("task" in message) this.#flights.told(worker, objectId(this.id, message.task), message);
    if (message.type !== "call") this.world.count(SENT[message.type]);
    this.write(calls, { kind: "toWorker", message });
  }

  #open(worker: ProcessId): Direct {
    const open = this.#direct.get(worker);
    if (open !== undefined) return open;
    const direct: Direct = { calls: this.world.openDirect(this.id, worker), over: false };
    this.#direct.set(worker, direct);
    this.departed.opened(worker, "replies");
    return direct;
  }

  #outcome(id: ObjectId, outcome: Outcome): void {
    const watchers = this.#watchers.get(id);
    this.#watchers.delete(id);
    // One that is no longer watched for, or whose last ref was dropped meanwhile, may still come.
    if (!this.#wanted.delete(id))
      must(watchers === undefined, "one outcome for each want", () => `${id} came to ${this.id} unasked`);
    this.world.ledger.judge(id, outcome, this.closed);
    for (const frame of watchers ?? []) frame.arrived(id, outcome);
  }

  /** For the report of a wait that never ends. */
  stories(): string[] {
    const waits = [...this.frames].filter((frame) => frame.waiting);
    const told = waits.map(
      (frame) =>
        `${this.id}: ${frame.task?.id ?? "the driver"} waits for ${frame.waitsFor.map((id) => `${ownerOf(id)}#${numberOf(id)}`).join(", ")}`,
    );
    return [...told, ...[...this.owner.stories(), ...this.asks.stories()].map((story) => `${this.id}: ${story}`)];
  }
}

function retryWord({ loss, thrown }: Retry): string {
  if (loss !== undefined) return "retries";
  return thrown === undefined ? "calls run again for what they had made" : "retries after errors";
}
