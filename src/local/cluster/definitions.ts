// Functions that were shipped: kept as long as somebody can call them, handed to each worker that asks. Nobody can call those of a process
// that has ended, but for those that others may have heard of. A class is kept by the actors that are made of it too.
import type { ActorId } from "../../domain/actor.ts";
import { definerOf, type DefinitionId, type ProcessId } from "../../domain/id.ts";
import type { Failure, Payload } from "../../domain/object.ts";
import type { FromDaemon, ToDaemon } from "../../protocol/daemon.ts";
import { MadeOf } from "../../domain/made-of.ts";
import { unreachable } from "../../std/invariant.ts";
import type { SharedObjects } from "./objects.ts";

export class Definitions {
  readonly #payloads = new Map<DefinitionId, Payload>();
  readonly #travelled = new Set<DefinitionId>();
  readonly #madeOf = new MadeOf();
  /** What each process has fetched. */
  readonly #known = new Map<ProcessId, Set<DefinitionId>>();
  readonly #waiting = new Map<DefinitionId, Set<ProcessId>>();
  readonly #objects: SharedObjects;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #alive: (process: ProcessId) => boolean;

  constructor(
    objects: SharedObjects,
    send: (to: ProcessId, message: FromDaemon) => void,
    alive: (process: ProcessId) => boolean,
  ) {
    this.#objects = objects;
    this.#send = send;
    this.#alive = alive;
  }

  message(from: ProcessId, message: Extract<ToDaemon, { type: "define" | "travels" | "undefine" | "fetch" }>): void {
    switch (message.type) {
      case "define":
        return this.define(message.definition, message.payload);
      case "travels":
        return void this.#travelled.add(message.definition);
      case "undefine":
        return this.undefine(message.definition);
      case "fetch":
        return this.fetch(message.definition, from);
      default:
        return unreachable(message, "the definitions");
    }
  }

  define(definition: DefinitionId, payload: Payload): void {
    if (this.#payloads.has(definition)) return;
    this.#payloads.set(definition, payload);
    this.#objects.wrap(definition, payload.refs);
    const waiting = this.#waiting.get(definition);
    this.#waiting.delete(definition);
    for (const process of waiting ?? []) this.#deliver(definition, payload, process);
  }

  /** Nobody has a handle of it any more. */
  undefine(definition: DefinitionId): void {
    if (this.#payloads.has(definition) && this.#madeOf.uncallable(definition)) this.#drop(definition);
  }

  /** The actor is made of it, and may be made of it again. */
  hold(definition: DefinitionId, actor: ActorId): void {
    this.#madeOf.hold(definition, actor);
  }

  /** The actor has ended for good. */
  letGo(definition: DefinitionId, actor: ActorId): void {
    if (this.#madeOf.letGo(definition, actor)) this.#drop(definition);
  }

  /** Its refs go with it, and so does what workers have made of it. */
  #drop(definition: DefinitionId): void {
    if (!this.#payloads.delete(definition)) return;
    this.#objects.unwrap(definition);
    for (const [process, known] of this.#known)
      if (known.delete(definition)) this.#send(process, { type: "forget", definition });
  }

  fetch(definition: DefinitionId, process: ProcessId): void {
    const payload = this.#payloads.get(definition);
    if (payload !== undefined) return this.#deliver(definition, payload, process);
    if (!this.#alive(definerOf(definition))) return this.#missing(definition, process);
    // The call came faster than the definition, which is on its way on another channel.
    const waiting = this.#waiting.get(definition) ?? new Set();
    this.#waiting.set(definition, waiting.add(process));
  }

  gone(process: ProcessId): void {
    this.#known.delete(process);
    for (const definition of this.#payloads.keys())
      if (definerOf(definition) === process && !this.#travelled.has(definition)) this.undefine(definition);
    for (const [definition, waiting] of this.#waiting) {
      waiting.delete(process);
      if (definerOf(definition) !== process && waiting.size > 0) continue;
      this.#waiting.delete(definition);
      for (const other of waiting) this.#missing(definition, other);
    }
  }

  #deliver(definition: DefinitionId, payload: Payload, to: ProcessId): void {
    for (const id of payload.refs) this.#objects.hold(id, to);
    const known = this.#known.get(to) ?? new Set();
    this.#known.set(to, known.add(definition));
    this.#send(to, { type: "definition", definition, payload });
  }

  #missing(definition: DefinitionId, to: ProcessId): void {
    const failure: Failure = { kind: "ownerDied", id: definition, owner: definerOf(definition) };
    this.#send(to, { type: "definition", definition, failure });
  }
}
