// Who waits for which object in this process. An id is asked of the brain once, however many wait for it.
import type { ObjectId } from "../../domain/id.ts";
import type { Outcome } from "../../domain/object.ts";

export type Notify = (outcome: Outcome) => void;

export class Watchers {
  /** One waiter alone is the rule, and costs no array. */
  readonly #waiting = new Map<ObjectId, Notify | Notify[]>();

  get size(): number {
    return this.#waiting.size;
  }

  /** True: nobody waited for it before. */
  add(id: ObjectId, notify: Notify): boolean {
    const others = this.#waiting.get(id);
    if (others === undefined) this.#waiting.set(id, notify);
    else if (typeof others === "function") this.#waiting.set(id, [others, notify]);
    else others.push(notify);
    return others === undefined;
  }

  remove(id: ObjectId, notify: Notify): void {
    const waiting = this.#waiting.get(id);
    if (waiting === notify) return void this.#waiting.delete(id);
    if (waiting === undefined || typeof waiting === "function") return;
    const index = waiting.indexOf(notify);
    if (index < 0) return;
    waiting.splice(index, 1);
    if (waiting.length === 0) this.#waiting.delete(id);
  }

  tell(id: ObjectId, outcome: Outcome): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (typeof waiting === "function") waiting(outcome);
    else for (const notify of waiting) notify(outcome);
  }
}
