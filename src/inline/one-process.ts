// What a cluster need not do that is one process: nothing goes anywhere, so nothing is lost on the way, or known there by another id.
import type { ActorId } from "../domain/actor.ts";
import { ownedPayload, type Payload } from "../domain/object.ts";

export abstract class OneProcess {
  readonly keep: (payload: Payload) => Payload = ownedPayload;

  open(payload: Payload): Payload {
    return payload;
  }

  drop(): void {}

  lost(): void {}

  travels(): void {}

  actorIdOf(actor: ActorId): ActorId {
    return actor;
  }

  findActor(): void {}
}
