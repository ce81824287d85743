// Other ids of actors: of those that were made with `getIfExists`, and found another of their name. Each keeps that one alive as long as
// it is held itself.
import type { ActorId } from "../../domain/actor.ts";
import type { Actor } from "./actor.ts";
import type { SharedObjects } from "./objects.ts";

export class Aliases {
  readonly #actors = new Map<ActorId, Actor>();
  readonly #objects: SharedObjects;

  constructor(objects: SharedObjects) {
    this.#objects = objects;
  }

  /** What it stands for. */
  get(id: ActorId): Actor | undefined {
    return this.#actors.get(id);
  }

  ids(): Iterable<ActorId> {
    return this.#actors.keys();
  }

  add(id: ActorId, actor: Actor): void {
    this.#actors.set(id, actor);
    actor.aliases.add(id);
    this.held(id);
  }

  /** It has holders from now on. */
  held(id: ActorId): void {
    const actor = this.#actors.get(id);
    if (actor !== undefined) this.#objects.wrap(id, [actor.id]);
  }

  /** Those that nobody holds: nothing will be heard of them any more. */
  tidy({ aliases }: Actor): void {
    for (const id of aliases) {
      if (this.#objects.has(id)) continue;
      aliases.delete(id);
      this.#actors.delete(id);
    }
  }
}
