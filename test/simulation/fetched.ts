// Functions that a simulated worker has fetched, as `worker/functions` and api keep them.
import type { DefinitionId, ObjectId } from "#src/domain/id.js";
import type { Payload } from "#src/domain/object.js";

export class Fetched<Call> {
  readonly #known = new Map<DefinitionId, readonly ObjectId[] | "missing" | { readonly waiting: Call[] }>();

  /** Undefined: it was not asked for. */
  stateOf(definition: DefinitionId): "here" | "missing" | { readonly waiting: Call[] } | undefined {
    const known = this.#known.get(definition);
    return Array.isArray(known) ? "here" : (known as Exclude<typeof known, readonly ObjectId[]>);
  }

  /** It is asked for now. */
  ask(definition: DefinitionId, call: Call): void {
    this.#known.set(definition, { waiting: [call] });
  }

  /** Gives those that wait for it. */
  arrived(definition: DefinitionId, payload: Payload | undefined): readonly Call[] {
    const known = this.#known.get(definition);
    this.#known.set(definition, payload?.refs ?? "missing");
    return typeof known === "object" && "waiting" in known ? known.waiting : [];
  }

  /** Nobody calls it any more. Gives what it had captured. */
  forget(definition: DefinitionId): readonly ObjectId[] {
    const known = this.#known.get(definition);
    this.#known.delete(definition);
    return Array.isArray(known) ? (known as readonly ObjectId[]) : [];
  }
}
