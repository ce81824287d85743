// What is told to whoever waits for long: what is lacking, and who has it.
import type { ProcessId } from "../../domain/id.ts";
import type { Holder, Shortage } from "../../domain/request.ts";
import { amountOf, lendable, minus, plus, type Resources } from "../../domain/resources.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import type { Demands } from "./demands.ts";
import type { Groups } from "./groups.ts";
import type { Demand, Pool } from "./lease.ts";
import { Supply } from "./supply.ts";
import type { Workers } from "./workers.ts";

export class Starved {
  readonly #workers: Workers;
  readonly #demands: Demands;
  readonly #groups: Groups;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #longTicks: number;

  /** `longTicks`: who waits so long is told. */
  constructor(
    workers: Workers,
    demands: Demands,
    groups: Groups,
    send: (to: ProcessId, message: FromDaemon) => void,
    longTicks: number,
  ) {
    this.#longTicks = longTicks;
    this.#workers = workers;
    this.#demands = demands;
    this.#groups = groups;
    this.#send = send;
  }

  /** Once. Not of what is kept for others, or of a worker that is simply to come. `isSettingUp`: it waits for that and for nothing else. */
  tell(demand: Demand, isSettingUp: boolean): void {
    if (demand.told || demand.waited < this.#longTicks || this.#isInLine(demand)) return;
    if (isSettingUp) return this.#tellOfSetup(demand);
    // Of several bundles in which it could be the first speaks for all.
    const [[pool, names] = []] = new Supply(this.#groups).shortOf(demand);
    if (pool === undefined || names === undefined) return;
    demand.told = true;
    // CPUs lent by waiting calls can be owed for a moment when those go on.
    const free = Object.fromEntries(names.map((name) => [name, Math.max(0, amountOf(pool.available, name))]));
    const shortage = { free, holders: this.#holders(pool, names) };
    if (this.#groups.wish !== demand) return this.#starved(demand, shortage);
    const group = demand.request.resources;
    for (const waiting of this.#waitingFor(demand)) this.#starved(waiting, { ...shortage, group });
  }

  /** Others of its class are being made: of a thousand the last waits for long, and for nothing else. */
  #isInLine({ actor, name }: Demand): boolean {
    if (actor === undefined) return false;
    for (const { demand, ticks } of this.#workers.leases.values())
      if (demand.actor !== undefined && demand.name === name && ticks < this.#longTicks) return true;
    return false;
  }

  #tellOfSetup(demand: Demand): void {
    const { setup } = demand.env;
    if (setup === undefined) return;
    demand.told = true;
    this.#starved(demand, { free: {}, holders: [], setup });
  }

  #starved({ owner, shape, name, request, site }: Demand, shortage: Shortage): void {
    const actor = site === undefined ? {} : { actor: { name, request, site } };
    this.#send(owner, { type: "starved", shape, shortage, ...actor });
  }

  /** Whose calls wait for a group that waits to be reserved. */
  #waitingFor(wish: Demand): Demand[] {
    return this.#demands.inGroup(wish.shape).filter(({ lacking }) => lacking > 0);
  }

  #holders(of: Pool, names: readonly string[]): Holder[] {
    const holders = new Map<string, Holder>();
    if (of === this.#workers.node) {
      for (const { name, held } of this.#groups.holdings()) {
        const some = only(names, held);
        if (Object.keys(some).length > 0) holders.set(name, { name, calls: 0, waiting: 0, held: some });
      }
    }
    for (const { demand, resources, blocked, pool } of this.#workers.leases.values()) {
      if (pool !== of) continue;
      const held = only(names, blocked ? minus(resources, lendable(resources)) : resources);
      if (Object.keys(held).length === 0) continue;
      const { name, actor } = demand;
      const key = actor === undefined ? name : `actor ${name}`;
      const before = holders.get(key) ?? { name, calls: 0, waiting: 0, held: {} };
      const more =
        actor === undefined
          ? { calls: before.calls + 1, waiting: before.waiting + Number(blocked) }
          : { actors: (before.actors ?? 0) + 1 };
      holders.set(key, { ...before, ...more, held: plus(before.held, held) });
    }
    const size = ({ calls, actors = 0 }: Holder): number => calls + actors;
    return [...holders.values()].toSorted((one, other) => size(other) - size(one));
  }
}

/** Of these resources what there is of such names. */
function only(names: readonly string[], resources: Resources): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([name, units]) => names.includes(name) && units > 0));
}
