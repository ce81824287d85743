// Which parts of the store are in memory, and which of them go to the disk when it is nearly full: those first that were not used for
// longest. Whoever reads one finds it in either place, so any of them may go at any time.
import type { ObjectId } from "../../domain/id.ts";
import { spillShare } from "../../domain/limits.ts";

/** At a time: enough that the disk has always something to do. */
const SPILLING_MAX = 2;

/** Between two times that everybody is asked to collect garbage: that takes a process up to a tenth of a second. */
const COLLECT_TICKS = 10;

export class Spills {
  /** What is in memory, in bytes; the least recently used first. */
  readonly #resident = new Map<ObjectId, number>();
  readonly #spilling = new Set<ObjectId>();
  readonly #emit: (id: ObjectId) => void;
  readonly #most: number;
  #residentBytes = 0;
  #spillingBytes = 0;
  #freedBytes = 0;
  /** Since it is nearly full. */
  #ticks = 0;
  #isFull = false;
  /** The disk did not take one. Nothing is tried again before the next tick. */
  #blocked = false;

  /** `most`: bytes that may be in memory. */
  constructor(most: number, emit: (id: ObjectId) => void) {
    this.#most = most;
    this.#emit = emit;
  }

  /** All that was in memory and is not any more, since the beginning. */
  get freedBytes(): number {
    return this.#freedBytes;
  }

  add(id: ObjectId, bytes: number): void {
    this.#resident.set(id, bytes);
    this.#residentBytes += bytes;
    this.#goOn();
  }

  use(id: ObjectId): void {
    const bytes = this.#resident.get(id);
    if (bytes === undefined) return;
    this.#resident.delete(id);
    this.#resident.set(id, bytes);
  }

  /** Nobody needs it any more, wherever it is. */
  remove(id: ObjectId): void {
    this.#forget(id);
    this.#goOn();
  }

  /** The answer to a spill: whether it is on the disk now, and not in memory. */
  spilled(id: ObjectId, done: boolean): void {
    const bytes = this.#resident.get(id);
    if (this.#spilling.delete(id) && bytes !== undefined) this.#spillingBytes -= bytes;
    if (done) this.#forget(id);
    else if (bytes !== undefined) this.#blocked = true;
    this.#goOn();
  }

  /** Somebody has found no room: it may be garbage that takes it. */
  full(): void {
    this.#isFull = true;
  }

  /**
   * Whether everybody should look for garbage, since things go to the disk: refs are small, and whoever has many that are garbage does not
   * notice what they keep.
   */
  tick(): boolean {
    this.#blocked = false;
    this.#goOn();
    this.#ticks = this.#isFull || this.#residentBytes > this.#most * spillShare ? this.#ticks + 1 : 0;
    this.#isFull = false;
    return this.#ticks % COLLECT_TICKS === 1;
  }

  #forget(id: ObjectId): void {
    const bytes = this.#resident.get(id);
    if (bytes === undefined) return;
    this.#resident.delete(id);
    this.#residentBytes -= bytes;
    this.#freedBytes += bytes;
    if (this.#spilling.delete(id)) this.#spillingBytes -= bytes;
  }

  #goOn(): void {
    if (this.#blocked || this.#spilling.size >= SPILLING_MAX) return;
    for (const [id, bytes] of this.#resident) {
      if (this.#residentBytes - this.#spillingBytes <= this.#most * spillShare) return;
      if (this.#spilling.size >= SPILLING_MAX) return;
      if (this.#spilling.has(id)) continue;
      this.#spilling.add(id);
      this.#spillingBytes += bytes;
      this.#emit(id);
    }
  }

  check(): void {
    let bytes = 0;
    for (const each of this.#resident.values()) bytes += each;
    if (bytes !== this.#residentBytes) throw new Error(`store: ${this.#residentBytes} bytes counted, ${bytes} there`);
    for (const id of this.#spilling)
      if (!this.#resident.has(id)) throw new Error(`store: ${id} moves, and is not there`);
  }
}
