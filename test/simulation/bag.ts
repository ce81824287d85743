// A set from which one member can be drawn by number, in constant time; its order depends only on what was done to it.

export class Bag<T> {
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  get size(): number {
    return this.#items.length;
  }

  at(index: number): T {
    if (index >= this.#items.length) throw new RangeError(`no item ${index} of ${this.#items.length}`);
    return this.#items[index] as T;
  }

  all(): readonly T[] {
    return this.#items;
  }

  has(item: T): boolean {
    return this.#places.has(item);
  }

  set(item: T, member: boolean): void {
    if (member) this.add(item);
    else this.delete(item);
  }

  add(item: T): void {
    if (this.#places.has(item)) return;
    this.#places.set(item, this.#items.length);
    this.#items.push(item);
  }

  delete(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    const last = this.#items.pop() as T;
    this.#places.delete(item);
    if (last === item) return;
    this.#items[place] = last;
    this.#places.set(last, place);
  }
}
