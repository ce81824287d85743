// Things that must be the same thing again when they come back or come twice: they have a name that is unique in the job.
import { randomHex } from "../std/random.ts";

/** Chosen by each process for itself. */
const prefix = randomHex(12);

export class Identities<T extends WeakKey> {
  readonly #names = new WeakMap<T, string>();
  readonly #values = new Map<string, WeakRef<T>>();
  readonly #gone = new FinalizationRegistry<string>((name) => {
    if (this.#values.get(name)?.deref() === undefined) this.#values.delete(name);
  });
  #count = 0;

  /** The name of a thing, given now if it has none. */
  nameOf(value: T): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = `${prefix}${(this.#count++).toString(36)}`;
    this.adopt(name, value);
    return name;
  }

  /** Whether this process gave it its name: it was here first. */
  isOurs(name: string): boolean {
    return name.startsWith(prefix);
  }

  find(name: string): T | undefined {
    return this.#values.get(name)?.deref();
  }

  /** From now on this is what the name means here. */
  adopt(name: string, value: T): void {
    this.#names.set(value, name);
    this.#values.set(name, new WeakRef(value));
    this.#gone.register(value, name);
  }
}
