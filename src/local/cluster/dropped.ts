// Whether somebody waits for what actors have, of which nobody may have a handle any more.
import { Collections } from "../../domain/collections.ts";
import { lendable, minus } from "../../domain/resources.ts";
import type { Actors } from "./actors.ts";
import type { Demand, Lease, Pool } from "./lease.ts";
import type { Room } from "./room.ts";
import { Supply, type Places } from "./supply.ts";
import type { Workers } from "./workers.ts";

/** Whoever was granted something in between gets on. */
const UNGRANTED_TICKS_MIN = 1;

export class Dropped {
  readonly #workers: Workers;
  readonly #actors: Actors;
  readonly #places: Places;
  readonly #room: Room;
  readonly #collections = new Collections();

  constructor(workers: Workers, actors: Actors, places: Places, room: Room) {
    this.#workers = workers;
    this.#actors = actors;
    this.#places = places;
    this.#room = room;
  }

  /** Every tick. `waiting`: for leases, or to be reserved. True: every process is to collect garbage, since handles may be among it. */
  tick(waiting: () => readonly Demand[]): boolean {
    const holding = [...this.#workers.leases.values()].filter((lease) => this.#mayGo(lease));
    const waits = holding.length > 0 && (this.#room.isLacking || this.#areWaitedFor(holding, waiting()));
    return this.#collections.tick(this.#actors.letGo, waits);
  }

  /** It ends with its handles, and is not about to be made, which ends by itself. */
  #mayGo({ demand }: Lease): boolean {
    const actor = this.#actors.byId.get(demand.actor ?? "");
    return actor?.state === "alive" && !actor.plan.detached;
  }

  #areWaitedFor(holding: readonly Lease[], waiting: readonly Demand[]): boolean {
    const long = waiting.filter(({ ungranted }) => ungranted >= UNGRANTED_TICKS_MIN);
    if (long.length === 0) return false;
    const held = new Map<Pool, Set<string>>();
    for (const { pool, resources, blocked } of holding) {
      const names = held.get(pool) ?? new Set();
      held.set(pool, names);
      for (const [name, units] of Object.entries(blocked ? minus(resources, lendable(resources)) : resources))
        if (units > 0) names.add(name);
    }
    const supply = new Supply(this.#places);
    return long.some((demand) =>
      [...supply.shortOf(demand)].some(([pool, names]) => names.some((name) => held.get(pool)?.has(name) === true)),
    );
  }
}
