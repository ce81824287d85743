// Calls that wait for others for long: now and then the daemon is told for what, so that somebody sees who waits in a circle.
import { AWAITS_MS } from "../domain/circles.ts";
import type { ObjectId } from "../domain/id.ts";
import type { CallId } from "../domain/task.ts";
import type { ToDaemon } from "../protocol/daemon.ts";
import { Alarms } from "../std/alarms.ts";

/** Between one time and the next, at most. */
const AWAITS_MS_MAX = 30_000;

export class Awaiting {
  readonly #tell: (message: ToDaemon) => void;
  readonly #alarms = new Alarms<CallId>(() => {});
  /** As what each was told. */
  readonly #told = new Map<CallId, ObjectId>();

  constructor(tell: (message: ToDaemon) => void) {
    this.#tell = tell;
  }

  /** `id`: its actor, if that runs one call at a time, or else itself. `makers`: the same of what it waits for. */
  blocked(call: CallId, id: ObjectId, makers: () => readonly ObjectId[]): void {
    const tell = (afterMs: number): void => {
      // What is waited for may be lost later, and then need a call of this actor.
      const nextMs = Math.min(2 * afterMs, AWAITS_MS_MAX);
      this.#alarms.time(call, nextMs, () => tell(nextMs));
      const on = makers();
      if (on.length === 0) return;
      this.#told.set(call, id);
      this.#tell({ type: "awaits", id, on });
    };
    this.#alarms.time(call, AWAITS_MS, () => tell(AWAITS_MS));
  }

  unblocked(call: CallId): void {
    this.#alarms.clear(call);
    const id = this.#told.get(call);
    if (id === undefined) return;
    this.#told.delete(call);
    this.#tell({ type: "awaits", id, on: [] });
  }
}
