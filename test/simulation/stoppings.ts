// Calls of a process that are ended before they have ended: what is true from then on.
import { numberOf, objectId, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { Owner } from "#src/local/owner/owner.js";
import type { OwnerInput } from "#src/local/owner/step.js";
import type { Machine } from "./machine.ts";
import type { TaskTruth } from "./truth.ts";
import { must } from "./violation.ts";

interface StoppingHost {
  readonly id: ProcessId;
  readonly world: Machine;
  readonly owner: Owner;
  flyingAt(task: ObjectId): ProcessId | undefined;
  holds(id: ObjectId): boolean;
  step(input: OwnerInput): void;
  drain(): void;
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
    truth.stopped ??= { where: this.#host.flyingAt(truth.id) };
  }

  mustBeOver({ id, spec }: TaskTruth): void {
    const host = this.#host;
    for (let index = 0; index < spec.returns; index += 1) {
      const result = objectId(host.id, numberOf(id) + index);
      if (!host.holds(result)) continue;
      must(
        host.owner.outcome(result)?.failure !== undefined,
        "the refs of a stopped call fail at once",
        () => `${result} has no outcome`,
      );
    }
  }

  /** Its time is over. */
  expired(truth: TaskTruth): void {
    const { owner } = this.#host;
    const { id, spec } = truth;
    const progress = owner.progress(id);
    must(
      spec.returns === 0 || owner.taskOf(id) !== undefined,
      "nothing watches over a call that has ended",
      () => `${id} expires`,
    );
    this.begin(truth, `by its time, ${progress ?? "stopped before or without results"}`);
    this.#host.step({ type: "expired", task: numberOf(id) });
    this.mustBeOver(truth);
  }
}
