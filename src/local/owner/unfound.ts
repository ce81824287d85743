// Handles that were made with `getIfExists`, as long as nobody has said which actor they are of. It may be one that is known here under
// another handle: so calls of actors of the same name that were submitted after such a handle was made wait until that is known.
import type { ActorId } from "../../domain/actor.ts";

export class Unfound {
  readonly #names = new Map<ActorId, string>();
  /** By name: when each was made, the earliest first. */
  readonly #numbers = new Map<string, Map<ActorId, number>>();

  has(id: ActorId): boolean {
    return this.#names.has(id);
  }

  /** `number`: the one that the next call after it is greater than. */
  add(id: ActorId, name: string, number: number): void {
    this.#names.set(id, name);
    const numbers = this.#numbers.get(name) ?? new Map<ActorId, number>();
    this.#numbers.set(name, numbers.set(id, number));
  }

  /** It is known, or nobody needs to know. The name whose calls may go on; undefined: it was none of these. */
  take(id: ActorId): string | undefined {
    const name = this.#names.get(id);
    if (name === undefined) return undefined;
    this.#names.delete(id);
    const numbers = this.#numbers.get(name);
    numbers?.delete(id);
    if (numbers?.size === 0) this.#numbers.delete(name);
    return name;
  }

  /** Calls of actors of this name with a greater number wait. */
  limitOf(name: string): number {
    const [earliest] = this.#numbers.get(name)?.values() ?? [];
    return earliest ?? Infinity;
  }

  clear(): void {
    this.#names.clear();
    this.#numbers.clear();
  }
}
