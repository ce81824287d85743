// BRAIN ONE: what a process that submits work knows and decides. Inputs in, effects out; no I/O, no clock, no promise.
//
//   submit ─► waiting ─► ready ─► running ─► done ─► outcome, publish, dependents
//                ▲         │  ▲       │
//       arguments┘   lease─┘  └──retry┘  lost worker, returned call
//
//   cancelled, or out of time: done at once; in flight: stopped ─► done, when the worker has answered or is lost
import { unreachable } from "../../std/invariant.ts";
import type { ActorId } from "../../domain/actor.ts";
import { makersOf } from "../../domain/circles.ts";
import { objectId, type ObjectId, type ProcessId } from "../../domain/id.ts";
import { refsIn, type Failure, type Outcome } from "../../domain/object.ts";
import type { Progress } from "../../domain/progress.ts";
import { cancelled, readerGone } from "../../domain/stop.ts";
import { isStream } from "../../domain/task.ts";
import { Actors } from "./actors.ts";
import { Births } from "./births.ts";
import { Arguments } from "./arguments.ts";
import { Attempts } from "./attempts.ts";
import { callOn, type Pushable } from "./call.ts";
import { Calls } from "./calls.ts";
import { Endings } from "./endings.ts";
import { Lanes } from "./lane.ts";
import { Leases } from "./leases.ts";
import { Losses } from "./losses.ts";
import { Makers } from "./makers.ts";
import { Objects } from "./objects.ts";
import type { OwnerEffect, OwnerInput } from "./step.ts";
import { Replies } from "./replies.ts";
import { Stops } from "./stops.ts";
import { Streams } from "./streams.ts";
import { checkTask, createTask, refusalBy, starvationOf, storyOf, type Task } from "./tasks.ts";

type Input<T extends OwnerInput["type"]> = Extract<OwnerInput, { type: T }>;

/** What still means something when the cluster is gone. */
const AFTER_THE_END: readonly OwnerInput["type"][] = [
  "submit",
  "createActor",
  "put",
  "hold",
  "release",
  "settled",
  "want",
  "unreadable",
  "take",
  "leave",
];

export class Owner {
  readonly #process: ProcessId;
  readonly #tasks = new Map<number, Task>();
  readonly #objects: Objects<Task>;
  readonly #leases: Leases;
  readonly #calls: Calls;
  readonly #actors: Actors;
  readonly #lanes: Lanes;
  readonly #makers: Makers;
  readonly #stops: Stops;
  readonly #attempts: Attempts;
  readonly #replies: Replies;
  readonly #streams: Streams;
  readonly #losses: Losses;
  readonly #endings: Endings;
  readonly #arguments: Arguments;
  readonly #births: Births;
  #effects: OwnerEffect[] = [];
  #next = 1;
  #closed: Failure | undefined;

  constructor(process: ProcessId) {
    this.#process = process;
    const emit = (effect: OwnerEffect): void => void this.#effects.push(effect);
    this.#makers = new Makers(process);
    this.#objects = new Objects<Task>(
      process,
      emit,
      (task, outcome) => this.#arguments.arrived(task, outcome),
      (id) => {
        this.#calls.forget(id);
        this.#births.forget(id);
        this.#losses.lineage.forget(id);
      },
      (id) => this.#losses.lineage.outlives(id) || this.#births.outlives(id),
    );
    const push = (place: Pushable, task: Task): void => this.#push(place, task);
    const isWhole = (task: Task): boolean => this.#arguments.areHere(task);
    this.#leases = new Leases(process, emit, push, isWhole);
    this.#calls = new Calls(emit, push, isWhole, (task, failure) => this.#endings.finish(task, { failure }));
    this.#lanes = new Lanes(this.#leases, this.#calls);
    const number = (): number => this.take(1);
    const lostItems = (): Losses => this.#losses;
    this.#streams = new Streams(process, number, this.#objects, this.#lanes, lostItems, emit);
    const begin = (task: Task): void => this.#begin(task);
    const making = this.#makers.among(this.#tasks);
    this.#losses = new Losses(process, this.#objects, this.#calls, this.#streams, making, emit, begin);
    const { lineage } = this.#losses;
    this.#endings = new Endings(this.#tasks, this.#objects, this.#streams, this.#calls, lineage, emit);
    this.#arguments = new Arguments(this.#objects, this.#lanes, this.#losses, this.#endings, (id, task) =>
      this.#make(id, task),
    );
    this.#births = new Births(process, this.#objects, this.#losses, { nextNumber: number, emit, begin });
    this.#actors = new Actors(process, this.#objects, this.#calls, this.#births, number);
    this.#stops = new Stops(this.#tasks, this.#leases, this.#lanes, this.#runsAgain, emit, this.#endings, this.#losses);
    this.#attempts = new Attempts(this.#leases, this.#calls, this.#lanes, this.#stops, emit, (task, outcomes) =>
      this.#endings.finish(task, outcomes),
    );
    this.#replies = new Replies({
      objects: this.#objects,
      leases: this.#leases,
      calls: this.#calls,
      streams: this.#streams,
      stops: this.#stops,
      attempts: this.#attempts,
      arguments: this.#arguments,
      endings: this.#endings,
    });
  }

  /** So many numbers of this process in a row; the first. Submissions and puts are named with them. */
  take(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }

  /** Calls of it that were submitted here and have not ended. */
  pendingCalls(actor: ActorId): number {
    return this.#calls.pending(actor);
  }

  actorIdOf(actor: ActorId): ActorId | undefined {
    return this.#actors.idOf(actor);
  }

  /** Whom one waits for that waits for these: actors, where they run one call at a time, or else calls. */
  makersOf(ids: readonly ObjectId[]): readonly ObjectId[] {
    return makersOf(ids, (id) => this.#arguments.awaitedCall(this.#makerOf(id)));
  }

  /** Of what is a result, an item to come, or one that is made again. */
  #makerOf(id: ObjectId): Task | undefined {
    return this.#makers.of(id, this.#tasks) ?? this.#streams.makerOf(id) ?? this.#losses.lineage.remakerOf(id);
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
    const task = this.#makerOf(id);
    if (task === undefined) return undefined;
    const { method } = task.spec;
    const progress = this.#lanes.of(task).progressOf(task);
    return progress === "behind" && method !== undefined && this.#streams.isPausedAt(method) ? "paused" : progress;
  }

  /** The number of the call that makes this object, if it was submitted here and has never ended. */
  taskOf(id: ObjectId): number | undefined {
    const task = this.#makers.of(id, this.#tasks) ?? this.#makers.of(id, this.#stops.inFlight);
    return task === undefined || this.#runsAgain(task) ? undefined : task.number;
  }

  /** It had ended, and runs for what was lost. Of a stream that goes on, or is being stopped, the items that it has made are kept too. */
  readonly #runsAgain = (task: Task): boolean =>
    this.#losses.lineage.has(task.number) && !this.#streams.isOpen(task) && task.stop === undefined;

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
      case "createActor":
        return this.#actors.create(input.number, input.spec, this.#closed !== undefined);
      case "actorFailed":
      case "findActor":
      case "killActor":
        return this.#actors.step(input);
      case "put":
        return this.#objects.put(objectId(this.#process, input.number), input.value, input.site);
      case "store":
        return this.#objects.store(input);
      case "hold":
        return void this.#objects.pin(input.id);
      case "release":
        return this.#objects.unpin(input.id);
      case "received":
      case "settled":
      case "sending":
      case "departed":
        return this.#objects.travel(input);
      case "definition":
        return this.#definition(input.message);
      case "unreadable":
        return this.#losses.lost(input.id, input.stored);
      case "want":
        return this.#want(input.id);
      case "daemon":
        return this.#daemon(input.message);
      case "worker":
        return this.#replies.take(input.message, input.worker);
      case "lost":
        return this.#lost(input);
      case "due":
        return this.#due(input.task);
      case "cancel":
      case "cancelChildren":
      case "expired":
      case "graceOver":
        return this.#stops.step(input);
      case "take":
        return this.#streams.take(input.stream);
      case "leave":
        return this.#leave(input.stream);
      case "turned":
        return this.#streams.tellAll();
      case "flush":
        return this.#leases.flush();
      case "tick":
        return this.#leases.tick(input.all === true);
      case "closed":
        return this.#close({ kind: "closed", reason: input.reason, orderly: input.orderly });
      default:
        return unreachable(input, "the owner brain");
    }
  }

  #lost(input: Input<"lost">): void {
    this.#attempts.lost(input);
    for (const news of this.#calls.takeHeard()) this.#daemon(news);
  }

  #want(id: ObjectId): void {
    if (this.#closed === undefined || this.outcome(id) !== undefined) return this.#objects.want(id);
    this.#effects.push({ type: "outcome", id, outcome: { failure: this.#closed } });
  }

  #definition(message: Input<"definition">["message"]): void {
    if (message.type === "define") this.#objects.announceAll(message.payload.refs);
    if (message.type === "undefine") this.#leases.unlearn(message.definition);
    this.#effects.push({ type: "daemon", message });
  }

  #submit({ number, results, spec }: Input<"submit">): void {
    for (const id of results) this.#objects.create(id);
    const task = createTask(number, spec, results);
    if (isStream(spec)) this.#streams.open(task);
    this.#makers.notice(task);
    this.#begin(task);
  }

  #begin(task: Task): void {
    const { number, spec } = task;
    const { method } = spec;
    this.#tasks.set(number, task);
    if (method !== undefined) this.#objects.pin(method.actor);
    for (const id of spec.args.refs) this.#objects.pin(id);
    for (const { id } of spec.dependencies) this.#objects.pin(id);
    if (this.#closed !== undefined) return this.#endings.finish(task, { failure: this.#closed });
    if (spec.cancelled !== undefined) return this.#stops.stop(task, cancelled(spec, spec.cancelled));
    const failure = method && this.#calls.open(task, method);
    if (failure !== undefined) return this.#endings.finish(task, { failure });
    this.#arguments.await(task);
  }

  #make(id: ActorId, task: Task): void {
    this.#births.give(id, task, this.#arguments.valuesFor(task));
    this.#endings.finish(task, []);
  }

  #push(place: Pushable, task: Task): void {
    task.attempt += 1;
    const { spec } = task;
    const values = this.#arguments.valuesFor(task);
    this.#objects.send(spec.args.refs, place.worker);
    for (const value of values) this.#objects.send(value.refs, place.worker);
    this.#effects.push(callOn(place, task, values, this.#streams.position(task)));
  }

  #daemon(message: Input<"daemon">["message"]): void {
    switch (message.type) {
      case "granted":
        return this.#leases.granted(message);
      case "spare":
        return this.#leases.spare(message.lease);
      case "unschedulable":
      case "setupFailed":
        for (const task of this.#leases.takeAll(message.shape)) this.#endings.finish(task, refusalBy(message, task));
        return;
      case "groupGone":
        return this.#stops.groupGone(message);
      case "starved": {
        const starvation = starvationOf(message, this.#leases.byShape(message.shape)?.ready.peek());
        if (starvation !== undefined) this.#effects.push({ type: "starved", starvation });
        return;
      }
      case "value":
        this.#objects.receive(refsIn(message.outcome));
        this.#objects.resolve(message.id, message.outcome);
        return this.#objects.settle(refsIn(message.outcome));
      case "lost":
        this.#losses.lost(message.id, message.stored, message.reader);
        return this.#objects.requested(message.id);
      case "requested":
        // Asked for before the daemon heard what it is: it has that by now, and who finds it lost says so.
        if (this.#losses.lineage.isOutliving(message.id)) return;
        return this.#objects.requested(message.id);
      case "freed":
        this.#losses.lineage.freed(message.id);
        return this.#births.freed(message.id);
      case "actorLacks":
      case "actorIs":
      case "actorAt":
      case "actorDead":
        return this.#actors.hear(message);
      default:
        return unreachable(message, "the owner brain");
    }
  }

  #leave(stream: ObjectId): void {
    const task = this.#streams.leave(stream);
    if (task !== undefined) this.#stops.stop(task, cancelled(task.spec, readerGone));
  }

  #due(number: number): void {
    const task = this.#tasks.get(number);
    if (task?.state === "delayed") this.#arguments.ready(task);
  }

  #close(failure: Failure): void {
    this.#closed = failure;
    this.#leases.clear();
    this.#calls.clear();
    this.#stops.clear();
    this.#losses.close(failure);
    this.#births.clear();
    for (const task of [...this.#tasks.values()]) if (task.state !== "done") this.#endings.finish(task, { failure });
    for (const record of [...this.#objects.all()])
      if (record.outcome === undefined) this.#objects.resolve(record.id, { failure });
    // Nobody is left to tell.
    this.#effects = this.#effects.filter((effect) => effect.type === "outcome");
  }

  /** How many there are of each. `kept`: calls that could make again what is lost. */
  inspect(): Readonly<Record<"tasks" | "objects" | "kept" | "streams" | "actors" | "shapes" | "leases", number>> {
    const objects = [...this.#objects.all()].length;
    const [kept, streams, actors] = [this.#losses.lineage.size, this.#streams.size, this.#calls.size];
    return { tasks: this.#tasks.size, objects, kept, streams, actors, ...this.#leases.inspect() };
  }

  /** The last transitions of everything unfinished. */
  stories(): string[] {
    return [...this.#tasks.values(), ...this.#stops.inFlight.values()].map(storyOf);
  }

  /** Whole-state invariants, for tests: throws with the story of what is wrong. */
  check(): void {
    this.#objects.check();
    this.#leases.check();
    this.#calls.check();
    this.#stops.check();
    this.#streams.check();
    this.#losses.lineage.check();
    for (const task of this.#tasks.values()) checkTask(task);
  }
}
