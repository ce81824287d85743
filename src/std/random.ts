// The only door to randomness: unguessable names for processes and sessions, and a seeded generator whose every run is the same.
import { randomBytes } from "node:crypto";

/** `bytes` bytes from the operating system, as lower-case hex. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** A part of it by chance, from half on: so that many who wait for as long do not come at once. */
export function jittered(ms: number): number {
  return (ms * (1 + Math.random())) / 2;
}

/** Random numbers that depend on nothing but the seed (xorshift128 over a splitmix-spread state). */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    // Neighbouring seeds must not give similar sequences, so each word of the state is hashed from it.
    let spread = seed >>> 0;
    const word = (): number => {
      spread = (spread + 0x9e3779b9) >>> 0;
      let mixed = spread;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    };
    this.#a = word();
    this.#b = word();
    this.#c = word();
    // The generator stands still when all words are 0.
    this.#d = word() | 1;
  }

  /** 0 ≤ x < 1. */
  fraction(): number {
    const mixed = this.#a ^ (this.#a << 11);
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = (this.#d ^ (this.#d >>> 19) ^ (mixed ^ (mixed >>> 8))) >>> 0;
    return this.#d / 2 ** 32;
  }

  /** A whole number, 0 ≤ x < `bound`. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** A whole number, `low` ≤ x ≤ `high`. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the items; there must be one. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("Nothing to pick from.");
    return items[this.below(items.length)] as T;
  }
}
