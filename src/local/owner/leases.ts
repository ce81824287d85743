// Ready tasks meet leased workers: how many leases to ask for, whom to push to and how deep, what to take back from a slow queue.
import { Line } from "../../std/line.ts";
import type { DefinitionId, ProcessId } from "../../domain/id.ts";
import type { GroupId } from "../../domain/placement.ts";
import { apartFrom, shapeOf, type Shape } from "../../domain/request.ts";
import type { Progress } from "../../domain/progress.ts";
import { isStream, type TaskSpec } from "../../domain/task.ts";
import type { FromDaemon, LeaseId } from "../../protocol/daemon.ts";
import { Durations } from "./durations.ts";
import type { Lease, ShapeQueue } from "./lease.ts";
import { backTo, type Lane } from "./lane.ts";
import { move, storyOf, type Again, type Task } from "./tasks.ts";
import type { OwnerEffect } from "./step.ts";

/** Less queued work than this is done before a `withdraw` and its answer have crossed. */
const WORTH_MICROS = 500;
/** Leases one shape asks for at once; the daemon grants what there is. */
const WANTED_MAX = 1_024;

const isReady = (task: Task): boolean => task.state === "ready";

export class Leases implements Lane {
  readonly #shapes = new Map<Shape, ShapeQueue>();
  readonly #leases = new Map<LeaseId, Lease>();
  readonly #dirty = new Set<ShapeQueue>();
  /** Where tasks have left without being pushed: there may be more asked for than is lacking. */
  readonly #shrunk = new Set<ShapeQueue>();
  readonly #durations: Durations;
  readonly #process: ProcessId;
  readonly #emit: (effect: OwnerEffect) => void;
  readonly #push: (lease: Lease, task: Task) => void;
  readonly #isWhole: (task: Task) => boolean;
  /** The latest lease granted to this process, of whatever shape. */
  #seen: LeaseId = 0;

  /** `isWhole`: whether its arguments are still here. One that lacks any waits for it again, and for no worker. */
  constructor(
    process: ProcessId,
    emit: (effect: OwnerEffect) => void,
    push: (lease: Lease, task: Task) => void,
    isWhole: (task: Task) => boolean,
  ) {
    this.#process = process;
    this.#emit = emit;
    this.#push = push;
    this.#isWhole = isWhole;
    this.#durations = new Durations(emit);
  }

  get(id: LeaseId): Lease | undefined {
    return this.#leases.get(id);
  }

  readonly placeOf = ({ lease }: Task): Lease | undefined => this.#leases.get(lease);

  /** Those that are such, also when they are over. */
  which(such: (lease: Lease) => boolean): Lease[] {
    return [...this.#leases.values()].filter(such);
  }

  /** A worker runs what it has in the order in which it came. */
  progressOf(task: Task): Progress | undefined {
    const { env, group } = task.spec.request;
    if (task.state === "done" || task.state === "stopped") return undefined;
    if (task.state === "ready" && this.#queueOf(task).leases.size === 0) {
      if (group !== undefined) return "grouped";
      if (env?.setup !== undefined) return "settingUp";
    }
    if (task.state !== "running") return task.state;
    const lease = this.#leases.get(task.lease);
    return lease !== undefined && firstOf(lease) === task ? "running" : "queued";
  }

  assignFor(task: Task): void {
    this.assign(this.#queueOf(task));
  }

  #queueOf({ spec, alone }: Task): ShapeQueue {
    const request = alone ? apartFrom(spec.request) : spec.request;
    const shape = shapeOf(request);
    let queue = this.#shapes.get(shape);
    if (queue === undefined) {
      queue = { shape, request, ready: new Line(isReady), leases: new Set(), asked: 0 };
      this.#shapes.set(shape, queue);
    }
    return queue;
  }

  byShape(shape: Shape): ShapeQueue | undefined {
    return this.#shapes.get(shape);
  }

  enqueue(task: Task): void {
    const queue = this.#queueOf(task);
    queue.ready.push(task);
    this.assign(queue);
  }

  /** Back to the front, in their old order: they were next. */
  requeue(tasks: readonly Task[], why: Again): void {
    for (const task of [...tasks].reverse()) {
      move(task, "ready", why);
      backTo(task, why);
      const queue = this.#queueOf(task);
      queue.ready.unshift(task);
      this.#dirty.add(queue);
    }
  }

  /** A task that was ready is so no more. */
  left(task: Task): void {
    const queue = this.#queueOf(task);
    queue.ready.left();
    this.#shrunk.add(queue);
    this.#dirty.add(queue);
  }

  /**
   * A call in flight was stopped. It keeps its place until its worker answers, and nothing is pushed behind it. True: its worker is
   * being ended.
   */
  stop(task: Task): boolean {
    const { number, stop } = task;
    const lease = this.#leases.get(task.lease);
    if (lease === undefined) throw new Error(`in flight on no lease: ${storyOf(task)}`);
    lease.single = true;
    this.enforce(lease);
    const { id, worker, address } = lease;
    // One that runs here may be left alive, for the sake of others that do.
    if (stop === undefined || (lease.ending && worker !== this.#process)) return lease.ending;
    this.#emit({ type: "worker", worker, address, message: { type: "cancel", lease: id, task: number, stop } });
    return lease.ending;
  }

  /** Has the worker ended when the call that it runs is one to be stopped by force. */
  enforce(lease: Lease): void {
    const stop = firstOf(lease)?.stop;
    if (stop?.force === "now") this.endWorker(lease, stop.recursive);
  }

  /** Whatever it has begun meanwhile is lost with it. */
  endWorker(lease: Lease, recursive: boolean): void {
    if (lease.ending) return;
    lease.ending = true;
    this.#emit({ type: "daemon", message: { type: "endWorker", lease: lease.id, recursive } });
    if (!lease.over) this.over(lease);
  }

  granted(message: Extract<FromDaemon, { type: "granted" }>): void {
    const { lease: id, worker, address, resources, callsMax = Infinity } = message;
    this.#seen = id;
    const shape = this.#shapes.get(message.shape);
    if (shape === undefined) {
      // Granted just before the daemon heard that nothing is wanted any more.
      this.#emit({ type: "daemon", message: { type: "giveBack", lease: id, begun: 0 } });
      return;
    }
    const lease: Lease = {
      id,
      worker,
      address,
      shape,
      resources,
      inflight: new Map(),
      answered: 0,
      callsLeft: callsMax,
      blocked: false,
      single: false,
      withdrawing: false,
      over: false,
      ending: false,
      idle: false,
      spare: false,
    };
    this.#leases.set(id, lease);
    shape.leases.add(lease);
    shape.asked = Math.max(0, shape.asked - 1);
    this.assign(shape);
  }

  /** The worker takes no more under this lease. */
  over(lease: Lease): void {
    lease.over = true;
    lease.shape.leases.delete(lease);
    this.#dirty.add(lease.shape);
    this.forgetIfSpent(lease);
  }

  /** The lease went with its worker. */
  lost(lease: Lease): void {
    this.#leases.delete(lease.id);
    lease.shape.leases.delete(lease);
    this.#dirty.add(lease.shape);
  }

  /** The running call waits for others. Calls of its kind are long, however short they were. */
  block(lease: Lease): void {
    lease.blocked = true;
    for (const task of lease.inflight.values()) return this.#durations.waits(task.spec);
  }

  forgetIfSpent(lease: Lease): void {
    if (lease.over && lease.inflight.size === 0) this.#leases.delete(lease.id);
  }

  learn(spec: TaskSpec, micros: number): void {
    this.#durations.learn(spec, micros);
  }

  unlearn(definition: DefinitionId): void {
    this.#durations.forget(definition);
  }

  /** Pushes what can be pushed; takes back from a long queue when a worker is free and nothing else is ready. */
  assign(queue: ShapeQueue): void {
    this.#dirty.add(queue);
    if (queue.request.maxCalls !== undefined) this.#giveBackSpent(queue);
    for (let task = queue.ready.peek(); task !== undefined; task = queue.ready.peek()) {
      const depth = this.#depth(task);
      const lease = this.#roomiest(queue, depth);
      if (lease === undefined) return;
      queue.ready.shift();
      if (!this.#isWhole(task)) {
        this.#shrunk.add(queue);
        continue;
      }
      lease.single = depth === 1;
      lease.inflight.set(task.number, task);
      lease.idle = false;
      lease.callsLeft -= 1;
      task.lease = lease.id;
      move(task, "running");
      this.#push(lease, task);
    }
    this.#balance(queue, WORTH_MICROS);
  }

  /** Tells the daemon what is lacking, where that has changed. */
  flush(): void {
    for (const queue of this.#dirty) {
      // Forgotten since, while an ended lease still named it; another queue may speak for the shape now.
      if (this.#shapes.get(queue.shape) !== queue) continue;
      const waiting = queue.ready.size;
      // Small changes downwards are not worth a message: a lease too many goes back when it is idle.
      const fewer = queue.asked > lacking(queue) && (waiting === 0 || this.#shrunk.has(queue));
      if (lacking(queue) > queue.asked || fewer) this.#demand(queue);
      if (waiting === 0) this.#giveBackSpare(queue);
      if (waiting === 0 && queue.leases.size === 0) this.#shapes.delete(queue.shape);
    }
    this.#dirty.clear();
    this.#shrunk.clear();
  }

  /**
   * The worker could not give it back without being wrong at times: the next call may be on its way to it. What is less urgent would then
   * run before that.
   */
  spare(id: LeaseId): void {
    const lease = this.#leases.get(id);
    if (lease === undefined || lease.over) return;
    lease.spare = true;
    this.#dirty.add(lease.shape);
  }

  #giveBackSpare(queue: ShapeQueue): void {
    for (const lease of queue.leases) if (lease.spare && lease.inflight.size === 0) this.#giveBack(lease);
  }

  /** Their workers end. */
  #giveBackSpent(queue: ShapeQueue): void {
    for (const lease of queue.leases) if (lease.callsLeft === 0 && lease.inflight.size === 0) this.#giveBack(lease);
  }

  /** Leases that were idle at the last tick too go back, or `all` idle ones. Queues behind a call that turned out long are broken up. */
  tick(all: boolean): void {
    for (const queue of this.#shapes.values()) if (queue.ready.size === 0) this.#balance(queue, 0);
    for (const lease of this.#leases.values()) {
      if (lease.over || lease.inflight.size > 0) continue;
      if (lease.idle || all) this.#giveBack(lease);
      else lease.idle = true;
    }
  }

  /** The daemon has dropped what it was asked for in this placement group. */
  forgetAsked(group: GroupId): void {
    for (const queue of this.#shapes.values()) {
      if (queue.request.group?.id !== group) continue;
      queue.asked = 0;
      this.#dirty.add(queue);
    }
  }

  /** Nothing of the shape can run: its ready tasks, for the caller to fail. */
  takeAll(shape: Shape): Task[] {
    const queue = this.#shapes.get(shape);
    if (queue === undefined) return [];
    queue.asked = 0;
    this.#dirty.add(queue);
    const tasks: Task[] = [];
    for (let task = queue.ready.shift(); task !== undefined; task = queue.ready.shift()) tasks.push(task);
    return tasks;
  }

  /** Everything goes at once: the cluster is gone. */
  clear(): void {
    this.#shapes.clear();
    this.#leases.clear();
    this.#dirty.clear();
    this.#shrunk.clear();
  }

  #giveBack(lease: Lease): void {
    this.#leases.delete(lease.id);
    lease.shape.leases.delete(lease);
    // First what is lacking, or the daemon might grant it again.
    if (lease.shape.asked > lacking(lease.shape)) this.#demand(lease.shape);
    this.#emit({ type: "daemon", message: { type: "giveBack", lease: lease.id, begun: lease.answered } });
    this.#dirty.add(lease.shape);
  }

  #demand(queue: ShapeQueue): void {
    queue.asked = lacking(queue);
    const { shape, request, asked } = queue;
    const name = queue.ready.peek()?.spec.name ?? "";
    this.#emit({ type: "daemon", message: { type: "demand", shape, request, lacking: asked, seen: this.#seen, name } });
  }

  #depth(task: Task): number {
    // A stream may stand still for long: nothing waits behind it.
    return task.alone || isStream(task.spec) ? 1 : this.#durations.depthOf(task.spec);
  }

  #roomiest(queue: ShapeQueue, depth: number): Lease | undefined {
    let best: Lease | undefined;
    for (const lease of queue.leases) {
      const size = lease.inflight.size;
      if (lease.blocked || lease.callsLeft === 0 || size >= depth || (best !== undefined && size >= best.inflight.size))
        continue;
      if (size > 0 && lease.single) continue;
      best = lease;
      if (size === 0) break;
    }
    return best;
  }

  /** A free worker and a queue elsewhere: half of that queue comes back, to be pushed again. */
  #balance(queue: ShapeQueue, worthMicros: number): void {
    if (queue.leases.size < 2) return;
    let free = false;
    let longest: Lease | undefined;
    for (const lease of queue.leases) {
      if (lease.inflight.size === 0 && !lease.blocked) free = true;
      else if (lease.inflight.size > (longest?.inflight.size ?? 1)) longest = lease;
      if (lease.withdrawing) return;
    }
    if (!free || longest === undefined || this.#queuedMicros(longest) < worthMicros) return;
    longest.withdrawing = true;
    const count = Math.floor(longest.inflight.size / 2);
    const { worker, address, id } = longest;
    this.#emit({ type: "worker", worker, address, message: { type: "withdraw", lease: id, count } });
  }

  /** What is believed to be in flight, in time; unknown counts as long. */
  #queuedMicros(lease: Lease): number {
    for (const task of lease.inflight.values()) return this.#durations.microsOf(task.spec) * lease.inflight.size;
    return 0;
  }

  inspect(): { shapes: number; leases: number } {
    return { shapes: this.#shapes.size, leases: this.#leases.size };
  }

  check(): void {
    for (const queue of this.#shapes.values()) {
      for (const task of queue.ready)
        if (task.state !== "ready") throw new Error(`queue ${queue.shape}: ${storyOf(task)}`);
    }
    for (const lease of this.#leases.values()) {
      if (lease.over && lease.inflight.size === 0) throw new Error(`lease ${lease.id}: over and spent, but kept`);
      if (!lease.over && !lease.shape.leases.has(lease)) throw new Error(`lease ${lease.id}: not in its shape`);
      for (const task of lease.inflight.values()) {
        if (task.state !== "running" && task.state !== "stopped")
          throw new Error(`lease ${lease.id}: ${storyOf(task)}`);
        if (task.alone && lease.inflight.size > 1)
          throw new Error(`lease ${lease.id}: task ${task.number} is not alone`);
      }
    }
  }
}

function firstOf(lease: Lease): Task | undefined {
  for (const task of lease.inflight.values()) return task;
  return undefined;
}

/** Leases that could be put to use now. */
const lacking = ({ ready }: ShapeQueue): number => Math.min(ready.size, WANTED_MAX);
