// The smallest backend: every call in this process, by the same rules. For unit tests and step debugging.
//
//   submit ─► waiting (for arguments) ─► ready (in the queue of its shape) ─► running ─► outcome ─► watchers, dependents
//
// Arguments and results are still encoded, resources still counted, and a call that waits for others still lends its CPUs. What
// it cannot do: use a second CPU, survive a crash, or keep a `process.exit` in a task from ending the program.
import type { Backend, CallId, Identity, NodeInfo, Progress } from "../backend.ts";
import { definitionId, objectId, type DefinitionId, type ObjectId } from "../domain/id.ts";
import { NODE_ID_LABEL } from "../domain/labels.ts";
import type { Failure, Outcome, Payload } from "../domain/object.ts";
import { refusalOf, shapeOf, type NodeOffer, type Shape } from "../domain/request.ts";
import { amounts, granted, lendable, minus, plus, resources, withGpus, type Resources } from "../domain/resources.ts";
import { delayBefore, type Retry, type TaskSpec } from "../domain/task.ts";
import type { Call, Reply } from "../protocol/worker.ts";
import { Deque } from "../std/deque.ts";
import { invariant } from "../std/invariant.ts";
import { startTimer } from "../std/clock.ts";
import { jittered, randomHex } from "../std/random.ts";
import { inNextTurn } from "../std/turns.ts";
import { Objects } from "./objects.ts";

export interface InlineOptions {
  readonly numCpus: number;
  /** What CUDA calls the GPUs to use, by index. */
  readonly gpus: readonly string[];
  readonly resources: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined: a random one. */
  readonly namespace: string | undefined;
  readonly onRetry: (retry: Retry) => void;
}

type InlineCall = Pick<
  Call,
  "attempt" | "definition" | "name" | "args" | "positions" | "values" | "returns" | "request" | "retryOn"
> & {
  readonly callId: CallId;
  readonly taskId: ObjectId;
};

/** Runs one call; api/execute's, handed in because this floor is below it. Never throws. */
export type Execute = (call: InlineCall, load: (definition: DefinitionId) => Payload) => Reply | Promise<Reply>;

interface Task {
  readonly order: number;
  readonly taskId: ObjectId;
  readonly spec: TaskSpec;
  readonly results: readonly ObjectId[];
  /** Arguments that are not here yet. */
  missing: number;
  attempt: number;
  /** Its next attempt waits for its time. */
  delayed: boolean;
  done: boolean;
}

interface Running {
  readonly task: Task;
  /** What it asked for, with concrete GPUs. */
  readonly request: Resources;
  /** Its CPUs are with others. */
  lent: boolean;
}

export function openInline(options: InlineOptions, execute: Execute): Backend {
  return new Inline(options, execute);
}

class Inline implements Backend {
  readonly identity: Identity;
  readonly #execute: Execute;
  readonly #onRetry: (retry: Retry) => void;
  readonly #node: NodeOffer;
  #available: Resources;
  #next = 1;
  readonly #objects = new Objects<Task>((id) => this.#lost(id));
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
    this.#onRetry = options.onRetry;
    const { numCpus, gpus } = options;
    const processId = randomHex(8);
    this.#node = {
      nodeId: processId,
      total: resources({ CPU: numCpus, GPU: gpus.length, ...options.resources }),
      labels: { ...options.labels, [NODE_ID_LABEL]: processId },
    };
    this.#available = withGpus(this.#node.total);
    this.identity = {
      kind: "inline",
      address: "inline",
      sessionId: randomHex(8),
      jobId: randomHex(4),
      nodeId: processId,
      processId,
      namespace: options.namespace ?? randomHex(8),
      gpus: options.gpus,
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
    const task: Task = {
      order: this.#next,
      taskId,
      spec,
      results,
      missing: 0,
      attempt: 1,
      delayed: false,
      done: false,
    };
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
    return this.#objects.outcome(id);
  }

  progress(id: ObjectId): Progress | undefined {
    for (const task of this.#tasks) {
      if (!task.results.includes(id)) continue;
      if (task.missing > 0) return "waiting";
      if (task.delayed) return "delayed";
      for (const running of this.#running.values()) if (running.task === task) return "running";
      return "ready";
    }
    return undefined;
  }

  watch(id: ObjectId, notify: (outcome: Outcome) => void): void {
    this.#objects.watch(id, notify);
  }

  unwatch(id: ObjectId, notify: (outcome: Outcome) => void): void {
    this.#objects.unwatch(id, notify);
  }

  hold(id: ObjectId): void {
    this.#objects.hold(id);
  }

  release(id: ObjectId): void {
    this.#objects.release(id);
  }

  blocked(call: CallId): void {
    const running = this.#running.get(call);
    if (running === undefined || running.lent) return;
    running.lent = true;
    this.#available = plus(this.#available, lendable(running.request));
    this.#schedule();
  }

  unblocked(call: CallId): void {
    const running = this.#running.get(call);
    if (running?.lent !== true) return;
    running.lent = false;
    // May be more than there is, until those that borrowed it end.
    this.#available = minus(this.#available, lendable(running.request));
  }

  clusterResources(): Promise<Record<string, number>> {
    return Promise.resolve(amounts(this.#node.total));
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
        resources: amounts(this.#node.total),
        labels: { ...this.#node.labels },
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
    this.#objects.create(id, outcome);
    return id;
  }

  #lost(id: ObjectId): Failure {
    return this.#closed ?? { kind: "lost", id, reason: "nothing in this session holds it" };
  }

  #refuse({ name, request, site }: TaskSpec): Failure | undefined {
    if (this.#closed !== undefined) return this.#closed;
    if (refusalOf(request, this.#node) === undefined) return undefined;
    return { kind: "unschedulable", name, request, node: this.#node, site: site.text };
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

  /** The most urgent of those that fit, of these the oldest, one shape not holding up another; only those submitted before `order`. */
  #pick(order: number, peek = false): Task | undefined {
    let first: Deque<Task> | undefined;
    for (const [shape, queue] of this.#queues) {
      const task = queue.peek();
      if (task === undefined) this.#queues.delete(shape);
      else if (
        task.order <= order &&
        comesBefore(task, first?.peek()) &&
        granted(task.spec.request.resources, this.#available) !== undefined
      )
        first = queue;
    }
    return peek ? first?.peek() : first?.shift();
  }

  #start(task: Task): void {
    if (task.done) return;
    const { spec, taskId } = task;
    const { definition, name, args, returns, retryOn } = spec;
    const callId = this.#next++;
    const request = granted(spec.request.resources, this.#available);
    invariant(request !== undefined, "a call begins when there is what it asks for");
    const running: Running = { task, request, lent: false };
    this.#running.set(callId, running);
    this.#available = minus(this.#available, request);
    const values = spec.dependencies.map(({ id }) => {
      const value = this.#objects.outcome(id)?.value;
      invariant(value !== undefined, "a call begins when its arguments are here");
      return value;
    });
    const positions = spec.dependencies.map(({ position }) => position);
    const { attempt } = task;
    const call = { callId, taskId, attempt, definition, name, args, positions, values, returns, request, retryOn };
    const reply = this.#execute(call, (wanted) => this.#load(wanted));
    if (reply instanceof Promise) void reply.then((late) => this.#replied(callId, running, late));
    else this.#replied(callId, running, reply);
  }

  #load(definition: DefinitionId): Payload {
    const payload = this.#definitions.get(definition);
    invariant(payload !== undefined, `function ${definition} is defined before it is used`);
    return payload;
  }

  #replied(callId: CallId, { task, request }: Running, reply: Reply): void {
    this.unblocked(callId);
    this.#running.delete(callId);
    this.#available = plus(this.#available, request);
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
      const { thrown, stray } = reply;
      const { attempt: attempts } = task;
      return this.#finish(task, { kind: "thrown", thrown, name, pid: 0, stray, attempts, site: site.text });
    }
    this.#finish(task, "site" in reply.failure ? { ...reply.failure, name, site: site.text } : reply.failure);
  }

  #again(task: Task, thrown: Payload): void {
    const { name, maxRetries, retryDelay } = task.spec;
    task.attempt += 1;
    const attemptsMax = maxRetries < 0 ? undefined : maxRetries + 1;
    this.#onRetry({ name, attempt: task.attempt, attemptsMax, loss: undefined, thrown });
    if (retryDelay === undefined) return this.#enqueue(task);
    task.delayed = true;
    const due = (): void => {
      task.delayed = false;
      if (!task.done) this.#enqueue(task);
    };
    const ms = delayBefore(task.attempt, retryDelay);
    startTimer(retryDelay.jitter ? jittered(ms) : ms, due, { keepsAlive: false });
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
      this.#objects.resolve(id, outcome, (dependent) => this.#arrived(dependent, outcome));
    });
    for (const id of task.spec.args.refs) this.release(id);
    for (const { id } of task.spec.dependencies) this.release(id);
  }
}

function comesBefore(task: Task, other: Task | undefined): boolean {
  if (other === undefined) return true;
  const [urgency, others] = [task.spec.request.priority ?? 0, other.spec.request.priority ?? 0];
  return urgency > others || (urgency === others && task.order < other.order);
}
