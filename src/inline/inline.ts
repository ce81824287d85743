// The smallest backend: every call in this process, by the same rules. For unit tests and step debugging.
//
//   submit ─► waiting (for arguments) ─► ready (in the queue of its shape) ─► running ─► outcome ─► watchers, dependents
//
// Arguments and results are still encoded, resources still counted, and a call that waits for others still lends its CPUs. What
// it cannot do: use a second CPU, survive a crash, keep a `process.exit` in a task from ending the program, or end a function that does
// not end by itself: `force`, and the time after a `timeoutMs`, tell it and no more.
import type { Backend, GroupWish, Identity, NodeInfo } from "../backend.ts";
import { definitionId, objectId, type DefinitionId, type ObjectId } from "../domain/id.ts";
import type { News } from "../domain/news.ts";
import { ownedPayload, type Failure, type Outcome, type Payload } from "../domain/object.ts";
import { offerOf, refusalOf, type NodeOffer } from "../domain/request.ts";
import type { GroupId, GroupPlan } from "../domain/placement.ts";
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
import { delayBefore, isStream, type CallId, type Cancel, type TaskSpec } from "../domain/task.ts";
import type { Reply } from "../protocol/worker.ts";
import { Deque } from "../std/deque.ts";
import { invariant } from "../std/invariant.ts";
import { Alarms } from "../std/alarms.ts";
import { jittered } from "../std/random.ts";
import { inNextTurn } from "../std/turns.ts";
import { answer, identityOf, nodeInfo, type InlineOptions } from "./about.ts";
import { Groups, type Grant } from "./groups.ts";
import { Objects } from "./objects.ts";
import { Queues } from "./queues.ts";
import { Streams } from "./streams.ts";
import { callOf, progressOf, type Executor, type InlineCall, type Task } from "./task.ts";

export function openInline(options: InlineOptions, executor: Executor): Backend {
  return new Inline(options, executor);
}

class Inline implements Backend {
  readonly identity: Identity;
  readonly keep = ownedPayload;
  readonly open = (payload: Payload): Payload => payload;
  readonly drop = (): void => {};
  readonly #executor: Executor;
  readonly #onNews: (news: News) => void;
  readonly #node: NodeOffer;
  readonly #groups: Groups;
  #next = 1;
  readonly #objects = new Objects<Task>((id) => this.#lost(id));
  readonly #definitions = new Map<DefinitionId, Payload>();
  readonly #queues = new Queues();
  readonly #running = new Map<CallId, Task>();
  /** Unfinished, in any state. */
  readonly #tasks = new Set<Task>();
  /** The same, by each of their results. */
  readonly #makers = new Map<ObjectId, Task>();
  /** When they are to be tried again. */
  readonly #delays = new Alarms<Task>(() => {});
  /** Of those that have a `timeoutMs` or a `signal`. */
  readonly #alarms = new Alarms<Task>((task, reason) => this.#stop(task, cancelled(task.spec, cancelBySignal(reason))));
  readonly #streams = new Streams({
    create: () => this.#create(undefined),
    resolve: (id, outcome) => this.#objects.resolve(id, outcome, (dependent) => this.#arrived(dependent, outcome)),
    release: (id) => this.release(id),
  });
  /** Outcomes to tell: failures run down chains of dependents without recursion. */
  readonly #finished = new Deque<{ task: Task; outcomes: readonly Outcome[] }>();
  #telling = false;
  #scheduled = false;
  #closed: Failure | undefined;

  constructor(options: InlineOptions, executor: Executor) {
    this.#executor = executor;
    this.#onNews = options.onNews;
    this.identity = identityOf(options);
    this.#node = offerOf(this.identity.nodeId, options);
    this.#groups = new Groups(this.#node.total);
  }

  nextDefinition(): DefinitionId {
    return definitionId(this.identity.processId, this.#next++);
  }

  define(definition: DefinitionId, payload: Payload): void {
    for (const id of payload.refs) this.hold(id);
    this.#definitions.set(definition, payload);
  }

  submit(spec: TaskSpec): readonly ObjectId[] {
    const taskId = objectId(this.identity.processId, this.#next);
    const results: ObjectId[] = [];
    for (let index = 0; index < spec.returns; index++) results.push(this.#create(undefined));
    if (spec.returns === 0) this.#next++;
    const task: Task = {
      order: this.#next,
      taskId,
      spec,
      results,
      missing: 0,
      attempt: 1,
      delayed: false,
      running: undefined,
      done: false,
    };
    this.#tasks.add(task);
    for (const id of results) this.#makers.set(id, task);
    if (spec.backpressure !== undefined) this.#streams.open(taskId, task, spec.backpressure);
    for (const id of spec.args.refs) this.hold(id);
    for (const { id } of spec.dependencies) this.hold(id);
    const failure = this.#refuse(spec);
    if (failure !== undefined) this.#finish(task, failure);
    else this.#await(task);
    if (!task.done) this.#guard(task);
    return results;
  }

  put(value: Payload): ObjectId {
    for (const id of value.refs) this.hold(id);
    return this.#create({ value });
  }

  read(id: ObjectId): Outcome | undefined {
    return this.#objects.outcome(id);
  }

  progress(id: ObjectId): Progress | undefined {
    const task = this.#makers.get(id);
    return task && progressOf(task);
  }

  cancel(id: ObjectId, cancel: Cancel): void {
    const task = this.#makers.get(id);
    if (task !== undefined) this.#stop(task, cancelled(task.spec, cancel));
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

  blocked(call: CallId): void {
    const task = this.#running.get(call);
    if (task?.running === undefined || task.running.lent) return;
    task.running.lent = true;
    this.#groups.lend(task.running.grant, true);
    this.#schedule();
  }

  unblocked(call: CallId): void {
    const task = this.#running.get(call);
    if (task?.running?.lent !== true) return;
    task.running.lent = false;
    this.#groups.lend(task.running.grant, false);
  }

  createGroup({ bundles, strategy, name, detached: _ }: GroupWish): GroupId {
    const id = objectId(this.identity.processId, this.#next++);
    this.#groups.create({ id, bundles, strategy }, name);
    this.#schedule();
    return id;
  }

  removeGroup(id: GroupId): Promise<void> {
    const users = [...this.#tasks].filter(({ spec }) => spec.request.group?.id === id);
    const gone = this.#groups.remove(id);
    for (const task of users) this.#stop(task, groupGone(task.spec, progressOf(task) === "running", gone));
    this.#schedule();
    return Promise.resolve();
  }

  groupNamed(name: string): Promise<{ plan: GroupPlan | undefined; names: readonly string[] }> {
    return answer(() => ({ plan: this.#groups.named(name), names: this.#groups.names }));
  }

  clusterResources(): Promise<Record<string, number>> {
    return answer(() => amounts(this.#node.total));
  }

  availableResources(): Promise<Record<string, number>> {
    const free = (): [string, number][] =>
      Object.entries(amounts(this.#groups.node.available)).filter(([, amount]) => amount > 0);
    return answer(() => Object.fromEntries(free()));
  }

  nodes(): Promise<NodeInfo[]> {
    return answer(() => [nodeInfo(this.#node, this.identity.address, this.#closed === undefined)]);
  }

  close(): Promise<void> {
    if (this.#closed !== undefined) return Promise.resolve();
    this.#closed = { kind: "closed", reason: "shutdown() was called", orderly: true };
    this.#queues.clear();
    this.#definitions.clear();
    this.#alarms.clearAll();
    this.#delays.clearAll();
    for (const task of [...this.#tasks]) this.#finish(task, this.#closed);
    return Promise.resolve();
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
    const gone = request.group && this.#groups.goneOf(request.group.id);
    if (gone !== undefined) return groupGone(spec, false, gone).failure;
    if (refusalOf(request, this.#node) === undefined) return undefined;
    return { kind: "unschedulable", name, request, node: this.#node, site: site.text };
  }

  #guard(task: Task): void {
    const { timeoutMs, signal } = task.spec;
    if (signal?.aborted === false) this.#alarms.listen(task, signal);
    if (timeoutMs === undefined) return;
    this.#alarms.time(task, timeoutMs, () => this.#stop(task, timedOut(task.spec, progressOf(task))));
  }

  /** What runs keeps what it has taken until it ends; its outcome is known, and nobody hears of another. */
  #stop(task: Task, stop: Stop): void {
    if (task.done) return;
    const { running } = task;
    const queued = progressOf(task) === "ready";
    this.#finish(task, stop.failure);
    if (queued) this.#queues.left(task);
    if (running === undefined) return;
    this.#executor.stop(running.call, stop);
    if (!stop.recursive) return;
    const children = [...this.#tasks].filter(({ spec }) => spec.parent === running.call.callId);
    for (const child of children) this.#stop(child, cancelled(child.spec, cancelOfChildren(stop)));
  }

  #await(task: Task): void {
    for (const { id } of task.spec.dependencies) {
      const outcome = this.#objects.await(id, task);
      if (outcome?.failure !== undefined) return this.#finish(task, outcome.failure);
      if (outcome === undefined) task.missing++;
    }
    if (task.missing === 0) this.#enqueue(task);
  }

  #arrived(task: Task, outcome: Outcome): void {
    if (task.done) return;
    if (outcome.failure !== undefined) return this.#finish(task, outcome.failure);
    task.missing--;
    if (task.missing === 0) this.#enqueue(task);
  }

  #enqueue(task: Task): void {
    this.#queues.push(task);
    this.#schedule();
  }

  /** Calls begin in a turn of their own: never inside `submit`, and never so many that timers and sockets starve. */
  #schedule(): void {
    if (this.#closed !== undefined) return;
    if (this.#scheduled) return;
    this.#scheduled = true;
    inNextTurn(() => {
      this.#scheduled = false;
      if (this.#closed !== undefined) return;
      this.#groups.reserve();
      const before = this.#next;
      const fits = ({ spec }: Task): boolean => this.#groups.grantFor(spec.request) !== undefined;
      const next = (): Task | undefined => this.#queues.shift(fits, before);
      for (let task = next(); task !== undefined; task = next()) this.#start(task);
      if (this.#queues.has(fits)) this.#schedule();
    });
  }

  #start(task: Task): void {
    if (task.done) return;
    const { spec } = task;
    const callId = this.#next++;
    const grant = this.#groups.grantFor(spec.request);
    invariant(grant !== undefined, "a call begins when there is what it asks for");
    this.#groups.take(grant);
    const values = spec.dependencies.map(({ id }) => {
      const value = this.#objects.outcome(id)?.value;
      invariant(value !== undefined, "a call begins when its arguments are here");
      return value;
    });
    const call = callOf(task, callId, grant.resources, values);
    if (isStream(spec)) call.stream = this.#streams.production(task.taskId);
    task.running = { call, grant, lent: false };
    this.#running.set(callId, task);
    const reply = this.#executor.execute(call, (wanted) => this.#load(wanted));
    if (reply instanceof Promise) void reply.then((late) => this.#replied(task, call, grant, late));
    else this.#replied(task, call, grant, reply);
  }

  #load(definition: DefinitionId): Payload {
    const payload = this.#definitions.get(definition);
    invariant(payload !== undefined, `function ${definition} is defined before it is used`);
    return payload;
  }

  #replied(task: Task, { callId, group }: InlineCall, grant: Grant, reply: Reply): void {
    this.unblocked(callId);
    this.#running.delete(callId);
    task.running = undefined;
    this.#groups.give(grant, group?.id);
    if (this.#closed === undefined) this.#schedule();
    if (task.done) return;
    const { name, site, maxRetries } = task.spec;
    if (reply.kind === "thrown" && reply.again && (maxRetries < 0 || task.attempt <= maxRetries))
      return this.#again(task, reply.thrown);
    if (reply.kind === "done")
      return this.#finish(
        task,
        undefined,
        reply.values.map((value) => ({ value })),
      );
    invariant(reply.kind !== "exited", "process.exit ends this process");
    if (reply.kind === "thrown") {
      const { thrown, by } = reply;
      const { attempt: attempts } = task;
      return this.#finish(task, { kind: "thrown", thrown, name, pid: 0, by, attempts, site: site.text });
    }
    this.#finish(task, "site" in reply.failure ? { ...reply.failure, name, site: site.text } : reply.failure);
  }

  #again(task: Task, thrown: Payload): void {
    const { name, maxRetries, retryDelay } = task.spec;
    task.attempt += 1;
    const attemptsMax = maxRetries < 0 ? undefined : maxRetries + 1;
    const retry = { name, attempt: task.attempt, attemptsMax, loss: undefined, thrown };
    this.#onNews({ type: "retry", retry });
    if (retryDelay === undefined) return this.#enqueue(task);
    task.delayed = true;
    const ms = delayBefore(task.attempt, retryDelay);
    this.#delays.time(task, retryDelay.jitter ? jittered(ms) : ms, () => {
      task.delayed = false;
      this.#enqueue(task);
    });
  }

  #finish(task: Task, failure: Failure | undefined, outcomes: readonly Outcome[] = []): void {
    task.done = true;
    this.#tasks.delete(task);
    for (const id of task.results) this.#makers.delete(id);
    this.#alarms.clear(task);
    if (task.delayed) this.#delays.clear(task);
    this.#finished.push({ task, outcomes: failure === undefined ? outcomes : task.results.map(() => ({ failure })) });
    if (this.#telling) return;
    this.#telling = true;
    for (let next = this.#finished.shift(); next !== undefined; next = this.#finished.shift())
      this.#tell(next.task, next.outcomes);
    this.#telling = false;
  }

  #tell(task: Task, outcomes: readonly Outcome[]): void {
    task.results.forEach((id, index) => {
      const outcome = outcomes[index];
      invariant(outcome !== undefined, "each result has an outcome");
      this.#objects.resolve(id, outcome, (dependent) => this.#arrived(dependent, outcome));
      this.#streams.ended(id, outcome);
    });
    for (const id of task.spec.args.refs) this.release(id);
    for (const { id } of task.spec.dependencies) this.release(id);
  }
}
