// What a lost worker, or an error that is worth another attempt, means for the tasks that were in flight.
import type { ActorId } from "../../domain/actor.ts";
import type { ActorDeath } from "../../domain/object.ts";
import type { Payload, WorkerLoss } from "../../domain/object.ts";
import { delayBefore } from "../../domain/task.ts";
import type { EndedLease, WorkerLost } from "../../protocol/daemon.ts";
import { diedOf, unavailable } from "./actor-failures.ts";
import type { Calls, Flying } from "./calls.ts";
import type { Lanes } from "./lane.ts";
import type { Lease } from "./lease.ts";
import type { Leases } from "./leases.ts";
import type { Outcomes } from "./outcomes.ts";
import type { OwnerEffect } from "./step.ts";
import type { Stops } from "./stops.ts";
import { afterLoss, move, retryOf, takeRetry, type Task } from "./tasks.ts";

export class Attempts {
  readonly #leases: Leases;
  readonly #calls: Calls;
  readonly #lanes: Lanes;
  readonly #stops: Stops;
  readonly #emit: (effect: OwnerEffect) => void;
  readonly #finish: (task: Task, outcomes: Outcomes) => void;

  constructor(
    leases: Leases,
    calls: Calls,
    lanes: Lanes,
    stops: Stops,
    emit: (effect: OwnerEffect) => void,
    finish: (task: Task, outcomes: Outcomes) => void,
  ) {
    this.#leases = leases;
    this.#calls = calls;
    this.#lanes = lanes;
    this.#stops = stops;
    this.#emit = emit;
    this.#finish = finish;
  }

  lost({ worker, loss, ended, actor: fate }: Omit<WorkerLost, "type">): void {
    for (const { actor, flying } of this.#calls.lost(worker, fate?.death)) {
      if (fate?.death === undefined) this.#restarting(actor, flying, loss);
      else this.#died(actor, flying, fate.death);
    }
    const leases = this.#leases.which((lease) => lease.worker === worker);
    const flying = leases.flatMap((lease) => inFlightAtLoss(lease, loss, ended));
    const exiting = flying.some(({ task }) => task.exit !== undefined);
    const free: Task[] = [];
    const charged: Task[] = [];
    const unbegun: Task[] = [];
    for (const lease of leases) this.#leases.lost(lease);
    for (const { task, begun } of flying) {
      if (task.stop !== undefined || !begun) {
        if (task.stop === undefined) unbegun.push(task);
        else this.#stops.ended(task);
        continue;
      }
      // Where nobody knows whose fault it was, each may have done it.
      const innocent = loss.forced === true || (exiting && task.exit === undefined);
      const verdict = afterLoss(task, innocent, loss);
      task.exit = undefined;
      if (verdict === "free") free.push(task);
      else if (verdict === "again") charged.push(task);
      else this.#finish(task, { failure: verdict });
    }
    // Each to the front: the last first.
    for (const task of charged.reverse()) this.again(task, "worker lost", { loss });
    this.#leases.requeue(unbegun, "returned");
    this.#leases.requeue(free, "taken along");
    // A cancel is nothing that a user needs to be told of, and what it costs others neither.
    const told = loss.forced === true ? [] : free;
    for (const task of told) this.#emit({ type: "retry", retry: retryOf(task, loss, undefined) });
    for (const task of [...unbegun, ...free]) if (task.state === "ready") this.#leases.assignFor(task);
  }

  /** The actor is started again. What had not begun waits for that; what had, if it may. */
  #restarting(actor: ActorId, flying: readonly Flying[], loss: WorkerLoss): void {
    const unbegun: Task[] = [];
    const charged: Task[] = [];
    for (const { task, begun } of flying) {
      if (task.stop !== undefined) this.#stops.ended(task);
      else if (!begun) unbegun.push(task);
      else if (takeRetry(task)) charged.push(task);
      else this.#finish(task, { failure: unavailable(task, { actor }, loss) });
      task.exit = undefined;
    }
    const [first] = unbegun;
    if (first !== undefined) this.#lanes.of(first).requeue(unbegun, "returned");
    // Each to the front: the last first.
    for (const task of charged.reverse()) this.again(task, "worker lost", { loss });
  }

  #died(actor: ActorId, flying: readonly Flying[], death: ActorDeath): void {
    for (const { task, begun } of flying) {
      // It may have begun in an attempt before this one.
      if (task.stop === undefined)
        this.#finish(task, { failure: diedOf(task, { actor }, death, begun || task.attempt > 1) });
      else this.#stops.ended(task);
    }
    this.#calls.over(actor, death);
  }

  /** Another attempt, now or later. */
  again(task: Task, why: "worker lost" | "threw" | "item lost", cause: { loss?: WorkerLoss; thrown?: Payload }): void {
    const { retryDelay } = task.spec;
    this.#emit({ type: "retry", retry: retryOf(task, cause.loss, cause.thrown) });
    if (retryDelay === undefined) {
      const lane = this.#lanes.of(task);
      lane.requeue([task], why);
      return lane.assignFor(task);
    }
    move(task, "delayed", why);
    const ms = delayBefore(task.attempt + 1, retryDelay);
    this.#emit({ type: "delay", task: task.number, ms, jitter: retryDelay.jitter });
  }
}

/** What was on a worker that is gone; `begun`: perhaps. Calls of a lease begin in the order in which they were pushed. */
function inFlightAtLoss(
  { id, inflight, answered }: Lease,
  loss: WorkerLoss,
  ended: readonly EndedLease[],
): { readonly task: Task; readonly begun: boolean }[] {
  const begun = loss.retired === true ? 0 : (ended.find(({ lease }) => lease === id)?.begun ?? Infinity);
  return [...inflight.values()].map((task, index) => ({ task, begun: answered + index < begun }));
}
