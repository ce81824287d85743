// What this process has made known to the cluster as functions. What they have captured is kept in the cluster with them, and what makes that
// again must be kept here just as long: the call of a lost result may run such a function once more, which then needs it.
import type { DefinitionId, ObjectId } from "../../domain/id.ts";
import type { Leases } from "./leases.ts";
import type { Objects } from "./objects.ts";
import type { OwnerEffect, OwnerInput } from "./step.ts";
import type { Task } from "./tasks.ts";

export class Known {
  /** Of those that have captured any. */
  readonly #refs = new Map<DefinitionId, readonly ObjectId[]>();
  readonly #objects: Objects<Task>;
  readonly #leases: Leases;
  readonly #emit: (effect: OwnerEffect) => void;

  constructor(objects: Objects<Task>, leases: Leases, emit: (effect: OwnerEffect) => void) {
    this.#objects = objects;
    this.#leases = leases;
    this.#emit = emit;
  }

  take(message: Extract<OwnerInput, { type: "definition" }>["message"]): void {
    if (message.type === "define") this.#keep(message.definition, message.payload.refs);
    if (message.type === "undefine") this.#leases.unlearn(message.definition);
    // First: until it is out, it is what keeps all that the function has captured.
    this.#emit({ type: "daemon", message });
    if (message.type === "undefine") this.#letGo(message.definition);
  }

  #keep(definition: DefinitionId, refs: readonly ObjectId[]): void {
    this.#objects.announceAll(refs);
    if (refs.length === 0) return;
    this.#refs.set(definition, refs);
    for (const id of refs) this.#objects.pin(id);
  }

  #letGo(definition: DefinitionId): void {
    const refs = this.#refs.get(definition);
    this.#refs.delete(definition);
    for (const id of refs ?? []) this.#objects.unpin(id);
  }
}
