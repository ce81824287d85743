// Has garbage collected when something waits for what actors have: handles that were let go of may be among it.
import { Collections } from "../domain/collections.ts";
import { startTicker, type Timer } from "../std/clock.ts";
import { collectGarbage } from "../std/garbage.ts";

const TICK_MS = 100;

export class Dropped {
  readonly #collections = new Collections();
  readonly #letGo: () => number;
  readonly #waits: () => boolean;
  #ticker: Timer | undefined;

  /** `letGo`: so many actors have ended because nobody held them; `waits`: something does for what actors have. */
  constructor(letGo: () => number, waits: () => boolean) {
    this.#letGo = letGo;
    this.#waits = waits;
  }

  /** Something may wait from now on. */
  look(): void {
    if (this.#ticker === undefined && this.#waits())
      this.#ticker = startTicker(TICK_MS, () => this.#tick(), { keepsAlive: false });
  }

  #tick(): void {
    if (this.#collections.tick(this.#letGo(), this.#waits())) collectGarbage();
    if (this.#collections.rests) this.close();
  }

  close(): void {
    this.#ticker?.cancel();
    this.#ticker = undefined;
  }
}
