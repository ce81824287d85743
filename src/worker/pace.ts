// A stream that runs: whether what it makes can wait for company on its way, and what the stream itself waits for.
import type { Payload } from "../domain/object.ts";
import { sizeOf } from "../domain/object.ts";
import { deferred, type Deferred } from "../std/deferred.ts";

/** Items that take less than this on average leave together; before one that may take longer, all that was made leaves. */
const QUICK_MS = 0.05;
/** Weight of the newest in the average. */
const NEWEST = 0.2;
/** What is believed before much is known: the first dozen of items leaves one by one. */
const UNKNOWN_MS = 1;
/** One item of this size is worth a message. */
const LARGE_BYTES = 16_384;

export class Pace {
  #averageMs = UNKNOWN_MS;
  #lastMs: number;
  #wait: Deferred<boolean> | undefined;
  /** At the end of this turn of the event loop what was made leaves. */
  sending = false;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** An item was made: whether it should leave at once. */
  isUrgent(value: Payload, nowMs: number): boolean {
    this.#averageMs += (nowMs - this.#lastMs - this.#averageMs) * NEWEST;
    this.#lastMs = nowMs;
    return this.#averageMs >= QUICK_MS || sizeOf(value) >= LARGE_BYTES;
  }

  /** Resolves with whether to go on. */
  wait(): Promise<boolean> {
    this.#wait ??= deferred<boolean>();
    return this.#wait.promise;
  }

  goOn(more: boolean, nowMs: number): void {
    this.#lastMs = nowMs;
    this.#wait?.resolve(more);
    this.#wait = undefined;
  }
}
