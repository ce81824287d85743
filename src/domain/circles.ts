// Who waits for whom: actors that run one call at a time, and single calls, by the first of their results. Those in a circle wait for ever.
import type { ActorId } from "./actor.ts";
import type { ObjectId } from "./id.ts";

/** A call that waits so long is looked at: most go on sooner. */
export const AWAITS_MS = 1_000;

/** Of what a call waits for no more than so much is looked at. */
const AWAITED_MAX = 1_000;

/** A call that has not ended. */
export interface AwaitedCall {
  /** As whom it waits. */
  readonly id: ObjectId;
  /** Arguments that have not come: until they have, it does not begin. */
  readonly lacks: readonly ObjectId[];
}

/** Those who must end before all these objects are here: who makes them, and who makes what those lack. An object of which nothing is known stands for itself. */
export function makersOf(
  awaited: Iterable<ObjectId>,
  callOf: (id: ObjectId) => AwaitedCall | undefined,
): readonly ObjectId[] {
  const objects = new Set(awaited);
  const makers = new Set<ObjectId>();
  for (const object of objects) {
    if (makers.size === AWAITED_MAX) break;
    const call = callOf(object);
    makers.add(call?.id ?? object);
    for (const lacking of call?.lacks ?? []) objects.add(lacking);
  }
  return [...makers];
}

export class Circles {
  readonly #isActor: (id: ObjectId) => boolean;
  readonly #awaits = new Map<ObjectId, readonly ObjectId[]>();
  readonly #told = new Set<string>();

  constructor(isActor: (id: ObjectId) => boolean) {
    this.#isActor = isActor;
  }

  /** One waits for these. The actors of the circle that this closes, the first time that they are in one. */
  awaits(id: ObjectId, on: readonly ObjectId[]): readonly ActorId[] | undefined {
    const before = this.#awaits.get(id);
    this.#awaits.set(id, on);
    // Said again: the last of a circle to be said has closed it.
    if (before !== undefined && isSame(before, on)) return undefined;
    const actors = this.#around(id).filter((each) => this.#isActor(each));
    const key = actors.toSorted().join();
    if (actors.length === 0 || this.#told.has(key)) return undefined;
    this.#told.add(key);
    return actors;
  }

  /** It goes on, or is no more. */
  forget(id: ObjectId): void {
    this.#awaits.delete(id);
  }

  /** The shortest circle that this one is in, from it on; empty when it is in none. A program may recurse through calls: this does not. */
  #around(id: ObjectId): readonly ObjectId[] {
    const waiters = new Map<ObjectId, ObjectId>();
    const found = [id];
    for (const one of found) {
      for (const next of this.#awaits.get(one) ?? []) {
        if (next === id) return pathTo(one, waiters);
        if (waiters.has(next)) continue;
        waiters.set(next, one);
        found.push(next);
      }
    }
    return [];
  }
}

/** By way of who waits for each. */
function pathTo(last: ObjectId, waiters: ReadonlyMap<ObjectId, ObjectId>): readonly ObjectId[] {
  const path: ObjectId[] = [];
  for (let one: ObjectId | undefined = last; one !== undefined; one = waiters.get(one)) path.push(one);
  return path.toReversed();
}

function isSame(one: readonly ObjectId[], other: readonly ObjectId[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}
