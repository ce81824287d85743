// A double-ended queue on a ring that doubles: push, shift, unshift and pop in constant time without allocating per item.

export class Deque<T> {
  /** Length is a power of two, so that a mask replaces the remainder. */
  #ring: (T | undefined)[];
  #head = 0;
  #size = 0;

  constructor(items: Iterable<T> = []) {
    this.#ring = Array.from<T | undefined>({ length: 16 }).fill(undefined);
    for (const item of items) this.push(item);
  }

  get size(): number {
    return this.#size;
  }

  /** The item at the front, which `shift` would return. */
  peek(): T | undefined {
    return this.#ring[this.#head];
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item;
    this.#size++;
  }

  unshift(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#ring.length - 1);
    this.#ring[this.#head] = item;
    this.#size++;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#head];
    // A slot that keeps its item would keep it alive.
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    return item;
  }

  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    this.#size--;
    const slot = (this.#head + this.#size) & (this.#ring.length - 1);
    const item = this.#ring[slot];
    this.#ring[slot] = undefined;
    return item;
  }

  clear(): void {
    this.#ring = Array.from<T | undefined>({ length: 16 }).fill(undefined);
    this.#head = 0;
    this.#size = 0;
  }

  /** Front to back. Items pushed during the walk are visited too; nothing may be taken out meanwhile. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; index < this.#size; index++) {
      yield this.#ring[(this.#head + index) & (this.#ring.length - 1)] as T;
    }
  }

  #grow(): void {
    const old = this.#ring;
    const ring = Array.from<T | undefined>({ length: old.length * 2 }).fill(undefined);
    for (let index = 0; index < this.#size; index++) ring[index] = old[(this.#head + index) & (old.length - 1)];
    this.#ring = ring;
    this.#head = 0;
  }
}
