// A queue that items may leave from the middle: they stay in it as blanks until they come to the front or are too many, so that
// leaving costs as little as coming.
import { Deque } from "./deque.ts";

export class Line<T> {
  readonly #items = new Deque<T>();
  /** False for an item that has left. For good, as long as it is in here. */
  readonly #waits: (item: T) => boolean;
  #blanks = 0;

  constructor(waits: (item: T) => boolean) {
    this.#waits = waits;
  }

  get size(): number {
    return this.#items.size - this.#blanks;
  }

  /** The item at the front, which `shift` would return. */
  peek(): T | undefined {
    if (this.#blanks > 0) this.#skip();
    return this.#items.peek();
  }

  shift(): T | undefined {
    if (this.#blanks > 0) this.#skip();
    return this.#items.shift();
  }

  push(item: T): void {
    this.#items.push(item);
  }

  unshift(item: T): void {
    this.#items.unshift(item);
  }

  /** One of the items in here does not wait any more. */
  left(): void {
    this.#blanks += 1;
    if (this.#blanks > this.size) this.#sweep();
  }

  /** Front to back, without those that have left. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (const item of this.#items) if (this.#waits(item)) yield item;
  }

  #skip(): void {
    for (let item = this.#items.peek(); item !== undefined && !this.#waits(item); item = this.#items.peek()) {
      this.#items.shift();
      this.#blanks -= 1;
    }
  }

  #sweep(): void {
    const waiting = [...this];
    this.#items.clear();
    for (const item of waiting) this.#items.push(item);
    this.#blanks = 0;
  }
}
