// What is said of actors, apart from their calls: of which one a handle is, where it lives, how it has ended.
import type { ActorId } from "../../domain/actor.ts";
import type { ActorSpec } from "../../domain/actor-spec.ts";
import { objectId, type ProcessId } from "../../domain/id.ts";
import { refsInFailure } from "../../domain/object.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import { unreachable } from "../../std/invariant.ts";
import type { Births } from "./births.ts";
import type { Calls } from "./calls.ts";
import type { Objects } from "./objects.ts";
import type { OwnerInput } from "./step.ts";
import type { Task } from "./tasks.ts";

type Input<T extends OwnerInput["type"]> = Extract<OwnerInput, { type: T }>;

export class Actors {
  readonly #process: ProcessId;
  readonly #objects: Objects<Task>;
  readonly #calls: Calls;
  readonly #births: Births;
  readonly #next: () => number;

  constructor(process: ProcessId, objects: Objects<Task>, calls: Calls, births: Births, next: () => number) {
    this.#process = process;
    this.#objects = objects;
    this.#calls = calls;
    this.#births = births;
    this.#next = next;
  }

  create(number: number, spec: ActorSpec, closed: boolean): void {
    if (spec.getIfExists && !closed) this.#calls.unfound(objectId(this.#process, number), spec.name, number);
    this.#births.create(number, spec, closed);
  }

  /** That all its handles have. Undefined: this one was made with `getIfExists`, and of which actor it is is not known yet. */
  idOf(actor: ActorId): ActorId | undefined {
    return this.#calls.isFound(actor) ? this.#calls.idOf(actor) : undefined;
  }

  step(input: Input<"actorFailed" | "findActor" | "killActor">): void {
    switch (input.type) {
      case "actorFailed":
        return this.#births.failed(input.id, input.cause);
      case "findActor":
        return this.#find(input);
      case "killActor":
        return this.#calls.killed(input.id);
      default:
        return unreachable(input, "the owner's actors");
    }
  }

  #find({ id, actor, name }: Input<"findActor">): void {
    if (actor === undefined) this.#calls.arrived(id, name, this.#next());
    else this.#calls.is(id, actor);
  }

  hear(message: Extract<FromDaemon, { type: "actorLacks" | "actorIs" | "actorAt" | "actorDead" }>): void {
    switch (message.type) {
      case "actorLacks":
        return this.#births.lacks(message.id, message.cause);
      case "actorIs":
        // Without a hold nobody asks for it, and nobody would say when it is to be forgotten.
        return this.#objects.get(message.id) === undefined ? undefined : this.#calls.is(message.id, message.actor);
      case "actorAt":
        return this.#calls.defer(message) ? undefined : this.#calls.at(message);
      case "actorDead": {
        if (this.#calls.defer(message)) return;
        const refs = refsInFailure({ kind: "actorDied", name: "", begun: false, site: "", ...message });
        this.#objects.receive(refs);
        this.#calls.dead(message.actor, message.death);
        return this.#objects.settle(refs);
      }
      default:
        return unreachable(message, "the owner's actors");
    }
  }
}
