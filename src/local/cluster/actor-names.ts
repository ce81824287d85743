// The names of actors: each is unique in its namespace, among those that are not about to end for good.
import type { ActorPlan } from "../../domain/actor-spec.ts";
import type { ProcessId } from "../../domain/id.ts";
import type { Actor } from "./actor.ts";
import type { SharedObjects } from "./objects.ts";

type Named = Pick<ActorPlan, "name" | "namespace">;

export class ActorNames {
  readonly #actors = new Map<string, Actor>();

  /** The one that has this name. */
  get(named: Named): Actor | undefined {
    return named.name === "" ? undefined : this.#actors.get(keyOf(named));
  }

  /** The answer to who asks for it; it counts as a hold of his. */
  found(named: Named, objects: SharedObjects, asker: ProcessId): unknown {
    const actor = this.get(named);
    if (actor === undefined) return { actor: undefined, names: this.all(named.namespace).map(({ name }) => name) };
    objects.hold(actor.id, asker);
    return { actor: { id: actor.id, about: actor.plan.about }, names: [] };
  }

  take(actor: Actor): void {
    if (actor.plan.name !== "") this.#actors.set(keyOf(actor.plan), actor);
  }

  free(actor: Actor): void {
    if (this.get(actor.plan) === actor) this.#actors.delete(keyOf(actor.plan));
  }

  /** Of one namespace, or of all. */
  all(namespace: string | undefined): Named[] {
    return [...this.#actors.values()]
      .filter(({ plan }) => namespace === undefined || plan.namespace === namespace)
      .map(({ plan: { name, namespace: its } }) => ({ name, namespace: its }));
  }

  check(): void {
    for (const { id, state } of this.#actors.values())
      if (state === "dead") throw new Error(`actor ${id}: dead, but has its name`);
  }
}

function keyOf({ name, namespace }: Named): string {
  return JSON.stringify([namespace, name]);
}
