// Actors by name, as long as they have it: in a namespace each name is one actor's.
import type { ActorName } from "../backend.ts";
import type { Actor } from "./task.ts";

export class ActorNames {
  readonly #actors = new Map<string, Actor>();

  get({ namespace, name }: ActorName): Actor | undefined {
    return this.#actors.get(keyOf(namespace, name));
  }

  /** "" is no name. */
  take(actor: Actor): void {
    const { namespace, name } = actor.spec;
    if (name !== "") this.#actors.set(keyOf(namespace, name), actor);
  }

  free(actor: Actor): void {
    const { namespace, name } = actor.spec;
    if (this.get(actor.spec) === actor) this.#actors.delete(keyOf(namespace, name));
  }

  /** Of one namespace, or of all. */
  list(namespace: string | undefined): readonly ActorName[] {
    const all = [...this.#actors.values()].map(({ spec }) => ({ name: spec.name, namespace: spec.namespace }));
    return namespace === undefined ? all : all.filter((each) => each.namespace === namespace);
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}\0${name}`;
}
