// Who waits for whom: actors that run one call at a time, and single calls, by the first of their results. Those in a circle wait for ever.
import type { ActorId } from "./actor.ts";
import type { ObjectId } from "./id.ts";

/** A call that waits so long is looked at: most go on sooner. */
export const AWAITS_MS = 1_000;

/** Of what a call waits for no more than so much is looked at. */
export const AWAITED_MAX = 1_000;

export class Circles {
  readonly #isActor: (id: ObjectId) => boolean;
  readonly #awaits = new Map<ObjectId, readonly ObjectId[]>();
  readonly #told = new Set<string>();

  constructor(isActor: (id: ObjectId) => boolean) {
    this.#isActor = isActor;
  }

  /** One waits for these. The actors of the circle that this closes, the first time that they are in one. */
  awaits(id: ObjectId, on: readonly ObjectId[]): readonly ActorId[] | undefined {
    this.#awaits.set(id, on);
    const actors = this.#from(id, id, new Set())?.filter((each) => this.#isActor(each)) ?? [];
    const key = actors.toSorted().join();
    if (actors.length === 0 || this.#told.has(key)) return undefined;
    this.#told.add(key);
    return actors;
  }

  /** It goes on, or is no more. */
  forget(id: ObjectId): void {
    this.#awaits.delete(id);
  }

  #from(id: ObjectId, first: ObjectId, seen: Set<ObjectId>): readonly ObjectId[] | undefined {
    for (const next of this.#awaits.get(id) ?? []) {
      if (next === first) return [id];
      if (seen.has(next)) continue;
      seen.add(next);
      const rest = this.#from(next, first, seen);
      if (rest !== undefined) return [id, ...rest];
    }
    return undefined;
  }
}
