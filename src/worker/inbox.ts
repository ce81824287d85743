// What a worker does with calls: one at a time per lease, in order; what cannot begin here goes back to its owner.
//
// The daemon announces leases and ends them, owners push under them, on different channels: a push may come before its lease was
// announced (the number is higher than any announced: it is good), or after the lease has ended (it goes back).
import type { ProcessId } from "../domain/id.ts";
import { orphaned, type Stop } from "../domain/stop.ts";
import { Deque } from "../std/deque.ts";
import { unreachable } from "../std/invariant.ts";
import type { LeaseId } from "../protocol/daemon.ts";
import type { Call } from "../protocol/worker.ts";
import { Producing } from "./producing.ts";
import type { InboxEffect, InboxInput } from "./inbox-step.ts";

interface Lease {
  readonly id: LeaseId;
  readonly owner: ProcessId;
  readonly queue: Deque<Call>;
  running: Call | undefined;
  /** Set while a stream runs. */
  producing: Producing | undefined;
  /** Calls. */
  begun: number;
  /** The running call waits for others. */
  blocked: boolean;
  ending: "no" | "idle" | "yield" | "over";
  /** A call has come. Before that the lease is not idle, its first call is on its way; an owner that needs none gives it back. */
  used: boolean;
}

export class Inbox {
  readonly #leases = new Map<LeaseId, Lease>();
  /** The highest lease the daemon has announced. */
  #announced = 0;
  #effects: InboxEffect[] = [];

  drain(): InboxEffect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  get running(): number {
    let count = 0;
    for (const lease of this.#leases.values()) if (lease.running !== undefined) count += 1;
    return count;
  }

  step(input: InboxInput): void {
    switch (input.type) {
      case "call":
        return this.#call(input.from, input.call);
      case "leased":
        this.#announced = Math.max(this.#announced, input.lease);
        return void this.#open(input.lease, input.owner);
      case "withdraw":
        return this.#withdraw(input.from, input.lease, input.count);
      case "cancel":
        return this.#cancel(input);
      case "read":
        return this.#read(input);
      case "item":
        return this.#item(input);
      case "sendItems":
        return this.#sendItems(this.#leases.get(input.lease));
      case "recall":
        return this.#recall(input.lease, input.when);
      case "finished":
        return this.#finished(input);
      case "blocked":
      case "unblocked":
        return this.#block(input.lease, input.type === "blocked");
      case "again":
        return;
      default:
        return unreachable(input, "the inbox");
    }
  }

  #open(id: LeaseId, owner: ProcessId): Lease {
    let lease = this.#leases.get(id);
    if (lease === undefined) {
      lease = {
        id,
        owner,
        queue: new Deque(),
        running: undefined,
        producing: undefined,
        begun: 0,
        blocked: false,
        ending: "no",
        used: false,
      };
      this.#leases.set(id, lease);
    }
    return lease;
  }

  #call(from: ProcessId, call: Call): void {
    const lease =
      this.#leases.get(call.lease) ?? (call.lease > this.#announced ? this.#open(call.lease, from) : undefined);
    if (lease === undefined || lease.ending === "yield" || lease.ending === "over")
      return this.#return(from, call.lease, [call], true, false);
    if (lease.blocked) return this.#return(from, call.lease, [call], false, true);
    lease.used = true;
    lease.queue.push(call);
    this.#next(lease);
  }

  #next(lease: Lease): void {
    if (lease.running !== undefined) return;
    const call = lease.queue.shift();
    if (call !== undefined) {
      lease.running = call;
      if (call.stream !== undefined) lease.producing = new Producing(call.stream);
      lease.begun += 1;
      this.#effects.push({ type: "start", from: lease.owner, call });
    } else if (lease.ending !== "no" && (lease.used || lease.ending !== "idle")) {
      this.#end(lease);
    }
  }

  #finished(input: Extract<InboxInput, { type: "finished" }>): void {
    const { lease: id, task, reply, micros } = input;
    const lease = this.#leases.get(id);
    if (lease?.running?.task !== task)
      throw new Error(`task ${task} finished under lease ${id}, where it does not run`);
    this.#sendItems(lease);
    lease.running = undefined;
    lease.producing = undefined;
    if (lease.blocked) this.#block(id, false);
    // An orphan's result has nobody to go to.
    if (lease.ending !== "over")
      this.#effects.push({
        type: "owner",
        to: lease.owner,
        message: { type: "reply", lease: id, task, reply, micros },
      });
    this.#next(lease);
  }

  /** The stream that runs under this lease is as far ahead of its reader as it may be: it waits for `resume`. */
  isPaused(id: LeaseId): boolean {
    return this.#leases.get(id)?.producing?.paused === true;
  }

  #item({ lease: id, task, value, now }: Extract<InboxInput, { type: "item" }>): void {
    const lease = this.#leases.get(id);
    if (lease?.running?.task !== task || lease.producing === undefined)
      throw new Error(`task ${task} made an item under lease ${id}, where it does not run`);
    if (lease.producing.add(value) || now) this.#sendItems(lease);
  }

  #sendItems(lease: Lease | undefined): void {
    if (lease?.running === undefined || lease.producing === undefined) return;
    const values = lease.producing.takeUnsent();
    if (values.length === 0 || lease.ending === "over") return;
    const { id, owner, running } = lease;
    this.#effects.push({
      type: "owner",
      to: owner,
      message: { type: "items", lease: id, task: running.task, values },
    });
  }

  /** It may have ended meanwhile. */
  #read({ lease: id, task, count }: Extract<InboxInput, { type: "read" }>): void {
    const lease = this.#leases.get(id);
    if (lease?.running?.task === task && lease.producing?.read(count) === true)
      this.#effects.push({ type: "resume", lease: id, task });
  }

  /** While the running call waits for others nothing waits behind it: it might be what the call waits for. */
  #block(id: LeaseId, blocked: boolean): void {
    const lease = this.#leases.get(id);
    if (lease === undefined || lease.blocked === blocked) return;
    lease.blocked = blocked;
    if (blocked && lease.queue.size > 0) this.#return(lease.owner, id, takeAll(lease.queue), false, true);
    this.#effects.push({ type: "daemon", message: { type: blocked ? "blocked" : "unblocked", lease: id } });
  }

  #withdraw(from: ProcessId, id: LeaseId, count: number): void {
    const lease = this.#leases.get(id);
    const calls: Call[] = [];
    while (lease !== undefined && calls.length < count) {
      const call = lease.queue.pop();
      if (call === undefined) break;
      calls.unshift(call);
    }
    this.#return(from, id, calls, lease === undefined, false);
  }

  /** What is not here any more has been answered, or given back. */
  #cancel({ from, lease: id, task, stop }: Extract<InboxInput, { type: "cancel" }>): void {
    const lease = this.#leases.get(id);
    if (lease?.running?.task === task) return this.#stop(lease, lease.running, stop);
    const call = lease && takeOne(lease.queue, task);
    if (call !== undefined) this.#return(from, id, [call], false, false);
  }

  #stop(lease: Lease, { task }: Call, stop: Stop): void {
    this.#effects.push({ type: "stop", lease: lease.id, task, stop });
  }

  #recall(id: LeaseId, when: "idle" | "yield" | "over"): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    lease.ending = when;
    if (when === "over") {
      lease.queue.clear();
      if (lease.running !== undefined) this.#stop(lease, lease.running, orphaned(lease.running.name));
    } else if (when === "yield" && lease.queue.size > 0) {
      this.#return(lease.owner, id, takeAll(lease.queue), false, false);
    }
    this.#next(lease);
  }

  #end(lease: Lease): void {
    this.#leases.delete(lease.id);
    if (lease.ending !== "over") this.#return(lease.owner, lease.id, [], true, false);
    this.#effects.push({ type: "daemon", message: { type: "leaseOver", lease: lease.id, begun: lease.begun } });
  }

  #return(to: ProcessId, lease: LeaseId, calls: readonly Call[], over: boolean, blocked: boolean): void {
    const tasks = calls.map((call) => call.task);
    this.#effects.push({ type: "owner", to, message: { type: "returned", lease, tasks, over, blocked } });
  }

  check(): void {
    for (const lease of this.#leases.values()) {
      if (lease.blocked && (lease.running === undefined || lease.queue.size > 0))
        throw new Error(`lease ${lease.id}: blocked with ${lease.queue.size} calls waiting`);
      if ((lease.producing !== undefined) !== (lease.running?.stream !== undefined))
        throw new Error(`lease ${lease.id}: what produces is not what runs`);
      if (lease.running === undefined && lease.queue.size > 0)
        throw new Error(`lease ${lease.id}: calls wait for nothing`);
    }
  }
}

function takeOne(queue: Deque<Call>, task: number): Call | undefined {
  const calls = takeAll(queue);
  for (const call of calls) if (call.task !== task) queue.push(call);
  return calls.find((call) => call.task === task);
}

function takeAll(queue: Deque<Call>): Call[] {
  const calls = [...queue];
  queue.clear();
  return calls;
}
