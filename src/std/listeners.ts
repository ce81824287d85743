// Who waits for what: functions by key, each called once, all of a key together.
type Listener<T> = (what: T) => void;

export class Listeners<Key, T> {
  /** One alone is the rule, and costs no array. */
  readonly #waiting = new Map<Key, Listener<T> | Listener<T>[]>();

  /** Keys that somebody waits for. */
  get size(): number {
    return this.#waiting.size;
  }

  /** True: nobody waited for it before. The same function may wait more than once. */
  add(key: Key, listener: Listener<T>): boolean {
    const others = this.#waiting.get(key);
    if (others === undefined) this.#waiting.set(key, listener);
    else if (typeof others === "function") this.#waiting.set(key, [others, listener]);
    else others.push(listener);
    return others === undefined;
  }

  /** Takes back one `add`. */
  remove(key: Key, listener: Listener<T>): void {
    const waiting = this.#waiting.get(key);
    if (waiting === listener) return void this.#waiting.delete(key);
    if (waiting === undefined || typeof waiting === "function") return;
    const index = waiting.indexOf(listener);
    if (index < 0) return;
    waiting.splice(index, 1);
    if (waiting.length === 0) this.#waiting.delete(key);
  }

  tell(key: Key, what: T): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    if (typeof waiting === "function") waiting(what);
    else for (const listener of waiting) listener(what);
  }
}
