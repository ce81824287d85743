// Tasks that end before they have ended: cancelled, or out of time. Their refs are told at once.
//
// One that is in flight keeps its slot on its lease until its worker has answered, returned it, or is lost: what it takes stays taken
// until it really ends, nothing is pushed behind it, and what then comes of it is taken in and dropped.
import { bothStops, cancelled, GRACE_MS, groupGone, timedOut, type Stop } from "../../domain/stop.ts";
import { endsWithParent, type CallId, type Cancel } from "../../domain/task.ts";
import type { FromDaemon, LeaseId } from "../../protocol/daemon.ts";
import { unreachable } from "../../std/invariant.ts";
import type { Endings } from "./endings.ts";
import type { Lanes } from "./lane.ts";
import type { Leases } from "./leases.ts";
import type { Losses } from "./losses.ts";
import type { OwnerEffect, OwnerInput } from "./step.ts";
import { isGuarded, move, storyOf, type Task } from "./tasks.ts";

export class Stops {
  /** By their numbers. */
  readonly inFlight: Map<number, Task> = new Map();
  readonly #tasks: ReadonlyMap<number, Task>;
  readonly #leases: Leases;
  readonly #lanes: Lanes;
  readonly #runsAgain: (task: Task) => boolean;
  readonly #emit: (effect: OwnerEffect) => void;
  readonly #endings: Endings;
  readonly #losses: Losses;

  /** `tasks`: those that have not ended. `runsAgain`: it had ended before, and runs for what it had made: nobody cancels that any more. */
  constructor(
    tasks: ReadonlyMap<number, Task>,
    leases: Leases,
    lanes: Lanes,
    runsAgain: (task: Task) => boolean,
    emit: (effect: OwnerEffect) => void,
    endings: Endings,
    losses: Losses,
  ) {
    this.#tasks = tasks;
    this.#leases = leases;
    this.#lanes = lanes;
    this.#runsAgain = runsAgain;
    this.#emit = emit;
    this.#endings = endings;
    this.#losses = losses;
  }

  step(input: Extract<OwnerInput, { type: "cancel" | "cancelChildren" | "expired" | "graceOver" }>): void {
    switch (input.type) {
      case "cancel":
        return this.#cancel(input.task, input.cancel);
      case "cancelChildren":
        return this.#cancelChildren(input.parent, input.cancel);
      case "expired":
        return this.#expired(input.task);
      case "graceOver":
        return this.#graceOver(input.lease, input.task);
      default:
        return unreachable(input, "the owner's stops");
    }
  }

  #cancel(number: number, cancel: Cancel): void {
    const task = this.#tasks.get(number) ?? this.inFlight.get(number);
    if (task !== undefined && !this.#runsAgain(task)) this.stop(task, cancelled(task.spec, cancel));
  }

  #cancelChildren(parent: CallId, cancel: Cancel): void {
    const children = [...this.#tasks.values()].filter(
      (task) => task.spec.parent === parent && endsWithParent(task.spec) && !this.#runsAgain(task),
    );
    // The last first: none is to begin because one before it is out of its way. One that depended on another has ended with it.
    for (const child of children.reverse()) if (child.state !== "done") this.stop(child, cancelled(child.spec, cancel));
  }

  /** One that was cancelled, and goes on, has no more time than it would have had. */
  #expired(number: number): void {
    const task = this.#tasks.get(number) ?? this.inFlight.get(number);
    if (task !== undefined) this.stop(task, timedOut(task.spec, this.#lanes.of(task).progressOf(task) ?? "running"));
  }

  /** Whether it runs, or waits behind one that should have been short: nothing of that worker is heard. */
  #graceOver(id: LeaseId, number: number): void {
    const lease = this.#leases.get(id);
    const stop = lease?.inflight.get(number)?.stop;
    if (lease !== undefined && stop !== undefined) this.#leases.endWorker(lease, stop.recursive);
  }

  /** Whatever was to run in a placement group that is no more ends with it: what waits for something else too. */
  groupGone({ group, name: groupName, why }: Extract<FromDaemon, { type: "groupGone" }>): void {
    this.#leases.forgetAsked(group);
    const inside = [...this.#tasks.values(), ...this.inFlight.values()].filter(
      ({ spec }) => spec.request.group?.id === group,
    );
    // One that depended on another has ended with it.
    for (const task of inside) {
      if (task.state === "done") continue;
      const begun = this.#leases.progressOf(task) === "running";
      this.stop(task, groupGone(task.spec, begun, { group, groupName, why }));
    }
  }

  stop(task: Task, stop: Stop): void {
    const { state, number } = task;
    if (state === "running" || state === "stopped") return this.#stopInFlight(task, stop);
    move(task, "done", "stopped");
    task.stop = stop;
    if (state === "ready") this.#lanes.of(task).left(task);
    if (state === "delayed") this.#emit({ type: "unguard", task: number });
    this.#endings.end(task, { failure: stop.failure });
  }

  /** A second stop can only go further than the first. */
  #stopInFlight(task: Task, given: Stop): void {
    const { number, stop: before, lease } = task;
    const stop = before === undefined ? given : bothStops(before, given);
    if (before?.force === stop.force && before.recursive === stop.recursive) return;
    task.stop = stop;
    const ending = this.#lanes.of(task).stop(task);
    // Replies of short calls leave together: one that never ends may seem to wait behind those before it.
    if (!ending && stop.force !== "no" && (before?.force ?? "no") === "no")
      this.#emit({ type: "grace", lease, task: number, ms: GRACE_MS });
    if (before !== undefined) return;
    move(task, "stopped", "stopped");
    this.inFlight.set(number, task);
    this.#endings.end(task, { failure: stop.failure });
  }

  /** The worker of one that was in flight has answered, or is gone. */
  ended(task: Task): void {
    move(task, "done");
    this.inFlight.delete(task.number);
    if (isGuarded(task)) this.#emit({ type: "unguard", task: task.number });
    // What it has made may have been lost meanwhile.
    if (task.stop !== undefined) this.#losses.ended(task, task.stop);
  }

  clear(): void {
    this.inFlight.clear();
  }

  check(): void {
    for (const task of this.inFlight.values()) {
      if (task.state !== "stopped" || this.#lanes.of(task).placeOf(task)?.inflight.get(task.number) !== task)
        throw new Error(`stopped, but not in flight: ${storyOf(task)}`);
    }
  }
}
