// What a worker does with the calls of the actor that lives there: by concurrency group so many at once, callers taking turns, those of
// one caller in the order in which they came. Nothing begins before the actor is made, and nothing more once it leaves.
//
// Of a group that runs one at a time, a call that could not read an argument goes back to its caller, and what came behind it must not
// overtake it: it is passed over, also what is still on its way, until the caller says that it comes again.
//
// Its callers have seats, which are known like leases. The actor itself has a lease: while all calls that run wait for others, it is
// what lends.
import type { ProcessId } from "../domain/id.ts";
import { DEFAULT_GROUP } from "../domain/actor.ts";
import { orphaned, type Stop } from "../domain/stop.ts";
import type { Host, LeaseId } from "../protocol/daemon.ts";
import type { Call } from "../protocol/worker.ts";
import { Deque } from "../std/deque.ts";
import { unreachable } from "../std/invariant.ts";
import { Producing } from "./producing.ts";
import type { InboxEffect, InboxInput } from "./inbox-step.ts";

type Resident = Pick<Host, "id" | "lease" | "plan" | "restarts">;

interface Entry {
  readonly from: ProcessId;
  readonly call: Call;
  state: "queued" | "running";
  blocked: boolean;
  /** Set while a stream runs. */
  producing: Producing | undefined;
}

interface Group {
  readonly limit: number;
  running: number;
  /** By seat; whose turn it is first. */
  readonly queues: Map<LeaseId, Deque<Entry>>;
  /** Seats whose calls are passed over. */
  readonly shut: Set<LeaseId>;
}

export class Mailbox {
  /** Of the actor. */
  readonly lease: LeaseId;
  readonly #actor: Resident;
  readonly #groups: ReadonlyMap<string, Group>;
  /** By seat and task. */
  readonly #entries = new Map<LeaseId, Map<number, Entry>>();
  #state: "making" | "open" | "leaving" = "making";
  #running = 0;
  /** Of those that run, or of the constructor, how many wait for others. */
  #blocked = 0;
  #lent = false;
  #effects: InboxEffect[] = [];

  constructor(actor: Resident) {
    this.lease = actor.lease;
    this.#actor = actor;
    this.#groups = new Map(
      Object.entries(actor.plan.limits).map(([name, limit]) => [
        name,
        { limit, running: 0, queues: new Map(), shut: new Set() },
      ]),
    );
  }

  drain(): InboxEffect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  /** A seat that calls have come under, or the lease of the actor. */
  has(lease: LeaseId): boolean {
    if (lease === this.lease || this.#entries.has(lease)) return true;
    for (const { shut } of this.#groups.values()) if (shut.has(lease)) return true;
    return false;
  }

  get running(): number {
    return this.#running;
  }

  /** The constructor has run. */
  open(): void {
    if (this.#state !== "making") return;
    this.#state = "open";
    this.#nextAll();
  }

  /** What has not begun never does, and is told so. */
  leave(): void {
    this.#state = "leaving";
    for (const { queues } of this.#groups.values()) {
      for (const { from, call } of [...queues.values()].flatMap((queue) => [...queue])) this.#refuse(from, call);
      queues.clear();
    }
  }

  #refuse(from: ProcessId, { lease, task, name, attempt }: Call): void {
    const { id, restarts, plan } = this.#actor;
    const { className, name: title, namespace } = plan;
    this.#entries.get(lease)?.delete(task);
    const death = { end: "exited", className, name: title, namespace, restarts } as const;
    // It may have begun in an attempt before this one.
    const failure = { kind: "actorDied", name, actor: id, death, begun: attempt > 1, site: "" } as const;
    const reply = { kind: "refused", failure } as const;
    this.#effects.push({ type: "owner", to: from, message: { type: "reply", lease, task, reply, micros: 0 } });
  }

  step(input: InboxInput): void {
    switch (input.type) {
      case "call":
        return this.#call(input.from, input.call);
      case "cancel":
        return this.#cancel(input);
      case "read":
        return this.#read(input);
      case "item":
        return this.#item(input);
      case "sendItems":
        return this.#sendItems(this.#find(input));
      case "recall":
        if (input.lease === this.lease) return this.#answer();
        return this.#callerGone(input.lease);
      case "finished":
        return this.#finished(input);
      case "blocked":
      case "unblocked":
        return this.#block(input, input.type === "blocked");
      case "again":
        return void this.#groups.get(input.group)?.shut.delete(input.lease);
      case "leased":
      case "withdraw":
        return;
      default:
        return unreachable(input, "the mailbox");
    }
  }

  #find({ lease, task }: { readonly lease: LeaseId; readonly task: number }): Entry | undefined {
    return this.#entries.get(lease)?.get(task);
  }

  #call(from: ProcessId, call: Call): void {
    const group = this.#groups.get(call.method?.group ?? DEFAULT_GROUP);
    if (group === undefined) return this.#unknownGroup(from, call);
    if (group.shut.has(call.lease)) return void this.#effects.push({ type: "passedOver", from, call });
    if (this.#state === "leaving") return this.#refuse(from, call);
    const entry: Entry = { from, call, state: "queued", blocked: false, producing: undefined };
    const entries = this.#entries.get(call.lease) ?? new Map<number, Entry>();
    this.#entries.set(call.lease, entries.set(call.task, entry));
    const queue = group.queues.get(call.lease) ?? new Deque<Entry>();
    group.queues.set(call.lease, queue);
    queue.push(entry);
    this.#next(group);
  }

  /** Handles check it: so it is one that somebody has made up. */
  #unknownGroup(from: ProcessId, { lease, task, method, name }: Call): void {
    const message = `The actor has no concurrency group ${JSON.stringify(method?.group)}, which ${name} names.`;
    const failure = { kind: "refused", code: "RAY_TASK_ERROR", message, fields: {}, name, site: "" } as const;
    const reply = { kind: "refused", failure } as const;
    this.#effects.push({ type: "owner", to: from, message: { type: "reply", lease, task, reply, micros: 0 } });
  }

  #nextAll(): void {
    for (const group of this.#groups.values()) this.#next(group);
  }

  #next(group: Group): void {
    while (this.#state === "open" && group.running < group.limit) {
      const entry = takeTurn(group.queues);
      if (entry === undefined) return;
      const { from, call } = entry;
      entry.state = "running";
      if (call.stream !== undefined) entry.producing = new Producing(call.stream);
      group.running += 1;
      this.#running += 1;
      this.#lend();
      this.#effects.push({ type: "start", from, call });
    }
  }

  #finished(input: Extract<InboxInput, { type: "finished" }>): void {
    const { lease, task, reply, micros } = input;
    if (reply.kind === "left") this.leave();
    const entry = this.#find(input);
    if (entry?.state !== "running") throw new Error(`task ${task} finished at seat ${lease}, where it does not run`);
    this.#sendItems(entry);
    if (entry.blocked) this.#blocked -= 1;
    const { from, call } = entry;
    this.#forget(entry);
    const group = this.#groups.get(call.method?.group ?? DEFAULT_GROUP);
    this.#running -= 1;
    this.#effects.push({ type: "owner", to: from, message: { type: "reply", lease, task, reply, micros } });
    if (group !== undefined) {
      group.running -= 1;
      if (reply.kind === "unreadable" && group.limit === 1) this.#shut(group, lease);
      this.#next(group);
    }
    this.#lend();
  }

  #shut(group: Group, seat: LeaseId): void {
    group.shut.add(seat);
    for (const entry of group.queues.get(seat) ?? []) {
      const { from, call } = entry;
      this.#forget(entry);
      this.#effects.push({ type: "passedOver", from, call });
    }
    group.queues.delete(seat);
  }

  #forget({ call: { lease, task } }: Entry): void {
    const entries = this.#entries.get(lease);
    entries?.delete(task);
    if (entries?.size === 0) this.#entries.delete(lease);
  }

  /** The stream that runs at this seat is as far ahead of its reader as it may be: it waits for `resume`. */
  isPaused(lease: LeaseId, task: number): boolean {
    return this.#find({ lease, task })?.producing?.paused === true;
  }

  #item({ lease, task, value, now }: Extract<InboxInput, { type: "item" }>): void {
    const entry = this.#find({ lease, task });
    if (entry?.producing === undefined)
      throw new Error(`task ${task} made an item at seat ${lease}, where it does not run`);
    if (entry.producing.add(value) || now) this.#sendItems(entry);
  }

  #sendItems(entry: Entry | undefined): void {
    const values = entry?.producing?.takeUnsent() ?? [];
    if (entry === undefined || values.length === 0) return;
    const { lease, task } = entry.call;
    this.#effects.push({ type: "owner", to: entry.from, message: { type: "items", lease, task, values } });
  }

  #read({ lease, task, count }: Extract<InboxInput, { type: "read" }>): void {
    if (this.#find({ lease, task })?.producing?.read(count) === true)
      this.#effects.push({ type: "resume", lease, task });
  }

  /** Of the lease of the actor: its constructor waits, or goes on. */
  #block({ lease, task }: { readonly lease: LeaseId; readonly task: number }, blocked: boolean): void {
    const entry = this.#find({ lease, task });
    if (entry !== undefined) {
      if (entry.blocked === blocked) return;
      entry.blocked = blocked;
    } else if (lease !== this.lease) return;
    this.#blocked += blocked ? 1 : -1;
    this.#lend();
  }

  /** What the actor has is lent while all that runs there waits. */
  #lend(): void {
    const all = this.#blocked > 0 && this.#blocked >= this.#running;
    if (all === this.#lent) return;
    this.#lent = all;
    this.#effects.push({ type: "daemon", message: { type: all ? "blocked" : "unblocked", lease: this.lease } });
  }

  /** What is not here any more has been answered. */
  #cancel({ from, lease, task, stop }: Extract<InboxInput, { type: "cancel" }>): void {
    const entry = this.#find({ lease, task });
    if (entry === undefined) return;
    if (entry.state === "running") return this.#stop(entry, stop);
    this.#drop(entry);
    const message = { type: "returned", lease, tasks: [task], over: false, blocked: false } as const;
    this.#effects.push({ type: "owner", to: from, message });
  }

  #stop({ call: { lease, task } }: Entry, stop: Stop): void {
    this.#effects.push({ type: "stop", lease, task, stop });
  }

  /** It has not begun, and does not. */
  #drop(entry: Entry): void {
    this.#forget(entry);
    const { call } = entry;
    const group = this.#groups.get(call.method?.group ?? DEFAULT_GROUP);
    const queue = group?.queues.get(call.lease);
    if (group === undefined || queue === undefined) return;
    const left = [...queue].filter((each) => each !== entry);
    queue.clear();
    for (const each of left) queue.push(each);
    if (left.length === 0) group.queues.delete(call.lease);
  }

  /** Is it needed any more? What was handed on from here was said before this. */
  #answer(): void {
    this.#effects.push({ type: "daemon", message: { type: "leaseOver", lease: this.lease, begun: 0 } });
  }

  /** Whoever had this seat is no more: nobody waits for its calls. */
  #callerGone(seat: LeaseId): void {
    for (const entry of [...(this.#entries.get(seat)?.values() ?? [])]) {
      if (entry.state === "running") this.#stop(entry, orphaned(entry.call.name));
      else this.#forget(entry);
    }
    for (const group of this.#groups.values()) {
      group.queues.delete(seat);
      group.shut.delete(seat);
    }
  }

  check(): void {
    let running = 0;
    for (const [name, group] of this.#groups) {
      if (group.running > group.limit) throw new Error(`group ${name}: ${group.running} run, ${group.limit} may`);
      const waiting = [...group.queues.values()].some(({ size }) => size > 0);
      if (this.#state === "open" && waiting && group.running < group.limit)
        throw new Error(`group ${name}: calls wait for nothing`);
      running += group.running;
    }
    const entries = [...this.#entries.values()].flatMap((seat) => [...seat.values()]);
    if (running !== this.#running || entries.filter(({ state }) => state === "running").length !== running)
      throw new Error(`mailbox: ${this.#running} are said to run`);
  }
}

/** The next of the caller whose turn it is; then it is the turn of the others. */
function takeTurn(queues: Map<LeaseId, Deque<Entry>>): Entry | undefined {
  for (const [seat, queue] of queues) {
    const entry = queue.shift();
    queues.delete(seat);
    if (queue.size > 0) queues.set(seat, queue);
    if (entry !== undefined) return entry;
  }
  return undefined;
}
