// What is behind a handle of an actor: the hold that keeps it alive, and what is known of its methods.
import { types } from "node:util";
import { actorShown, handleGivenUp } from "../domain/actor-failures.ts";
import type { GroupLimits } from "../domain/actor.ts";
import { sessionClosed } from "../domain/failures.ts";
import type { Hold } from "./ref.ts";
import type { RetryPlan } from "./retries.ts";
import { slot } from "./slot.ts";

/** How calls of a method are made when their options say nothing. */
export interface MethodPlan {
  /** Of its calls, for errors and logs. */
  readonly name: string;
  readonly streams: boolean;
  readonly group: string;
  readonly returns: number;
  readonly maxRetries: number;
  readonly retry: RetryPlan;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly backpressure: number | undefined;
}

/** What a handle knows of its actor. */
export interface About {
  readonly className: string;
  /** "" for none. */
  readonly name: string;
  readonly limits: GroupLimits;
  /** Infinity for any number. */
  readonly maxPendingCalls: number;
  readonly methods: ReadonlyMap<string, MethodPlan>;
}

/** Where a handle keeps it, also one of another installed copy of the package. */
export const gripKey: unique symbol = Symbol.for("ray-ts.actorGrip");

/** One per handle, shared with the methods that were taken out of it: the actor is held as long as any of them is there. */
export class Grip {
  readonly hold: Hold;
  readonly about: About;

  /** Takes over the hold. */
  constructor(hold: Hold, about: About) {
    this.hold = hold;
    this.about = about;
    hold.keptFor(this);
  }

  /** Under which it is held, and called. */
  get id(): string {
    return this.hold.id;
  }

  /** Of the actor, which another handle may hold under another id. */
  get actorId(): string {
    return this.hold.session.backend.actorIdOf(this.id) ?? this.id;
  }

  get shown(): string {
    return actorShown(this.actorId, this.about);
  }
}

/** Undefined for what is no handle. Asks no proxy of the user's. */
export function gripOf(value: unknown): Grip | undefined {
  if (typeof value !== "object" || value === null || types.isProxy(value) || !Object.hasOwn(value, gripKey))
    return undefined;
  return Reflect.get(value, gripKey) as Grip;
}

/** Throws when the handle can no longer be used. `what` says for what: "kill()". */
export function assertHeld({ hold, shown, id }: Grip, what: string): void {
  if (hold.dropped) throw handleGivenUp({ what, shown, id });
  if (hold.session.closed || hold.session !== slot.session)
    throw sessionClosed({ what: `${what}: ${shown}`, reason: "the handle is of an earlier session", orderly: true });
}
