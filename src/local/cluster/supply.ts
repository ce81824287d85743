// What could be granted to whom: the free amounts of the node and of reserved bundles, as they are or as they would be.
import { decisive, minus, plus, type Resources } from "../../domain/resources.ts";
import type { Demand, Kind, Lease, Pool } from "./lease.ts";

/** What a demand gets, and of what. */
export interface Grant {
  readonly pool: Pool;
  readonly resources: Resources;
}

/** Where demands may get something, those that cannot ever being left out. */
export interface Places {
  poolsOf(demand: Demand): readonly Pool[];
  /** What it would get of this much. */
  grantOf(demand: Demand, available: Resources): Resources | undefined;
}

/** By pool, the names of what a demand is short of there. Empty: it lacks no more than a worker. */
export type Short = ReadonlyMap<Pool, readonly string[]>;

const NOTHING: Short = new Map();

/** Free amounts, to think ahead with. */
export class Supply {
  readonly #places: Places;
  readonly #free = new Map<Pool, Resources>();

  constructor(places: Places) {
    this.#places = places;
  }

  of(pool: Pool): Resources {
    return this.#free.get(pool) ?? pool.available;
  }

  grantFor(demand: Demand, pools: readonly Pool[] = this.#places.poolsOf(demand)): Grant | undefined {
    for (const pool of pools) {
      const resources = this.#places.grantOf(demand, this.of(pool));
      if (resources !== undefined) return { pool, resources };
    }
    return undefined;
  }

  take({ pool, resources }: Grant): void {
    this.#free.set(pool, minus(this.of(pool), resources));
  }

  give({ pool, resources }: Grant): void {
    this.#free.set(pool, plus(this.of(pool), resources));
  }

  shortOf(demand: Demand): Short {
    const short = new Map<Pool, readonly string[]>();
    for (const pool of this.#places.poolsOf(demand)) {
      const names = this.shortIn(demand, pool);
      if (names.length === 0) return NOTHING;
      short.set(pool, names);
    }
    return short;
  }

  shortIn(demand: Demand, pool: Pool): readonly string[] {
    const free = this.of(pool);
    if (this.#places.grantOf(demand, free) !== undefined) return [];
    return decisive(demand.request.resources, free);
  }
}

/** Whose request fits, and lacks no more than a process, is helped by any of that kind. */
export function helps({ pool, resources, worker }: Lease, short: Short, kind: Kind): boolean {
  return short.size === 0
    ? worker.kind === kind
    : (short.get(pool)?.some((name) => Object.hasOwn(resources, name)) ?? false);
}
