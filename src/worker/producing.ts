// What a stream that runs here has made: items that wait to leave together, and whether it may be ahead of its reader any further.
import type { Payload } from "../domain/object.ts";
import type { StreamPosition } from "../protocol/worker.ts";

/** So many small items leave together at most. */
const ITEMS_MAX = 64;

export class Producing {
  readonly #ahead: number;
  #made: number;
  #read: number;
  /** How many are made once more, before those that the reader has not had. */
  #again: number;
  #unsent: Payload[] = [];
  paused: boolean;

  constructor({ skip, read, ahead, again }: StreamPosition) {
    this.#made = skip;
    this.#read = read;
    this.#again = again.length;
    this.#ahead = ahead;
    this.paused = this.#isAhead;
  }

  /** A reader that waits for what was lost takes nothing else meanwhile. */
  get #isAhead(): boolean {
    return this.#again === 0 && this.#made - this.#read > this.#ahead;
  }

  /** True: what was made should leave now. */
  add(value: Payload): boolean {
    if (this.#again > 0) this.#again -= 1;
    else this.#made += 1;
    this.#unsent.push(value);
    this.paused = this.#isAhead;
    return this.paused || this.#unsent.length >= ITEMS_MAX;
  }

  /** True: it was paused, and goes on. */
  read(count: number): boolean {
    this.#read = Math.max(this.#read, count);
    if (!this.paused || this.#isAhead) return false;
    this.paused = false;
    return true;
  }

  takeUnsent(): readonly Payload[] {
    const unsent = this.#unsent;
    if (unsent.length > 0) this.#unsent = [];
    return unsent;
  }
}
