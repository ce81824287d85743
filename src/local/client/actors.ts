// Actors as a process knows them: which one a handle is of, what of its calls has not ended, and how it is killed.
import type { KillActor } from "../../backend.ts";
import type { ActorId } from "../../domain/actor.ts";
import type { Owner } from "../owner/owner.ts";
import { Definitions } from "./definitions.ts";

export abstract class Actors extends Definitions {
  abstract readonly owner: Owner;

  actorIdOf(actor: ActorId): ActorId | undefined {
    return this.owner.actorIdOf(actor);
  }

  findActor(id: ActorId, { actor, name }: { readonly actor: ActorId | undefined; readonly name: string }): void {
    this.step({ type: "findActor", id, actor, name });
  }

  pendingCalls(actor: ActorId): number {
    return this.owner.pendingCalls(actor);
  }

  /** Carries out what the brain wants. */
  abstract carryOut(): void;

  /** After all that was made before. */
  override killActor(actor: ActorId, kill: KillActor): Promise<void> {
    this.step({ type: "killActor", id: actor });
    this.carryOut();
    return super.killActor(actor, kill);
  }
}
