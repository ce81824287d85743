// Classes of which actors are made. One stays as long as there is such an actor, which may have to be made again, whether anybody has a handle
// of the class or not.
import type { ActorId } from "./actor.ts";
import type { DefinitionId } from "./id.ts";

export class MadeOf {
  readonly #actors = new Map<DefinitionId, Set<ActorId>>();
  /** Those that only their actors keep. */
  readonly #uncallable = new Set<DefinitionId>();

  hold(definition: DefinitionId, actor: ActorId): void {
    const actors = this.#actors.get(definition) ?? new Set();
    this.#actors.set(definition, actors.add(actor));
  }

  /** The actor has ended for good. True: the definition goes with it. */
  letGo(definition: DefinitionId, actor: ActorId): boolean {
    const actors = this.#actors.get(definition);
    if (actors?.delete(actor) !== true || actors.size > 0) return false;
    this.#actors.delete(definition);
    return this.#uncallable.delete(definition);
  }

  /** Nobody can call it, or make another actor of it. True: it goes now, for there is none. */
  uncallable(definition: DefinitionId): boolean {
    if (!this.#actors.has(definition)) return true;
    this.#uncallable.add(definition);
    return false;
  }

  clear(): void {
    this.#actors.clear();
    this.#uncallable.clear();
  }
}
