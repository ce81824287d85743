// BRAIN ONE: what a process that submits work knows and decides. Inputs in, effects out; no I/O, no clock, no promise.
//
//   submit ─► waiting ─► ready ─► running ─► done ─► outcome, publish, dependents
//                ▲         │  ▲       │
//       arguments┘   lease─┘  └──retry┘  lost worker, returned call
//
//   cancelled, or out of time: done at once; in flight: stopped ─► done, when the worker has answered or is lost
import { Deque } from "../../std/deque.ts";
import { unreachable } from "../../std/invariant.ts";
import { numberOf, objectId, ownerOf, type ObjectId, type ProcessId } from "../../domain/id.ts";
import { refsIn, refsInReply, type Failure, type Outcome, type Payload } from "../../domain/object.ts";
import type { Progress } from "../../domain/progress.ts";
import { cancelled, readerGone } from "../../domain/stop.ts";
import { isStream } from "../../domain/task.ts";
import type { FromWorker, Reply } from "../../protocol/worker.ts";
import { Attempts } from "./attempts.ts";
import { callOn } from "./call.ts";
import { Leases, type Lease } from "./leases.ts";
import { isTelling, Objects } from "./objects.ts";
import { isMany, outcomeAt, outcomesOf, type Outcomes } from "./outcomes.ts";
import type { OwnerEffect, OwnerInput } from "./step.ts";
import { Stops } from "./stops.ts";
import { Streams } from "./streams.ts";
import { checkTask, createTask, isGuarded, move, refusalBy, storyOf, takeRetry, type Task } from "./tasks.ts";

type Input<T extends OwnerInput["type"]> = Extract<OwnerInput, { type: T }>;

/** What still means something when the cluster is gone. */
const AFTER_THE_END: readonly OwnerInput["type"][] = [
  "submit",
  "put",
  "hold",
  "release",
  "settled",
  "want",
  "take",
  "leave",
];

export class Owner {
  readonly #process: ProcessId;
  readonly #tasks = new Map<number, Task>();
  readonly #objects: Objects<Task>;
  readonly #leases: Leases;
  readonly #stops: Stops;
  readonly #attempts: Attempts;
  readonly #streams: Streams;
  /** Tasks whose outcome is known but not yet told: failures run down chains of dependents without recursion. */
  readonly #finished = new Deque<{ task: Task; outcomes: Outcomes }>();
  #finishing = false;
  #effects: OwnerEffect[] = [];
  #next = 1;
  /** The most results that a task had. */
  #returnsMost = 1;
  #closed: Failure | undefined;

  constructor(process: ProcessId) {
    this.#process = process;
    const emit = (effect: OwnerEffect): void => void this.#effects.push(effect);
    this.#objects = new Objects<Task>(process, emit, (task, outcome) => this.#arrived(task, outcome));
    this.#leases = new Leases(process, emit, (lease, task) => this.#push(lease, task));
    this.#stops = new Stops(this.#tasks, this.#leases, emit, (task, outcome) => this.#end(task, outcome));
    this.#attempts = new Attempts(this.#leases, this.#stops, emit, (task, outcomes) => this.#finish(task, outcomes));
    this.#streams = new Streams(process, () => this.take(1), this.#objects, this.#leases, emit);
  }

  /** So many numbers of this process in a row; the first. Submissions and puts are named with them. */
  take(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }

  /** Whether anything in this process keeps it. */
  isKept(id: ObjectId): boolean {
    return (this.#objects.get(id)?.pins ?? 0) > 0;
  }

  outcome(id: ObjectId): Outcome | undefined {
    return this.#objects.get(id)?.outcome;
  }

  /** For messages: how far the call has come that makes this object. */
  progress(id: ObjectId): Progress | undefined {
    const task = this.#makerOf(id, this.#tasks);
    return task && this.#leases.progressOf(task);
  }

  /** The number of the call that makes this object, if it was submitted here and has not ended. */
  taskOf(id: ObjectId): number | undefined {
    return (this.#makerOf(id, this.#tasks) ?? this.#makerOf(id, this.#stops.inFlight))?.number;
  }

  /** A call's results are numbered from its own number on. */
  #makerOf(id: ObjectId, tasks: ReadonlyMap<number, Task>): Task | undefined {
    if (tasks.size === 0 || ownerOf(id) !== this.#process) return undefined;
    const number = numberOf(id);
    for (let first = number; first > number - this.#returnsMost; first -= 1) {
      const task = tasks.get(first);
      if (task !== undefined) return task.results[number - first] === undefined ? undefined : task;
    }
    return undefined;
  }

  /** Nothing that this process has begun goes on. */
  get settled(): boolean {
    return this.#tasks.size === 0 && this.#stops.inFlight.size === 0;
  }

  /** Of the stream whose call makes this object: its first unread item, or what the next one will be. Undefined: none comes any more. */
  peek(stream: ObjectId): ObjectId | undefined {
    return this.#streams.peek(stream);
  }

  /** After a turn of the event loop some producer is to be told how far its reader has come. */
  get behind(): boolean {
    return this.#streams.behind;
  }

  /** Leases that a tick may give back. */
  get ticking(): boolean {
    return this.#leases.inspect().leases > 0;
  }

  drain(): OwnerEffect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  step(input: OwnerInput): void {
    if (this.#closed !== undefined && !AFTER_THE_END.includes(input.type)) return;
    switch (input.type) {
      case "submit":
        return this.#submit(input);
      case "put":
        return void this.#objects.create(objectId(this.#process, input.number), { value: input.value });
      case "store":
        return this.#objects.store(input);
      case "hold":
        return void this.#objects.pin(input.id);
      case "release":
        return this.#objects.unpin(input.id);
      case "received":
        return this.#objects.receive(input.ids);
      case "settled":
        return this.#objects.settle(input.ids);
      case "sending":
        return this.#objects.send(input.ids, input.to);
      case "define":
        return this.#define(input);
      case "want":
        return this.#want(input.id);
      case "daemon":
        return this.#daemon(input.message);
      case "worker":
        return this.#worker(input.message);
      case "lost":
        return this.#attempts.lost(input);
      case "due":
        return this.#due(input.task);
      case "cancel":
        return this.#stops.cancel(input.task, input.cancel);
      case "cancelChildren":
        return this.#stops.cancelChildren(input.parent, input.cancel);
      case "expired":
        return this.#stops.expired(input.task);
      case "graceOver":
        return this.#stops.graceOver(input.lease, input.task);
      case "take":
        return this.#streams.take(input.stream);
      case "leave":
        return this.#leave(input.stream);
      case "turned":
        return this.#streams.tellAll();
      case "flush":
        return this.#leases.flush();
      case "tick":
        return this.#leases.tick();
      case "closed":
        return this.#close({ kind: "closed", reason: input.reason, orderly: input.orderly });
      default:
        return unreachable(input, "the owner brain");
    }
  }

  #want(id: ObjectId): void {
    if (this.#closed === undefined || this.outcome(id) !== undefined) return this.#objects.want(id);
    this.#effects.push({ type: "outcome", id, outcome: { failure: this.#closed } });
  }

  #define(input: Input<"define">): void {
    this.#objects.announceAll(input.payload.refs);
    const { definition, payload } = input;
    this.#effects.push({ type: "daemon", message: { type: "define", definition, payload } });
  }

  #submit({ number, results, spec }: Input<"submit">): void {
    for (const id of results) this.#objects.create(id);
    const task = createTask(number, spec, results);
    this.#tasks.set(number, task);
    if (isStream(spec)) this.#streams.open(task);
    if (results.length > this.#returnsMost) this.#returnsMost = results.length;
    for (const id of spec.args.refs) this.#objects.pin(id);
    for (const { id } of spec.dependencies) this.#objects.pin(id);
    if (this.#closed !== undefined) return this.#finish(task, { failure: this.#closed });
    if (spec.cancelled !== undefined) return this.#stops.stop(task, cancelled(spec, spec.cancelled));
    for (const { id } of spec.dependencies) {
      const record = this.#objects.get(id);
      if (record === undefined) continue;
      if (record.outcome?.failure !== undefined) return this.#finish(task, record.outcome);
      if (record.outcome !== undefined) continue;
      task.missing += 1;
      (record.dependents ??= []).push(task);
      this.#objects.subscribe(record);
    }
    if (task.missing === 0) this.#ready(task);
  }

  #arrived(task: Task, outcome: Outcome): void {
    if (task.state !== "waiting") return;
    if (outcome.failure !== undefined) return this.#finish(task, outcome);
    task.missing -= 1;
    if (task.missing === 0) this.#ready(task);
  }

  #ready(task: Task): void {
    move(task, "ready");
    this.#leases.enqueue(task);
  }

  #push(lease: Lease, task: Task): void {
    task.attempt += 1;
    const { spec } = task;
    const values: Payload[] = [];
    for (const { id } of spec.dependencies) {
      const value = this.#objects.get(id)?.outcome?.value;
      if (value === undefined) throw new Error(`pushed without its argument ${id}: ${storyOf(task)}`);
      values.push(value);
    }
    this.#objects.send(spec.args.refs, lease.worker);
    for (const value of values) this.#objects.send(value.refs, lease.worker);
    this.#effects.push(callOn(lease, task, values, isStream(spec) ? this.#streams.position(task) : undefined));
  }

  #daemon(message: Input<"daemon">["message"]): void {
    switch (message.type) {
      case "granted":
        return this.#leases.granted(message);
      case "unschedulable":
      case "setupFailed":
        for (const task of this.#leases.takeAll(message.shape)) this.#finish(task, refusalBy(message, task));
        return;
      case "groupGone":
        return this.#stops.groupGone(message);
      case "starved": {
        const task = this.#leases.byShape(message.shape)?.ready.peek();
        if (task === undefined) return;
        const { name, site, request } = task.spec;
        const starvation = { name, site, request, ...message.shortage };
        return void this.#effects.push({ type: "starved", starvation });
      }
      case "value":
        this.#objects.receive(refsIn(message.outcome));
        this.#objects.resolve(message.id, message.outcome);
        return this.#objects.settle(refsIn(message.outcome));
      case "requested":
        return this.#objects.requested(message.id);
      default:
        return unreachable(message, "the owner brain");
    }
  }

  #worker(message: FromWorker): void {
    const lease = this.#leases.get(message.lease);
    if (lease === undefined) return;
    if (message.type === "reply") return this.#replied(lease, message);
    if (message.type === "items") return this.#streams.receive(lease.inflight.get(message.task), message.values);
    const back: Task[] = [];
    for (const number of message.tasks) {
      const task = lease.inflight.get(number);
      if (task === undefined) continue;
      lease.inflight.delete(number);
      if (task.state === "stopped") this.#stops.ended(task);
      else back.push(task);
    }
    if (this.#stops.inFlight.size > 0) this.#leases.enforce(lease);
    lease.withdrawing = false;
    if (message.blocked) this.#leases.block(lease);
    this.#leases.requeue(back, "returned");
    if (message.over && !lease.over) this.#leases.over(lease);
    this.#leases.forgetIfSpent(lease);
    for (const task of back) if (task.state === "ready") this.#leases.assignFor(task);
    if (!lease.over) this.#leases.assign(lease.shape);
  }

  #leave(stream: ObjectId): void {
    const task = this.#streams.leave(stream);
    if (task !== undefined) this.#stops.stop(task, cancelled(task.spec, readerGone));
  }

  #replied(lease: Lease, message: Extract<FromWorker, { type: "reply" }>): void {
    const task = lease.inflight.get(message.task);
    if (task === undefined) return;
    const { reply } = message;
    if (reply.kind === "exited") {
      // Stays in flight: the loss of the worker that follows is this task's, and its alone.
      task.exit = reply;
      return;
    }
    lease.inflight.delete(message.task);
    lease.answered += 1;
    lease.blocked = false;
    if (this.#stops.inFlight.size > 0) this.#leases.enforce(lease);
    this.#leases.forgetIfSpent(lease);
    // The worker has held the refs inside for this process. They settle when all results have found their place: a ref may be in
    // several, some of which nobody keeps.
    const refs = refsInReply(reply);
    this.#objects.receive(refs);
    if (task.state === "stopped") {
      this.#stops.ended(task);
    } else {
      this.#leases.learn(task.spec, message.micros);
      this.#answered(task, reply);
    }
    this.#objects.settle(refs);
    if (!lease.over) this.#leases.assign(lease.shape);
  }

  #answered(task: Task, reply: Exclude<Reply, { kind: "exited" }>): void {
    if (reply.kind === "thrown" && reply.again && takeRetry(task)) this.#attempts.again(task, "threw", reply);
    else this.#finish(task, outcomesOf(task, reply));
  }

  #finish(task: Task, outcomes: Outcomes): void {
    move(task, "done");
    this.#end(task, outcomes);
  }

  /** Tells what a task has come to, and whatever that ends in turn, in order, however long the chain of dependents. */
  #end(task: Task, outcomes: Outcomes): void {
    this.#tasks.delete(task.number);
    if (isGuarded(task) && task.state === "done") this.#effects.push({ type: "unguard", task: task.number });
    if (this.#finishing) return this.#finished.push({ task, outcomes });
    this.#finishing = true;
    this.#tell(task, outcomes);
    for (let next = this.#finished.shift(); next !== undefined; next = this.#finished.shift())
      this.#tell(next.task, next.outcomes);
    this.#finishing = false;
  }

  #tell(task: Task, outcomes: Outcomes): void {
    const { results } = task;
    if (results.length === 0 && !isMany(outcomes) && isTelling(outcomes))
      this.#effects.push({ type: "unheard", failure: outcomes.failure, id: undefined });
    for (let index = 0; index < results.length; index += 1) {
      const id = results[index] as ObjectId;
      const outcome = outcomeAt(outcomes, index, id);
      this.#objects.resolve(id, outcome);
      if (isStream(task.spec)) this.#streams.ended(task, outcome);
    }
    for (const id of task.spec.args.refs) this.#objects.unpin(id);
    for (const { id } of task.spec.dependencies) this.#objects.unpin(id);
  }

  #due(number: number): void {
    const task = this.#tasks.get(number);
    if (task?.state === "delayed") this.#ready(task);
  }

  #close(failure: Failure): void {
    this.#closed = failure;
    this.#leases.clear();
    this.#stops.clear();
    for (const task of [...this.#tasks.values()]) if (task.state !== "done") this.#finish(task, { failure });
    for (const record of [...this.#objects.all()])
      if (record.outcome === undefined) this.#objects.resolve(record.id, { failure });
    // Nobody is left to tell.
    this.#effects = this.#effects.filter((effect) => effect.type === "outcome");
  }

  inspect(): { tasks: number; objects: number; streams: number; shapes: number; leases: number } {
    const objects = [...this.#objects.all()].length;
    return { tasks: this.#tasks.size, objects, streams: this.#streams.size, ...this.#leases.inspect() };
  }

  /** The last transitions of everything unfinished. */
  stories(): string[] {
    return [...this.#tasks.values(), ...this.#stops.inFlight.values()].map(storyOf);
  }

  /** Whole-state invariants, for tests: throws with the story of what is wrong. */
  check(): void {
    this.#objects.check();
    this.#leases.check();
    this.#stops.check();
    this.#streams.check();
    for (const task of this.#tasks.values()) checkTask(task);
  }
}
