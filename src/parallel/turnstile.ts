// Things that become ready one after the other, and those who wait for them, in order.

export class Turnstile<T> {
  readonly #ready: T[] = [];
  readonly #waiting: ((value: T) => void)[] = [];

  push(value: T): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#ready.push(value);
    else waiter(value);
  }

  next(): Promise<T> {
    if (this.#ready.length > 0) return Promise.resolve(this.#ready.shift() as T);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
