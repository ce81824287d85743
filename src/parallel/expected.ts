// Who has been told to come, and has not come yet. A process that has ended does not come, and nobody says so: then the time is over.
//
// Thousands may be told at once, and come one after the other: each has its time from when all who were told before it have come, so that
// how many there are makes nobody late.

/** Many times what it takes to come. */
const COMING_MS = 1_000;

export class Expected {
  /** When each was told, in that order. */
  readonly #told = new Map<number, number>();
  /** When the first one became the first. */
  #firstSinceMs = 0;

  get size(): number {
    return this.#told.size;
  }

  has(turn: number): boolean {
    return this.#told.has(turn);
  }

  /** Of those who came before this one. */
  countBefore(turn: number): number {
    let count = 0;
    for (const other of this.#told.keys()) if (other < turn) count += 1;
    return count;
  }

  add(turn: number, nowMs: number): void {
    if (this.#told.size === 0) this.#firstSinceMs = nowMs;
    this.#told.set(turn, nowMs);
  }

  came(turn: number, nowMs: number): void {
    const [first] = this.#told.keys();
    if (first === turn) this.#firstSinceMs = nowMs;
    this.#told.delete(turn);
  }

  /** When to look for those who are late. */
  get dueMs(): number | undefined {
    return this.#told.size === 0 ? undefined : this.#firstSinceMs + COMING_MS;
  }

  /** They are expected no more: the first, and who was told as long ago as that. */
  takeLate(nowMs: number): number[] {
    if (nowMs < (this.dueMs ?? Infinity)) return [];
    const late: number[] = [];
    for (const [turn, toldMs] of this.#told) {
      if (toldMs + COMING_MS > nowMs) break;
      late.push(turn);
      this.#told.delete(turn);
    }
    this.#firstSinceMs = nowMs;
    return late;
  }
}
