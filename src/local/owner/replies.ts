// What workers say of the calls that were pushed to them.
import type { ProcessId } from "../../domain/id.ts";
import { refsInReply } from "../../domain/object.ts";
import type { FromWorker, Reply } from "../../protocol/worker.ts";
import type { Arguments } from "./arguments.ts";
import type { Attempts } from "./attempts.ts";
import type { Seat } from "./actor-line.ts";
import type { Calls } from "./calls.ts";
import type { Endings } from "./endings.ts";
import type { Lease } from "./lease.ts";
import type { Leases } from "./leases.ts";
import type { Objects } from "./objects.ts";
import { outcomesOf } from "./outcomes.ts";
import type { Stops } from "./stops.ts";
import type { Streams } from "./streams.ts";
import { takeRetry, type Task } from "./tasks.ts";

/** Whom it concerns. */
interface Concerned {
  readonly objects: Objects<Task>;
  readonly leases: Leases;
  readonly calls: Calls;
  readonly streams: Streams;
  readonly stops: Stops;
  readonly attempts: Attempts;
  readonly arguments: Arguments;
  readonly endings: Endings;
}

export class Replies {
  readonly #to: Concerned;

  constructor(to: Concerned) {
    this.#to = to;
  }

  take(message: FromWorker, from: ProcessId): void {
    const lease = this.#to.leases.get(message.lease);
    if (lease === undefined) return this.#fromActor(message, from);
    if (message.type === "begun") return;
    if (message.type === "reply") return this.#replied(lease, message, from);
    if (message.type === "items")
      return this.#to.streams.receive(lease.inflight.get(message.task), message.values, from);
    const back: Task[] = [];
    for (const number of message.tasks) {
      const task = lease.inflight.get(number);
      if (task === undefined) continue;
      lease.inflight.delete(number);
      if (task.state === "stopped") this.#to.stops.ended(task);
      else back.push(task);
    }
    if (this.#to.stops.inFlight.size > 0) this.#to.leases.enforce(lease);
    lease.withdrawing = false;
    if (message.blocked) this.#to.leases.block(lease);
    this.#to.leases.requeue(back, "returned");
    if (message.over && !lease.over) this.#to.leases.over(lease);
    this.#to.leases.forgetIfSpent(lease);
    for (const task of back) if (task.state === "ready") this.#to.leases.assignFor(task);
    if (!lease.over) this.#to.leases.assign(lease.shape);
  }

  #fromActor(message: FromWorker, from: ProcessId): void {
    const seat = this.#to.calls.seat(message.lease);
    if (seat === undefined) return;
    if (message.type === "begun") return void seat.begun.add(message.task);
    if (message.type === "returned") return this.#returned(seat, message.tasks);
    const task = seat.inflight.get(message.task);
    if (message.type === "items") return this.#to.streams.receive(task, message.values, from);
    if (task === undefined) return;
    const { reply } = message;
    if (reply.kind === "exited") {
      // Stays in flight until its worker is gone.
      task.exit = reply;
      return;
    }
    if (reply.kind === "unreadable") return this.#unreadable(seat, task, reply, from);
    this.#to.calls.answered(seat, message.task, message.micros);
    this.#end(task, reply, from);
  }

  /** It comes back, and with it what must not overtake it. */
  #unreadable(seat: Seat, task: Task, reply: Extract<Reply, { kind: "unreadable" }>, from: ProcessId): void {
    const { calls, stops } = this.#to;
    const back: Task[] = [];
    calls.landed(seat, task.number);
    for (const behind of calls.passedOver(seat, task)) {
      calls.landed(seat, behind.number);
      if (behind.state === "stopped") stops.ended(behind);
      else back.push(behind);
    }
    calls.requeue(back, "returned");
    this.#end(task, reply, from);
    for (const behind of back) if (behind.state === "ready") calls.assignFor(behind);
  }

  /** Stopped before they began. */
  #returned(seat: Seat, tasks: readonly number[]): void {
    for (const number of tasks) {
      const task = seat.inflight.get(number);
      if (task?.state !== "stopped") continue;
      this.#to.calls.landed(seat, number);
      this.#to.stops.ended(task);
    }
  }

  /** What a call has come to. */
  #end(task: Task, reply: Exclude<Reply, { kind: "exited" }>, from: ProcessId): void {
    // The worker has held the refs inside for this process. They settle when all results have found their place: a ref may be in
    // several, some of which nobody keeps.
    const refs = refsInReply(reply);
    this.#to.objects.receive(refs, from);
    if (task.state === "stopped") this.#to.stops.ended(task);
    else if (reply.kind === "unreadable") this.#to.arguments.lost(task, reply.stored);
    else if (this.#to.streams.beginsAnew(task) && takeRetry(task)) this.#to.attempts.again(task, "item lost", {});
    else if (reply.kind === "thrown" && reply.again && takeRetry(task)) this.#to.attempts.again(task, "threw", reply);
    else this.#to.endings.finish(task, outcomesOf(task, reply, this.#to.calls.idOf(task.spec.method?.actor ?? "")));
    this.#to.objects.settle(refs);
  }

  #replied(lease: Lease, message: Extract<FromWorker, { type: "reply" }>, from: ProcessId): void {
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
    if (this.#to.stops.inFlight.size > 0) this.#to.leases.enforce(lease);
    this.#to.leases.forgetIfSpent(lease);
    if (task.state !== "stopped" && reply.kind !== "unreadable") this.#to.leases.learn(task.spec, message.micros);
    this.#end(task, reply, from);
    if (!lease.over) this.#to.leases.assign(lease.shape);
  }
}
