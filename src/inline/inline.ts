// The smallest backend: every call in this process, by the same rules. For unit tests and step debugging.
//
//   submit ─► waiting (for arguments) ─► ready (in the queue of its shape) ─► running ─► outcome ─► watchers, dependents
//
// Arguments and results are still encoded, resources still counted, and a call that waits for others still lends its CPUs. What
// it cannot do: use a second CPU, survive a crash, keep a `process.exit` in a task from ending the program, or end a function that does
// not end by itself: `force`, and the time after a `timeoutMs`, tell it and no more.
import type { ActorFound, ActorName, Asker, Backend, GroupWish, Identity, KillActor, NodeInfo } from "../backend.ts";
import type { ActorId } from "../domain/actor.ts";
import type { ActorSpec } from "../domain/actor-spec.ts";
import { definitionId, objectId, type DefinitionId, type ObjectId } from "../domain/id.ts";
import { ACTOR, type Failure, type Outcome, type Payload } from "../domain/object.ts";
import { offerOf, refusalOf, type NodeOffer } from "../domain/request.ts";
import type { GroupEnd, GroupId, GroupPlan } from "../domain/placement.ts";
import { amounts } from "../domain/resources.ts";
import type { Progress } from "../domain/progress.ts";
import {
  cancelBySignal,
  cancelled,
  cancelOfChildren,
  groupGone,
  readerGone,
  timedOut,
  type Stop,
} from "../domain/stop.ts";
import { endsWithParent, isStream, type CallId, type Cancel, type TaskSpec } from "../domain/task.ts";
import type { Reply } from "../protocol/worker.ts";
import { afterAnother } from "../std/after-another.ts";
import { invariant } from "../std/invariant.ts";
import { Alarms } from "../std/alarms.ts";
import { answer, identityOf, nodeInfo, type InlineOptions } from "./about.ts";
import { Actors } from "./actors.ts";
import { Definitions } from "./definitions.ts";
import { Groups } from "./groups.ts";
import { Objects } from "./objects.ts";
import { OneProcess } from "./one-process.ts";
import { Retries } from "./retries.ts";
import { Runs } from "./runs.ts";
import { Schedule } from "./schedule.ts";
import { Streams } from "./streams.ts";
import { endOf, newTask, progressOf, tasksIn, type Actor, type Executor, type Task } from "./task.ts";

export function openInline(options: InlineOptions, executor: Executor): Backend {
  return new Inline(options, executor);
}

interface Ended {
  readonly task: Task;
  readonly outcomes: readonly Outcome[];
}

class Inline extends OneProcess implements Backend {
  readonly identity: Identity;
  readonly #executor: Executor;
  readonly #retries: Retries;
  readonly #node: NodeOffer;
  readonly #groups: Groups;
  readonly #runs: Runs;
  readonly #schedule: Schedule;
  #next = 1;
  readonly #objects = new Objects<Task>(
    (id) => this.#lost(id),
    (id) => this.#actors.unheld(id),
  );
  readonly #definitions = new Definitions(this, (definition) => this.#executor.forget(definition));
  readonly define: Backend["define"] = (definition, payload) => this.#definitions.define(definition, payload);
  readonly undefine: Backend["undefine"] = (definition) => this.#definitions.undefine(definition);
  /** Unfinished, in any state. */
  readonly #tasks = new Set<Task>();
  /** The same, by each of their results. */
  readonly #makers = new Map<ObjectId, Task>();
  /** Of those that have a `timeoutMs` or a `signal`. */
  readonly #alarms = new Alarms<Task>((task, reason) => this.#stop(task, cancelled(task.spec, cancelBySignal(reason))));
  readonly #streams = new Streams({
    create: () => this.#create(undefined),
    resolve: (id, outcome) => this.#objects.resolve(id, outcome, (dependent) => this.#arrived(dependent, outcome)),
    release: (id) => this.release(id),
  });
  readonly #actors: Actors = new Actors({
    create: () => this.#create(ACTOR),
    hold: (id) => this.hold(id),
    release: (id) => this.release(id),
    classes: this.#definitions,
    begin: (spec, actor) => this.#begin(spec, actor),
    finish: (task, failure) => this.#finish(task, failure),
    abandon: (task, how) => this.#runs.abandon(task, how),
    give: (grant, group) => this.#groups.give(grant, group),
    lend: (grant, lent) => this.#groups.lend(grant, lent),
    leave: (host) => this.#executor.leave(host),
    schedule: () => this.#schedule.look(),
    actorOf: (call) => this.#runs.actorOf(call),
    vacated: ({ id }) => this.#groups.madeBy(id).forEach((group) => this.#giveUp(group, "creatorGone")),
  });
  /** Failures run down chains of dependents. */
  readonly #tell = afterAnother<Ended>((ended) => this.#tellNow(ended));
  #closed: Failure | undefined;

  constructor(options: InlineOptions, executor: Executor) {
    super();
    this.#executor = executor;
    this.#retries = new Retries(options.onNews, (task) => this.#enqueue(task));
    this.identity = identityOf(options);
    this.#node = offerOf(this.identity.nodeId, options);
    this.#groups = new Groups(this.#node.total, () => this.#schedule.look());
    this.#runs = new Runs(executor, this.#groups, this.#actors, {
      nextCall: () => this.#next++,
      hold: (id) => this.hold(id),
      release: (id) => this.release(id),
      makerOf: (id) => this.#makers.get(id) ?? this.#streams.makerOf(id),
      tell: options.onNews,
      valueOf: (id) => this.#objects.outcome(id)?.value,
      load: (definition) => this.#definitions.load(definition),
      production: ({ spec, taskId }) => (isStream(spec) ? this.#streams.production(taskId) : undefined),
      settle: (task, reply) => this.#settle(task, reply),
      schedule: () => this.#schedule.look(),
    });
    const stage = { actors: this.#actors, groups: this.#groups, runs: this.#runs };
    this.#schedule = new Schedule({ ...stage, order: () => this.#next });
  }

  nextDefinition(): DefinitionId {
    return definitionId(this.identity.processId, this.#next++);
  }

  submit(spec: TaskSpec): readonly ObjectId[] {
    return this.#begin(spec, spec.method && this.#actors.of(spec.method.actor)).results;
  }

  #begin(spec: TaskSpec, actor: Actor | undefined): Task {
    const taskId = objectId(this.identity.processId, this.#next);
    const results: ObjectId[] = [];
    for (let index = 0; index < spec.returns; index++) results.push(this.#create(undefined));
    if (spec.returns === 0) this.#next++;
    const task = newTask(spec, actor, { order: this.#next, taskId, results, ...this.#runs.ofSubmitter(spec) });
    this.#tasks.add(task);
    for (const id of results) this.#makers.set(id, task);
    if (spec.backpressure !== undefined) this.#streams.open(taskId, task, spec.backpressure);
    for (const id of spec.args.refs) this.hold(id);
    for (const { id } of spec.dependencies) this.hold(id);
    if (spec.method !== undefined) this.hold(spec.method.actor);
    else if (actor !== undefined) actor.maker = task;
    const failure = this.#refuse(spec);
    if (failure !== undefined) this.#finish(task, failure);
    else this.#await(task);
    if (!task.done) this.#guard(task);
    return task;
  }

  put(value: Payload): ObjectId {
    for (const id of value.refs) this.hold(id);
    return this.#create({ value });
  }

  read(id: ObjectId): Outcome | undefined {
    return this.#objects.outcome(id);
  }

  progress(id: ObjectId): Progress | undefined {
    const task = this.#makers.get(id) ?? this.#streams.makerOf(id);
    if (task === undefined) return undefined;
    const { method } = task.spec;
    const progress = progressOf(task);
    return progress === "behind" && method !== undefined && this.#streams.isPausedAt(method) ? "paused" : progress;
  }

  cancel(id: ObjectId, cancel: Cancel, asker?: Asker): void {
    const task = this.#makers.get(id);
    if (task !== undefined && this.#runs.hasSubmitted(task, asker)) this.#stop(task, cancelled(task.spec, cancel));
  }

  watch(id: ObjectId, notify: (outcome: Outcome) => void): void {
    this.#objects.watch(id, notify);
  }

  unwatch(id: ObjectId, notify: (outcome: Outcome) => void): void {
    this.#objects.unwatch(id, notify);
  }

  peekItem(stream: ObjectId): ObjectId | undefined {
    return this.#streams.peek(stream);
  }

  takeItem(stream: ObjectId): void {
    this.#streams.take(stream);
  }

  leaveStream(stream: ObjectId): void {
    const stop = ({ spec }: Task): Stop => cancelled(spec, readerGone);
    const task = this.#streams.leave(stream, (left) => ({ failure: stop(left).failure }));
    if (task !== undefined) this.#stop(task, stop(task));
  }

  hold(id: ObjectId): void {
    this.#objects.hold(id);
  }

  release(id: ObjectId): void {
    this.#objects.release(id);
  }

  blocked(call: CallId, awaited: () => readonly ObjectId[]): void {
    this.#runs.blocked(call, awaited);
  }

  unblocked(call: CallId): void {
    this.#runs.unblocked(call);
  }

  createActor(spec: ActorSpec): ActorId {
    return this.#actors.create(spec);
  }

  pendingCalls(actor: ActorId): number {
    return this.#actors.of(actor)?.calls.size ?? 0;
  }

  killActor(actor: ActorId, kill: KillActor): Promise<void> {
    this.#actors.kill(actor, kill);
    return Promise.resolve();
  }

  actorNamed(name: string, namespace: string): Promise<ActorFound> {
    return answer(() => this.#actors.named(name, namespace));
  }

  namedActors(namespace: string | undefined): Promise<readonly ActorName[]> {
    return answer(() => this.#actors.list(namespace));
  }

  createGroup({ bundles, strategy, name, detached, actor }: GroupWish): GroupId {
    const id = objectId(this.identity.processId, this.#next++);
    this.#groups.create({ id, bundles, strategy }, name, detached ? undefined : actor);
    this.#schedule.look();
    return id;
  }

  removeGroup(id: GroupId): Promise<void> {
    this.#giveUp(id, "removed");
    return Promise.resolve();
  }

  #giveUp(id: GroupId, why: GroupEnd): void {
    const users = tasksIn(id, this.#tasks);
    const gone = this.#groups.giveUp(id, why);
    this.#actors.groupGone(id, gone);
    for (const task of users) this.#stop(task, groupGone(task.spec, progressOf(task) === "running", gone));
    this.#schedule.look();
  }

  isReserved(id: GroupId): Promise<boolean> {
    return answer(() => this.#groups.isReserved(id));
  }

  groupNamed(name: string): Promise<{ plan: GroupPlan | undefined; names: readonly string[] }> {
    return answer(() => ({ plan: this.#groups.named(name), names: this.#groups.names }));
  }

  clusterResources(): Promise<Record<string, number>> {
    return answer(() => amounts(this.#node.total));
  }

  availableResources(): Promise<Record<string, number>> {
    return answer(() => this.#groups.free);
  }

  nodes(): Promise<NodeInfo[]> {
    return answer(() => [nodeInfo(this.#node, this.identity.address, this.#closed === undefined)]);
  }

  close(): Promise<void> {
    if (this.#closed !== undefined) return Promise.resolve();
    this.#closed = { kind: "closed", reason: "shutdown() was called", orderly: true };
    this.#schedule.close();
    this.#groups.close();
    this.#definitions.clear();
    this.#alarms.clearAll();
    this.#retries.clear();
    this.#runs.close();
    for (const task of [...this.#tasks]) this.#finish(task, this.#closed);
    return this.#actors.close();
  }

  #create(outcome: Outcome | undefined): ObjectId {
    const id = objectId(this.identity.processId, this.#next++);
    this.#objects.create(id, outcome);
    return id;
  }

  #lost(id: ObjectId): Failure {
    return this.#closed ?? { kind: "lost", id, reason: "nothing in this session holds it" };
  }

  #refuse(spec: TaskSpec): Failure | undefined {
    const { name, request, site } = spec;
    if (this.#closed !== undefined) return this.#closed;
    if (spec.cancelled !== undefined) return cancelled(spec, spec.cancelled).failure;
    if (spec.method !== undefined) return this.#actors.refusalOf(spec);
    const gone = request.group && this.#groups.goneOf(request.group.id);
    if (gone !== undefined) return groupGone(spec, false, gone).failure;
    if (refusalOf(request, this.#node) === undefined) return undefined;
    return { kind: "unschedulable", name, request, node: this.#node, site: site.text };
  }

  #guard(task: Task): void {
    const { timeoutMs, signal } = task.spec;
    const expire = (): void => this.#stop(task, timedOut(task.spec, progressOf(task)));
    if (timeoutMs === 0) return expire();
    if (signal?.aborted === false) this.#alarms.listen(task, signal);
    if (timeoutMs !== undefined) this.#alarms.time(task, timeoutMs, expire);
  }

  /** What runs keeps what it has taken until it ends, but for CPUs; its outcome is known, and nobody hears of another. */
  #stop(task: Task, stop: Stop): void {
    if (task.done) return;
    const { running } = task;
    const queued = running === undefined && task.missing === 0 && !task.delayed;
    this.#finish(task, stop.failure);
    if (queued && task.spec.method === undefined) this.#schedule.left(task);
    if (running === undefined) return;
    this.#runs.stop(running, stop);
    if (!stop.recursive) return;
    const children = [...this.#tasks].filter(({ spec }) => spec.parent === running.call.callId && endsWithParent(spec));
    for (const child of children) this.#stop(child, cancelled(child.spec, cancelOfChildren(stop)));
  }

  #await(task: Task): void {
    const { actor, spec } = task;
    for (const { id } of spec.dependencies) {
      const outcome = this.#objects.await(id, task);
      if (outcome?.failure !== undefined) return this.#finish(task, outcome.failure);
      if (outcome === undefined) task.missing++;
    }
    if (actor !== undefined && spec.method !== undefined) this.#actors.submitted(actor, task);
    if (task.missing === 0) this.#enqueue(task);
  }

  #arrived(task: Task, outcome: Outcome): void {
    if (task.done) return;
    if (outcome.failure !== undefined) return this.#finish(task, outcome.failure);
    task.missing--;
    if (task.missing === 0) this.#enqueue(task);
  }

  #enqueue(task: Task): void {
    const { actor, spec } = task;
    if (actor !== undefined && spec.method !== undefined)
      return task.attempt === 1 ? this.#actors.arrived(actor, task) : this.#actors.again(actor, task);
    this.#schedule.push(task);
  }

  #settle(task: Task, reply: Reply): void {
    if (reply.kind === "left" && task.actor !== undefined) return this.#actors.left(task.actor, task);
    if (task.done) return;
    if (reply.kind === "thrown" && reply.again) return this.#retries.again(task, reply.thrown);
    const ended = endOf(task, reply);
    if (ended.failure === undefined) this.#finish(task, undefined, ended.outcomes);
    else this.#finish(task, ended.failure);
  }

  #finish(task: Task, failure: Failure | undefined, outcomes: readonly Outcome[] = []): void {
    task.done = true;
    this.#tasks.delete(task);
    for (const id of task.results) this.#makers.delete(id);
    this.#alarms.clear(task);
    this.#retries.finished(task);
    if (task.actor !== undefined) this.#actors.finished(task.actor, task, failure);
    this.#tell({ task, outcomes: failure === undefined ? outcomes : task.results.map(() => ({ failure })) });
  }

  #tellNow({ task, outcomes }: Ended): void {
    task.results.forEach((id, index) => {
      const outcome = outcomes[index];
      invariant(outcome !== undefined, "each result has an outcome");
      this.#objects.resolve(id, outcome, (dependent) => this.#arrived(dependent, outcome));
      this.#streams.ended(id, outcome);
    });
    for (const id of task.spec.args.refs) this.release(id);
    for (const { id } of task.spec.dependencies) this.release(id);
    if (task.spec.method !== undefined) this.release(task.spec.method.actor);
  }
}
