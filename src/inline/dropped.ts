// Has garbage collected when something waits for what actors have: handles that were let go of may be among it.
import type { ActorId } from "../domain/actor.ts";
import { Collections } from "../domain/collections.ts";
import { startTicker, type Timer } from "../std/clock.ts";
import { collectGarbage } from "../std/garbage.ts";

const TICK_MS = 100;

export class Dropped {
  readonly #collections = new Collections<ActorId>();
  readonly #holding: () => ReadonlySet<ActorId>;
  readonly #waits: () => boolean;
  #ticker: Timer | undefined;

  /** `holding`: those that have something, and go with their handles; `waits`: something does for what they have. */
  constructor(holding: () => ReadonlySet<ActorId>, waits: () => boolean) {
    this.#holding = holding;
    this.#waits = waits;
  }

  /** Something may wait from now on. */
  look(): void {
    if (this.#ticker === undefined && this.#waits())
      this.#ticker = startTicker(TICK_MS, () => this.#tick(), { keepsAlive: false });
  }

  #tick(): void {
    if (this.#collections.tick(this.#holding(), this.#waits())) collectGarbage();
    if (this.#collections.rests) this.close();
  }

  close(): void {
    this.#ticker?.cancel();
    this.#ticker = undefined;
  }
}
