// Functions that are shipped from here: how they are named, and what the daemon hears of them.
import type { Identity } from "../../backend.ts";
import { definitionId, type DefinitionId } from "../../domain/id.ts";
import type { Payload } from "../../domain/object.ts";
import type { OwnerInput } from "../owner/step.ts";
import { Questions } from "./questions.ts";

export abstract class Definitions extends Questions {
  abstract readonly identity: Identity;
  #next = 1;

  abstract step(input: OwnerInput): void;

  abstract drop(payload: Payload): void;

  nextDefinition(): DefinitionId {
    return definitionId(this.identity.processId, this.#next++);
  }

  define(definition: DefinitionId, payload: Payload): void {
    this.step({ type: "definition", message: { type: "define", definition, payload } });
    this.drop(payload);
  }

  travels(definition: DefinitionId): void {
    this.step({ type: "definition", message: { type: "travels", definition } });
  }

  undefine(definition: DefinitionId): void {
    this.step({ type: "definition", message: { type: "undefine", definition } });
  }
}
