// Calls that wait for others for long: the daemon is told for what, and sees who waits in a circle.
import { AWAITED_MAX, AWAITS_MS } from "../domain/circles.ts";
import type { ObjectId } from "../domain/id.ts";
import type { CallId } from "../domain/task.ts";
import type { ToDaemon } from "../protocol/daemon.ts";
import { Alarms } from "../std/alarms.ts";

export class Awaiting {
  readonly #tell: (message: ToDaemon) => void;
  readonly #alarms = new Alarms<CallId>(() => {});
  /** As what each was told. */
  readonly #told = new Map<CallId, ObjectId>();

  constructor(tell: (message: ToDaemon) => void) {
    this.#tell = tell;
  }

  /** `id`: its actor, if that runs one call at a time, or else itself. `awaited`: the same of what it waits for. */
  blocked(call: CallId, id: ObjectId, awaited: () => Iterable<ObjectId>): void {
    this.#alarms.time(call, AWAITS_MS, () => {
      const on = [...awaited()].slice(0, AWAITED_MAX);
      if (on.length === 0) return;
      this.#told.set(call, id);
      this.#tell({ type: "awaits", id, on });
    });
  }

  unblocked(call: CallId): void {
    this.#alarms.clear(call);
    const id = this.#told.get(call);
    if (id === undefined) return;
    this.#told.delete(call);
    this.#tell({ type: "awaits", id, on: [] });
  }
}
