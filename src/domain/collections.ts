// When garbage is to be collected for the sake of those that wait: actors whose handles were let go of keep what they have until V8 finds the
// handles, and V8, to which a handle is a small object, may not look for minutes.
//
//   rests ─► somebody waits for what actors have ─► collect ─► waits, for longer each time, and collects again, as long as that does not help
//
// A collection of a large heap takes a tenth of a second and more, and mostly those that wait wait for actors that somebody uses. So the
// pauses double, whoever it is that waits, and become shorter again by the time in which nobody does.

/**
 * Before each collection, at 100 ms a tick. The second comes at once: what the first has found, such as the ref of a result, may have kept a
 * handle until its finalizer was called.
 */
const PAUSES_TICKS = [2, 1, 4, 8, 16, 32, 64, 128, 256, 300];

export class Collections {
  /** Of the pauses: the current one. */
  #at = 0;
  /** Ticks of it, or of the rest. */
  #passed = 0;
  #waited = false;
  #letGo = 0;

  /**
   * Every tick. `letGo`: so many actors have ended so far because nobody held them, and not by `kill`; `waits`: somebody does for what
   * actors have that may be let go of. True: it is time to collect.
   */
  tick(letGo: number, waits: boolean): boolean {
    // It helped, and may once more.
    if (letGo !== this.#letGo) this.#at = this.#passed = 0;
    this.#letGo = letGo;
    if (waits !== this.#waited) this.#passed = 0;
    this.#waited = waits;
    this.#passed += 1;
    if (this.#passed < (PAUSES_TICKS[this.#at] ?? 0)) return false;
    this.#passed = 0;
    this.#at = Math.max(0, Math.min(PAUSES_TICKS.length - 1, this.#at + (waits ? 1 : -1)));
    return waits;
  }

  /** Nobody waits, and has not for so long that all is forgotten. */
  get rests(): boolean {
    return this.#at === 0 && !this.#waited;
  }
}
