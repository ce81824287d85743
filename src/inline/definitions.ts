// Functions that were made known, kept as long as somebody can call them.
import type { DefinitionId, ObjectId } from "../domain/id.ts";
import type { Payload } from "../domain/object.ts";
import { invariant } from "../std/invariant.ts";

interface Holds {
  hold(id: ObjectId): void;
  release(id: ObjectId): void;
}

export class Definitions {
  readonly #payloads = new Map<DefinitionId, Payload>();
  readonly #holds: Holds;

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  define(definition: DefinitionId, payload: Payload): void {
    for (const id of payload.refs) this.#holds.hold(id);
    this.#payloads.set(definition, payload);
  }

  undefine(definition: DefinitionId): void {
    const payload = this.#payloads.get(definition);
    this.#payloads.delete(definition);
    for (const id of payload?.refs ?? []) this.#holds.release(id);
  }

  load(definition: DefinitionId): Payload {
    const payload = this.#payloads.get(definition);
    invariant(payload !== undefined, `function ${definition} is defined before it is used`);
    return payload;
  }

  clear(): void {
    this.#payloads.clear();
  }
}
