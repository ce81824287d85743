// Where a stream is that runs: which items it passes over, because attempts before this one have sent them.
import type { StreamPosition } from "#src/protocol/worker.js";

export class Places {
  readonly #skip: number;
  /** Of those that are passed over, the ones that are sent once more. */
  readonly #again: number[];
  made = 0;

  constructor({ skip, again }: Pick<StreamPosition, "skip" | "again"> = { skip: 0, again: [] }) {
    this.#skip = skip;
    this.#again = [...again];
  }

  /** Of the next item. */
  next(): "new" | "again" | "passed over" {
    const index = this.made++;
    if (index !== this.#again[0]) return index < this.#skip ? "passed over" : "new";
    this.#again.shift();
    return "again";
  }

  /** From here on it makes what nobody has had. */
  get isThere(): boolean {
    return this.made === this.#skip;
  }

  /** Whether it goes on to what nobody has had. */
  get goesOn(): boolean {
    return this.#skip < Infinity;
  }

  /** Nothing more is wanted of it. */
  get isOver(): boolean {
    return !this.goesOn && this.#again.length === 0;
  }
}
