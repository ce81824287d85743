// A simulated worker: an owner like any client, an inbox, and frames that run calls. Its hands do what `worker/main` must do.
import { definitionId, objectId, type DefinitionId, type ObjectId, type ProcessId } from "#src/domain/id.js";
import { payloadsIn, refsInAll, type Payload } from "#src/domain/object.js";
import { cancelOfChildren, type Stop } from "#src/domain/stop.js";
import type { FromDaemon, Host } from "#src/protocol/daemon.js";
import type { Call, FromWorker, Reply, ToWorker } from "#src/protocol/worker.js";
import { Desks } from "#src/worker/desks.js";
import type { InboxEffect, InboxInput } from "#src/worker/inbox-step.js";
import { receive, refusal, replyTo } from "./answering.ts";
import { refsOf, type Channel } from "./channel.ts";
import { Client } from "./client.ts";
import { born, leaves, methodBegins } from "./living.ts";
import { isWorker } from "./names.ts";
import { Limits } from "./limits.ts";
import { Fetched } from "./fetched.ts";
import { Frame } from "./frame.ts";
import type { Ending, FrameHost } from "./host.ts";
import { raised, Residence, type Taking } from "./hosting.ts";
import type { Machine, Running } from "./machine.ts";
import { Producers, type ProducerHost } from "./producers.ts";
import { checkEnvironment } from "./environments.ts";
import { takesStop } from "./stoppings.ts";
import { must } from "./violation.ts";
import { decodeCall, encodeValue, type Program } from "./program.ts";
import { Waiting } from "./waiting.ts";
import { runKey, type TaskTruth } from "./truth.ts";

/** Said of a call that has not begun. */
type Unbegun = Extract<Reply, { kind: "refused" | "unreadable" }>;

interface RunningCall {
  readonly from: ProcessId;
  readonly call: Call;
}

export class Worker extends Client implements FrameHost<Frame>, ProducerHost {
  readonly client: this = this;
  readonly desks: Desks = new Desks();
  /** The actor that lives here. */
  resident: Residence | undefined;
  readonly running: Map<Frame, RunningCall> = new Map();
  /** Leases whose CPUs were ever lent. */
  readonly lentLeases: Set<number> = new Set();
  /** It has run a call that was to be apart, or that not every process may run. */
  wasApart = false;
  readonly #limits = new Limits(this.id);
  /** To owners, by the process that opened the channel. */
  readonly #replies = new Map<ProcessId, Channel>();
  /** Calls that came and have not begun: refs in them are received, and settle when the call begins or is given back. */
  readonly #queued = new Waiting((refs) => {
    this.step({ type: "settled", ids: refs });
    this.drain();
  });
  readonly #fetched = new Fetched<RunningCall>();
  readonly #own = new Set<DefinitionId>();
  /** What the inbox decided and this process has not come to yet. */
  readonly #backlog: Exclude<InboxEffect, { type: "stop" | "resume" | "passedOver" }>[] = [];
  readonly #producers = new Producers(this);
  readonly #later: Running = {
    process: this,
    step: () => {
      this.world.runnable.delete(this.#later);
      this.#pump();
    },
  };
  #starting = 0;
  #calls = 0;
  /** Calls that were stopped between their `start` and their beginning. */
  readonly #neverToBegin = new Map<string, Stop>();

  constructor(id: ProcessId, world: Machine) {
    super(id, world);
    this.write(this.toDaemon, { kind: "hello" });
    this.tellDaemon({ type: "ready" });
  }

  override get sleepers(): readonly Running[] {
    return [this.#later, ...super.sleepers];
  }

  accept(owner: ProcessId, replies: Channel): void {
    this.#replies.set(owner, replies);
    this.departed.opened(owner, "calls");
  }

  ownerSays(from: ProcessId, message: ToWorker): void {
    if (message.type === "withdraw")
      return this.feed({ type: "withdraw", from, lease: message.lease, count: message.count });
    if (message.type === "cancel") return this.#cancel(from, message);
    if (message.type === "read") return this.feed({ ...message, from });
    if (message.type === "again") return this.feed(message);
    const refs = refsOf({ kind: "toWorker", message });
    this.step({ type: "received", ids: refs, from });
    this.#queued.add(from, message, refs);
    this.feed({ type: "call", from, call: message });
  }

  daemonSays(message: FromDaemon): void {
    switch (message.type) {
      case "leased":
        return this.feed({ type: "leased", lease: message.lease, owner: message.owner });
      case "recall":
        this.world.count(`recalls ${message.when}`);
        this.feed({ type: "recall", lease: message.lease, when: message.when });
        // What was queued under it has been dropped without a word.
        return message.when === "over" ? this.#queued.dropped(message.lease) : undefined;
      case "cycle":
        return this.world.violated("workers are no drivers", JSON.stringify(message));
      case "forget":
        this.world.count("functions forgotten");
        return this.#fetched.forget(message.definition).forEach((id) => this.release(id));
      case "host":
        return this.#host(message);
      case "retire":
        return this.#retire();
      case "definition":
        return this.#defined(message.definition, message.payload);
      default:
        return this.clientMessage(message);
    }
  }

  #cancel(from: ProcessId, { lease, task, stop }: Extract<ToWorker, { type: "cancel" }>): void {
    const truth = this.world.ledger.task(objectId(from, task));
    takesStop(truth, stop, this.id);
    this.feed({ type: "cancel", from, lease, task, stop });
  }

  /** At once, whatever is in the backlog. */
  #stop({ lease, task, stop }: Extract<InboxEffect, { type: "stop" }>): void {
    for (const [frame, { call }] of this.running) {
      if (call.lease !== lease || call.task !== task) continue;
      this.world.count(frame.waiting ? "stopped frames that waited" : "stopped frames that ran");
      const cancel = stop.recursive ? cancelOfChildren(stop) : undefined;
      if (frame.paused) this.world.count("stopped frames that were ahead of their readers");
      frame.stop(cancel);
      this.#producers.goOn(frame, call);
      if (cancel !== undefined) this.cancelChildren(frame.callId, cancel);
      return;
    }
    this.world.count("stopped before they began");
    this.#neverToBegin.set(`${lease} ${task}`, stop);
  }

  #resume({ lease, task }: Extract<InboxEffect, { type: "resume" }>): void {
    for (const [frame, { call }] of this.running)
      if (call.lease === lease && call.task === task) return this.#producers.goOn(frame, call);
  }

  sending(payloads: readonly Payload[], to: ProcessId): void {
    this.step({ type: "sending", ids: refsInAll(payloads), to });
    for (const payload of payloads) this.keeper.drop(payload);
    this.drain();
  }

  yields(frame: Frame, value: Payload | undefined): boolean {
    const running = this.running.get(frame);
    if (running === undefined) return this.world.violated("the simulation itself", "an item without a call");
    const { call, from } = running;
    if (value === undefined) return this.#producers.pausesNow(frame, call);
    return this.#producers.yields(frame, call, from, value);
  }

  feed(input: InboxInput): void {
    this.world.trace(this.id, "inbox", input);
    this.desks.step(input);
    this.takeEffects();
  }

  takeEffects(): void {
    this.drain();
    for (const effect of this.desks.drain()) {
      if (effect.type === "stop") this.#stop(effect);
      else if (effect.type === "resume") this.#resume(effect);
      else if (effect.type === "passedOver") this.#queued.settle(effect.from, effect.call.task);
      else if (effect.type === "owner" && effect.message.type === "items") this.tellOwner(effect.to, effect.message);
      else this.#decided(effect);
    }
    this.#pump();
  }

  #decided(effect: Exclude<InboxEffect, { type: "stop" | "resume" | "passedOver" }>): void {
    if (effect.type === "start") this.#queued.starts(effect.from, effect.call);
    if (effect.type === "start" && effect.call.method !== undefined)
      must(
        this.resident?.isOpen === true,
        "calls begin between the birth and the end of their actor",
        () => `${effect.call.task} of ${effect.from} in ${this.id}`,
      );
    this.#backlog.push(effect);
  }

  /** In order; but before a call begins the event loop may get its turn, and all that is to follow waits. */
  #pump(): void {
    if (this.world.runnable.has(this.#later)) return;
    for (let next = this.#backlog[0]; next !== undefined; next = this.#backlog[0]) {
      if (next.type === "start" && this.world.random.chance(this.world.profile.lateStarts)) {
        this.world.count("calls begun late");
        return this.world.runnable.add(this.#later);
      }
      this.#backlog.shift();
      this.#performInbox(next);
    }
  }

  #performInbox(effect: Exclude<InboxEffect, { type: "stop" | "resume" | "passedOver" }>): void {
    if (!this.alive) return;
    this.world.trace(this.id, "inbox effect", effect);
    switch (effect.type) {
      case "start":
        return this.#start(effect.from, effect.call);
      case "daemon":
        return this.tellDaemon(effect.message);
      case "owner":
        return this.tellOwner(effect.to, effect.message);
    }
  }

  tellOwner(to: ProcessId, message: FromWorker): void {
    if (message.type === "returned") for (const task of message.tasks) this.#queued.settle(to, task);
    const channel = this.#replies.get(to);
    // An owner that never pushed has no channel here, and needs to know nothing.
    if (channel !== undefined) this.write(channel, { kind: "fromWorker", message });
    else this.world.count("nobody to return to");
  }

  /** It may have to wait for its function. */
  #start(from: ProcessId, call: Call): void {
    this.#starting += 1;
    const known = this.#fetched.stateOf(call.definition);
    if (call.method !== undefined || this.#own.has(call.definition) || known === "here") return this.#run(from, call);
    if (known === "missing") return this.#refuse(from, call);
    if (known !== undefined) return void known.waiting.push({ from, call });
    this.#fetched.ask(call.definition, { from, call });
    this.tellDaemon({ type: "fetch", definition: call.definition });
  }

  #defined(definition: DefinitionId, payload: Payload | undefined): void {
    const waiting = this.#fetched.arrived(definition, payload);
    if (payload !== undefined) {
      // What it captured lives as long as somebody can call it.
      this.step({ type: "received", ids: payload.refs });
      must(this.keeper.opens(payload), "the simulation itself", () => `${definition} is lost`);
      for (const id of payload.refs) this.hold(id);
      this.step({ type: "settled", ids: payload.refs });
    }
    for (const { from, call } of waiting) {
      if (payload === undefined) this.#refuse(from, call);
      else this.#run(from, call);
    }
    this.drain();
  }

  #run(from: ProcessId, call: Call): void {
    const key = `${call.lease} ${call.task}`;
    const stop = this.#neverToBegin.get(key);
    this.#neverToBegin.delete(key);
    if (stop !== undefined) return this.#refuse(from, call, { kind: "refused", failure: stop.failure });
    const unreadable = [call.args, ...call.values].find((payload) => !this.keeper.opens(payload))?.stored;
    if (unreadable !== undefined) return this.#refuse(from, call, { kind: "unreadable", stored: unreadable.id });
    this.#starting -= 1;
    const task = this.#truthOf(from, call);
    if (call.method === undefined) checkEnvironment(this.world.envs, task, this.id);
    else methodBegins(this, from, call, task);
    this.world.ledger.begins(task, this.id, call);
    if (this.#limits.begins(task, this.world.crowded)) this.world.count("processes that ran all calls that they may");
    this.wasApart ||= call.alone || task.spec.request.maxCalls !== undefined;
    this.world.waited(task);
    const passed = decodeCall(call.args);
    this.#calls += 1;
    const frame = new Frame(this.world.programs.get(passed.program), passed.job, this, task, {
      callId: this.#calls,
      place: call.group,
      stream: call.stream,
    });
    this.frames.add(frame);
    this.running.set(frame, { from, call });
    receive(frame, call, this.world);
    if (this.world.profile.settlesEarly) this.#queued.settle(from, call.task);
    this.world.begun(this);
    this.world.runnable.add(frame);
  }

  /** The function cannot be had, or the call was stopped before it began, or lacks an argument. */
  #refuse(from: ProcessId, call: Call, reply: Unbegun = refusal("definition", call.name)): void {
    this.#starting -= 1;
    this.#queued.settle(from, call.task);
    const { lease, task } = call;
    if (this.resident?.isBirth(call) === true) born(this, this.resident, reply);
    else this.feed({ type: "finished", lease, task, reply, micros: 1 });
    if (this.idle) this.resident?.idle();
    if (reply.kind !== "unreadable") return this.world.count("refused");
    const truth = this.#truthOf(from, call);
    // Should its worker be lost now, nobody else knows that it had not.
    if (call.method === undefined) truth.begunAt.add(runKey(this.id, call));
    this.world.count(call.method === undefined ? "calls that lacked an argument" : "methods that lacked an argument");
  }

  get idle(): boolean {
    return this.desks.running === 0 && this.#starting === 0 && this.running.size === 0;
  }

  /** What runs here takes of the node. */
  get taking(): readonly Taking[] {
    return this.resident === undefined ? [...this.running.values()].map(({ call }) => call) : [this.resident.taking];
  }

  #host(message: Host): void {
    const { id, plan, restarts } = message;
    const limits = this.world.forgets("a group keeps its limit") ? raised(plan.limits) : plan.limits;
    const truth = this.world.ledger.actors.hosted(id, this.id, restarts);
    const resident = new Residence(message, this, truth, this.desks.host({ ...message, plan: { ...plan, limits } }));
    this.resident = resident;
    this.world.hosted(this);
    const { birth } = resident;
    const refs = refsInAll([birth.args, ...birth.values]);
    this.step({ type: "received", ids: refs });
    this.#queued.add(this.id, birth, refs);
    this.#start(this.id, birth);
  }

  #truthOf(from: ProcessId, call: Call): TaskTruth {
    if (this.resident?.isBirth(call) === true) return this.resident.truth.birth;
    return this.world.ledger.task(objectId(from, call.task));
  }

  keeps(ids: readonly ObjectId[]): void {
    for (const id of ids) this.hold(id);
    this.world.count("refs kept by actors", ids.length);
  }

  definitionFor(program: Program, job: ProcessId): DefinitionId {
    if (program.definition % 2 === 0) return definitionId(job, program.definition);
    const definition = definitionId(this.id, program.definition);
    if (!this.#own.has(definition)) {
      this.#own.add(definition);
      this.shipping.define(definition, encodeValue(program.definition, []));
    }
    return definition;
  }

  /** An owner that is in a loop itself cannot see that the time of a call is over: drivers are in none. */
  spins(): boolean {
    this.spinning = [...this.running.values()].every(({ from }) => !isWorker(from));
    if (this.spinning) this.world.count("spins");
    return this.spinning;
  }

  waits(frame: Frame, waiting: boolean): void {
    this.world.runnable.set(frame, !waiting);
    const running = this.running.get(frame);
    if (running === undefined) return;
    this.lentLeases.add(this.resident?.lease ?? running.call.lease);
    this.feed({ type: waiting ? "blocked" : "unblocked", lease: running.call.lease, task: running.call.task });
  }

  ended(frame: Frame, ending: Ending): void {
    const running = this.running.get(frame);
    if (running === undefined || frame.task === undefined)
      return this.world.violated("the simulation itself", "ended without a call");
    if (ending.kind === "crash") return this.world.kill(this, "crashes by itself");
    this.running.delete(frame);
    this.frames.delete(frame);
    this.world.runnable.delete(frame);
    frame.task.running -= 1;
    if (frame.places.goesOn) frame.task.made = frame.places.made;
    if (frame.places.goesOn) frame.task.strayed = frame.tainted;
    this.#producers.ended(frame, running.call);
    const reply = replyTo(frame, ending, this.world);
    const { lease, task } = running.call;
    const micros = this.world.random.pick(this.world.profile.micros);
    const isBirth = this.resident?.isBirth(running.call) === true;
    if (reply.kind === "left") this.resident?.left();
    if (!isBirth) this.sending(payloadsIn(reply), running.from);
    this.#queued.settle(running.from, task);
    if (ending.kind === "exit") {
      this.feed({ type: "sendItems", lease, task });
      // No time for the inbox.
      if (!isBirth) this.tellOwner(running.from, { type: "reply", lease, task, reply, micros });
      const loss = { pid: 1, exitCode: ending.code, signal: null, lastStderr: "" };
      return this.world.exit(this, loss);
    }
    if (this.resident !== undefined && isBirth) born(this, this.resident, reply);
    else this.feed({ type: "finished", lease, task, reply, micros });
    frame.dropAll();
    if (reply.kind === "left") leaves(this);
    if (this.idle) this.resident?.idle();
  }

  #retire(): void {
    // A definition that is on its way, or a call that came under a lease not yet announced, counts as work.
    if (this.resident !== undefined) return this.resident.leave();
    if (!this.owner.settled || !this.idle) {
      this.world.count("refused to retire");
      return this.tellDaemon({ type: "ready" });
    }
    this.endTurn();
    this.world.retire(this);
  }
}
