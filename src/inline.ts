// The smallest backend: every call in this process, by the same rules. For unit tests and step debugging.
//
//   submit ─► waiting (for arguments) ─► ready (in the queue of its shape) ─► running ─► outcome ─► watchers, dependents
//
// Arguments and results are still encoded, resources still counted, and a call that waits for others still lends its CPUs. What
// it cannot do: use a second CPU, survive a crash, or keep a `process.exit` in a task from ending the program.
import type { Backend, CallId, Identity, NodeInfo, Progress } from "./backend.ts";
import { definitionId, objectId, type DefinitionId, type ObjectId } from "./domain/id.ts";
import { refsIn, type Failure, type Outcome, type Payload } from "./domain/object.ts";
import { amounts, fits, lendable, minus, plus, resources, type Resources } from "./domain/resources.ts";
import { shapeOf, type Shape, type TaskSpec } from "./domain/task.ts";
import type { Call, Reply } from "./protocol/worker.ts";
import { Deque } from "./std/deque.ts";
import { invariant } from "./std/invariant.ts";
import { randomHex } from "./std/random.ts";
import { atEndOfTurn, inNextTurn } from "./std/turns.ts";

export interface InlineOptions {
  readonly numCpus: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined: a random one. */
  readonly namespace: string | undefined;
}

type InlineCall = Pick<
  Call,
  "attempt" | "definition" | "name" | "args" | "positions" | "values" | "returns" | "request"
> & {
  readonly callId: CallId;
  readonly taskId: ObjectId;
};

/** Runs one call; api/execute's, handed in because this floor is below it. Never throws. */
export type Execute = (call: InlineCall, load: (definition: DefinitionId) => Payload) => Reply | Promise<Reply>;

type Notify = (outcome: Outcome) => void;

interface Task {
  readonly order: number;
  readonly taskId: ObjectId;
  readonly spec: TaskSpec;
  readonly results: readonly ObjectId[];
  /** Arguments that are not here yet. */
  missing: number;
  done: boolean;
}

interface Running {
  readonly task: Task;
  /** Its CPUs are with others. */
  lent: boolean;
}

/** Kept while somebody here holds it, or its task is unfinished. */
interface Entry {
  pins: number;
  outcome: Outcome | undefined;
  dependents: Task[] | undefined;
}

export function openInline(options: InlineOptions, execute: Execute): Backend {
  return new Inline(options, execute);
}

class Inline implements Backend {
  readonly identity: Identity;
  readonly #execute: Execute;
  readonly #total: Resources;
  readonly #labels: Readonly<Record<string, string>>;
  #available: Resources;
  #next = 1;
  readonly #entries = new Map<ObjectId, Entry>();
  readonly #watchers = new Map<ObjectId, Notify[]>();
  readonly #definitions = new Map<DefinitionId, Payload>();
  readonly #queues = new Map<Shape, Deque<Task>>();
  readonly #running = new Map<CallId, Running>();
  /** Unfinished, in any state. */
  readonly #tasks = new Set<Task>();
  /** Outcomes to tell: failures run down chains of dependents without recursion. */
  readonly #finished = new Deque<{ task: Task; outcomes: readonly Outcome[] }>();
  #telling = false;
  #scheduled = false;
  #closed: Failure | undefined;

  constructor(options: InlineOptions, execute: Execute) {
    this.#execute = execute;
    this.#labels = options.labels;
    this.#total = resources({ CPU: options.numCpus, ...options.resources });
    this.#available = this.#total;
    const processId = randomHex(8);
    this.identity = {
      kind: "inline",
      address: "inline",
      sessionId: randomHex(8),
      jobId: randomHex(4),
      nodeId: processId,
      processId,
      namespace: options.namespace ?? randomHex(8),
      dashboardUrl: undefined,
    };
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
    const task: Task = { order: this.#next, taskId, spec, results, missing: 0, done: false };
    this.#tasks.add(task);
    for (const id of spec.args.refs) this.hold(id);
    for (const { id } of spec.dependencies) this.hold(id);
    const failure = this.#refuse(spec);
    if (failure !== undefined) this.#finish(task, failure);
    else this.#await(task);
    return results;
  }

  put(value: Payload): ObjectId {
    for (const id of value.refs) this.hold(id);
    return this.#create({ value });
  }

  read(id: ObjectId): Outcome | undefined {
    return this.#entries.get(id)?.outcome;
  }

  progress(id: ObjectId): Progress | undefined {
    for (const task of this.#tasks) {
      if (!task.results.includes(id)) continue;
      if (task.missing > 0) return "waiting";
      for (const running of this.#running.values()) if (running.task === task) return "running";
      return "ready";
    }
    return undefined;
  }

  watch(id: ObjectId, notify: Notify): void {
    const watchers = this.#watchers.get(id);
    if (watchers === undefined) this.#watchers.set(id, [notify]);
    else watchers.push(notify);
    const entry = this.#entries.get(id);
    const known: Outcome | undefined = entry === undefined ? { failure: this.#lost(id) } : entry.outcome;
    if (known !== undefined) atEndOfTurn(() => this.#tellWatchers(id, known));
  }

  unwatch(id: ObjectId, notify: Notify): void {
    const watchers = this.#watchers.get(id);
    const index = watchers?.indexOf(notify) ?? -1;
    if (watchers === undefined || index < 0) return;
    watchers.splice(index, 1);
    if (watchers.length === 0) this.#watchers.delete(id);
  }

  #tellWatchers(id: ObjectId, outcome: Outcome): void {
    const watchers = this.#watchers.get(id);
    this.#watchers.delete(id);
    for (const watcher of watchers ?? []) watcher(outcome);
  }

  hold(id: ObjectId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      this.#entries.set(id, {
        pins: 1,
        outcome: { failure: this.#lost(id) },
        dependents: undefined,
      });
    else entry.pins++;
  }

  release(id: ObjectId): void {
    const dropped = [id];
    for (let next = dropped.pop(); next !== undefined; next = dropped.pop()) {
      const entry = this.#entries.get(next);
      if (entry === undefined) continue;
      entry.pins--;
      if (entry.pins > 0 || entry.outcome === undefined) continue;
      this.#entries.delete(next);
      for (const inner of refsIn(entry.outcome)) dropped.push(inner);
    }
  }

  blocked(call: CallId): void {
    const running = this.#running.get(call);
    if (running === undefined || running.lent) return;
    running.lent = true;
    this.#available = plus(this.#available, lendable(running.task.spec.request));
    this.#schedule();
  }

  unblocked(call: CallId): void {
    const running = this.#running.get(call);
    if (running?.lent !== true) return;
    running.lent = false;
    // May be more than there is, until those that borrowed it end.
    this.#available = minus(this.#available, lendable(running.task.spec.request));
  }

  clusterResources(): Promise<Record<string, number>> {
    return Promise.resolve(amounts(this.#total));
  }

  availableResources(): Promise<Record<string, number>> {
    const free = Object.entries(amounts(this.#available)).filter(([, amount]) => amount > 0);
    return Promise.resolve(Object.fromEntries(free));
  }

  nodes(): Promise<NodeInfo[]> {
    const { nodeId, address } = this.identity;
    return Promise.resolve([
      {
        nodeId,
        alive: this.#closed === undefined,
        address,
        resources: amounts(this.#total),
        labels: { ...this.#labels },
      },
    ]);
  }

  close(): Promise<void> {
    if (this.#closed !== undefined) return Promise.resolve();
    this.#closed = { kind: "closed", reason: "shutdown() was called", orderly: true };
    this.#queues.clear();
    this.#definitions.clear();
    for (const task of [...this.#tasks]) this.#finish(task, this.#closed);
    return Promise.resolve();
  }

  #create(outcome: Outcome | undefined): ObjectId {
    const id = objectId(this.identity.processId, this.#next++);
    this.#entries.set(id, { pins: 1, outcome, dependents: undefined });
    return id;
  }

  #lost(id: ObjectId): Failure {
    return this.#closed ?? { kind: "lost", id, reason: "nothing in this session holds it" };
  }

  #refuse({ name, request, site }: TaskSpec): Failure | undefined {
    if (this.#closed !== undefined) return this.#closed;
    if (fits(request, this.#total)) return undefined;
    return { kind: "unschedulable", name, request, total: this.#total, site: site.text };
  }

  #await(task: Task): void {
    for (const { id } of task.spec.dependencies) {
      const entry = this.#entries.get(id);
      invariant(entry !== undefined, "an argument is held by its task");
      if (entry.outcome?.failure !== undefined) return this.#finish(task, entry.outcome.failure);
      if (entry.outcome !== undefined) continue;
      task.missing++;
      (entry.dependents ??= []).push(task);
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
    const shape = shapeOf(task.spec.request);
    const queue = this.#queues.get(shape) ?? new Deque<Task>();
    this.#queues.set(shape, queue);
    queue.push(task);
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
      const before = this.#next;
      for (let task = this.#pick(before); task !== undefined; task = this.#pick(before)) this.#start(task);
      if (this.#pick(Infinity, true) !== undefined) this.#schedule();
    });
  }

  /** The oldest of those that fit, one shape not holding up another; only those submitted before `order`. */
  #pick(order: number, peek = false): Task | undefined {
    let oldest: Deque<Task> | undefined;
    for (const [shape, queue] of this.#queues) {
      const task = queue.peek();
      if (task === undefined) this.#queues.delete(shape);
      else if (
        task.order <= order &&
        task.order < (oldest?.peek()?.order ?? Infinity) &&
        fits(task.spec.request, this.#available)
      )
        oldest = queue;
    }
    return peek ? oldest?.peek() : oldest?.shift();
  }

  #start(task: Task): void {
    if (task.done) return;
    const { spec, taskId } = task;
    const { definition, name, args, returns, request } = spec;
    const callId = this.#next++;
    this.#running.set(callId, { task, lent: false });
    this.#available = minus(this.#available, request);
    const values = spec.dependencies.map(({ id }) => {
      const value = this.#entries.get(id)?.outcome?.value;
      invariant(value !== undefined, "a call begins when its arguments are here");
      return value;
    });
    const positions = spec.dependencies.map(({ position }) => position);
    const call = { callId, taskId, attempt: 1, definition, name, args, positions, values, returns, request };
    const reply = this.#execute(call, (wanted) => this.#load(wanted));
    if (reply instanceof Promise) void reply.then((late) => this.#replied(callId, task, late));
    else this.#replied(callId, task, reply);
  }

  #load(definition: DefinitionId): Payload {
    const payload = this.#definitions.get(definition);
    invariant(payload !== undefined, `function ${definition} is defined before it is used`);
    return payload;
  }

  #replied(callId: CallId, task: Task, reply: Reply): void {
    this.unblocked(callId);
    this.#running.delete(callId);
    this.#available = plus(this.#available, task.spec.request);
    if (this.#closed === undefined) this.#schedule();
    if (task.done) return;
    const { name, site } = task.spec;
    if (reply.kind === "done")
      return this.#finish(
        task,
        undefined,
        reply.values.map((value) => ({ value })),
      );
    invariant(reply.kind !== "exited", "process.exit ends this process");
    if (reply.kind === "thrown")
      return this.#finish(task, {
        kind: "thrown",
        thrown: reply.thrown,
        name,
        pid: 0,
        stray: reply.stray,
        site: site.text,
      });
    this.#finish(task, "site" in reply.failure ? { ...reply.failure, name, site: site.text } : reply.failure);
  }

  #finish(task: Task, failure: Failure | undefined, outcomes: readonly Outcome[] = []): void {
    task.done = true;
    this.#tasks.delete(task);
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
      this.#resolve(id, outcome);
    });
    for (const id of task.spec.args.refs) this.release(id);
    for (const { id } of task.spec.dependencies) this.release(id);
  }

  #resolve(id: ObjectId, outcome: Outcome): void {
    const entry = this.#entries.get(id);
    invariant(entry !== undefined, "the result of an unfinished task is kept");
    entry.outcome = outcome;
    for (const inner of refsIn(outcome)) this.hold(inner);
    const { dependents } = entry;
    entry.dependents = undefined;
    this.#tellWatchers(id, outcome);
    for (const task of dependents ?? []) this.#arrived(task, outcome);
    // Nobody may have wanted it.
    entry.pins++;
    this.release(id);
  }
}
