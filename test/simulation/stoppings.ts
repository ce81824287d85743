// Calls of a process that are ended before they have ended: what is true from then on.
import { numberOf, objectId, type ObjectId, type ProcessId } from "#src/domain/id.js";
import { itemLost, type Stop } from "#src/domain/stop.js";
import type { Owner } from "#src/local/owner/owner.js";
import type { OwnerInput } from "#src/local/owner/step.js";
import type { Machine } from "./machine.ts";
import type { Timers } from "./timers.ts";
import type { TaskTruth } from "./truth.ts";
import { must } from "./violation.ts";

/** Of each time that it could: that the time of a call is over. */
const EXPIRES_CHANCE = 0.02;

interface StoppingHost {
  readonly id: ProcessId;
  readonly world: Machine;
  readonly owner: Owner;
  readonly closed: boolean;
  readonly timers: Timers;
  flyingAt(task: ObjectId): ProcessId | undefined;
  holds(id: ObjectId): boolean;
  step(input: OwnerInput): void;
  drain(): void;
}

/** A worker hears that a call is to end. What a stream has made may be lost: then it ends to begin anew. */
export function takesStop(truth: TaskTruth, { failure }: Stop, worker: ProcessId): void {
  const { id, spec, stopped, remakable } = truth;
  if (failure.kind === "cancelled" && failure.how === itemLost.how)
    return must(
      remakable && spec.backpressure !== undefined,
      "only streams of which something is lost begin anew",
      () => id,
    );
  must(stopped?.where === worker, "only what was stopped is cancelled", () => `${id} on ${worker}`);
  truth.stopTaken = true;
}

export class Stoppings {
  readonly #host: StoppingHost;

  constructor(host: StoppingHost) {
    this.#host = host;
  }

  begin(truth: TaskTruth, when: string): void {
    this.#host.world.count(`stopped ${when}`);
    // It may have been pushed in this very step.
    this.#host.drain();
    truth.stopped ??= { where: this.#host.flyingAt(truth.id), left: when === "with its reader" };
  }

  /** These were in one that is gone. */
  withGroup(tasks: readonly number[]): void {
    const { id, world } = this.#host;
    for (const task of tasks) this.begin(world.ledger.task(objectId(id, task)), "with its group");
  }

  mustBeOver({ id, spec, remakable }: TaskTruth): void {
    const { owner } = this.#host;
    for (let index = 0; index < spec.returns; index += 1) {
      const result = objectId(this.#host.id, numberOf(id) + index);
      if (!this.#host.holds(result)) continue;
      const outcome = owner.outcome(result);
      // Of one that runs again some results may have been there all the time.
      must(
        outcome?.failure !== undefined || (remakable && outcome !== undefined),
        "the refs of a stopped call fail at once",
        () => `${result} has no outcome`,
      );
    }
  }

  guard(truth: TaskTruth): void {
    const { closed, timers } = this.#host;
    if (truth.spec.timeoutMs === undefined || closed) return;
    timers.start(`expired ${numberOf(truth.id)}`, EXPIRES_CHANCE, () => this.#expired(truth));
  }

  #expired(truth: TaskTruth): void {
    const { owner } = this.#host;
    const { id, spec, remakable } = truth;
    const progress = owner.progress(id);
    must(
      spec.returns === 0 || remakable || owner.taskOf(id) !== undefined,
      "nothing watches over a call that has ended",
      () => `${id} expires`,
    );
    this.begin(truth, `by its time, ${progress ?? "stopped before or without results"}`);
    this.#host.step({ type: "expired", task: numberOf(id) });
    this.mustBeOver(truth);
  }
}
