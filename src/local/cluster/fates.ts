// How processes have ended: for the errors of those who wait for what only they could have made.
import type { OwnerEnd, WorkerLoss } from "../../domain/object.ts";
import type { ProcessId } from "../../domain/id.ts";
import { titleOf, type Actor } from "./actor.ts";

/** Of so many something is known. */
const ENDS_MAX = 1_000;

export class Fates {
  /** The oldest first. */
  readonly #ends = new Map<ProcessId, OwnerEnd>();

  /** `loss`: of a worker. */
  note(process: ProcessId, loss: WorkerLoss | undefined, actor: Actor | undefined): void {
    const ended = loss && { ...loss, lastStderr: "" };
    this.#ends.set(process, { loss: ended, actor: actor && titleOf(actor.id, actor) });
    if (this.#ends.size <= ENDS_MAX) return;
    for (const oldest of this.#ends.keys()) return void this.#ends.delete(oldest);
  }

  endOf(process: ProcessId): OwnerEnd | undefined {
    return this.#ends.get(process);
  }
}
