// Functions that were made known, kept as long as somebody can call them; classes, also as long as actors are made of them.
import type { ActorId } from "../domain/actor.ts";
import type { DefinitionId, ObjectId } from "../domain/id.ts";
import { MadeOf } from "../domain/made-of.ts";
import type { Payload } from "../domain/object.ts";
import { invariant } from "../std/invariant.ts";

interface Holds {
  hold(id: ObjectId): void;
  release(id: ObjectId): void;
}

export class Definitions {
  readonly #payloads = new Map<DefinitionId, Payload>();
  readonly #madeOf = new MadeOf();
  readonly #holds: Holds;
  /** What a function has become by its first call. */
  readonly #forget: (definition: DefinitionId) => void;

  constructor(holds: Holds, forget: (definition: DefinitionId) => void) {
    this.#holds = holds;
    this.#forget = forget;
  }

  define(definition: DefinitionId, payload: Payload): void {
    for (const id of payload.refs) this.#holds.hold(id);
    this.#payloads.set(definition, payload);
  }

  /** Nobody has a handle of it any more. */
  undefine(definition: DefinitionId): void {
    if (this.#madeOf.uncallable(definition)) this.#drop(definition);
  }

  /** The actor is made of it, and may be made of it again. */
  hold(definition: DefinitionId, actor: ActorId): void {
    this.#madeOf.hold(definition, actor);
  }

  /** The actor has ended for good. */
  letGo(definition: DefinitionId, actor: ActorId): void {
    if (this.#madeOf.letGo(definition, actor)) this.#drop(definition);
  }

  #drop(definition: DefinitionId): void {
    const payload = this.#payloads.get(definition);
    this.#payloads.delete(definition);
    this.#forget(definition);
    for (const id of payload?.refs ?? []) this.#holds.release(id);
  }

  load(definition: DefinitionId): Payload {
    const payload = this.#payloads.get(definition);
    invariant(payload !== undefined, `function ${definition} is defined before it is used`);
    return payload;
  }

  clear(): void {
    this.#payloads.clear();
    this.#madeOf.clear();
  }
}
