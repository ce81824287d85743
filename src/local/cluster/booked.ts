// Refs on their way between two processes: announced by the one, and not heard of by the other. Whoever ends by force may have announced
// refs that it never sent, and nobody but their receiver can say which.
import type { ObjectId, ProcessId } from "../../domain/id.ts";

/** Below zero where the receiver was quicker to tell of it than its sender. */
type Counts = Map<ObjectId, number>;

export class BookedHolds {
  /** By sender and receiver. */
  readonly #between = new Map<ProcessId, Map<ProcessId, Counts>>();

  /** `sender` is about to send this ref. */
  book(id: ObjectId, sender: ProcessId, receiver: ProcessId): void {
    this.#count(id, 1, sender, receiver);
  }

  /** It has come. */
  heard(id: ObjectId, sender: ProcessId, receiver: ProcessId): void {
    this.#count(id, -1, sender, receiver);
  }

  receiversFrom(sender: ProcessId): readonly ProcessId[] {
    return [...(this.#between.get(sender)?.keys() ?? [])];
  }

  /** What was announced and has not come, and how often. Forgotten here. */
  takeRest(sender: ProcessId, receiver: ProcessId): readonly (readonly [id: ObjectId, count: number])[] {
    const rest = [...(this.#between.get(sender)?.get(receiver) ?? [])].filter(([, count]) => count > 0);
    this.#forget(sender, receiver);
    return rest;
  }

  /** Nobody is there to receive anything. */
  receiverGone(receiver: ProcessId): void {
    for (const sender of [...this.#between.keys()]) this.#forget(sender, receiver);
  }

  get size(): number {
    return this.#between.size;
  }

  #count(id: ObjectId, change: number, sender: ProcessId, receiver: ProcessId): void {
    let receivers = this.#between.get(sender);
    if (receivers === undefined) this.#between.set(sender, (receivers = new Map()));
    let counts = receivers.get(receiver);
    if (counts === undefined) receivers.set(receiver, (counts = new Map()));
    const count = (counts.get(id) ?? 0) + change;
    if (count === 0) counts.delete(id);
    else counts.set(id, count);
    if (counts.size === 0) this.#forget(sender, receiver);
  }

  #forget(sender: ProcessId, receiver: ProcessId): void {
    const receivers = this.#between.get(sender);
    receivers?.delete(receiver);
    if (receivers?.size === 0) this.#between.delete(sender);
  }
}
