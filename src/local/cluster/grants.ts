// Who gets which worker now; and when nobody can get one, who is asked to give one up.
import type { ProcessId } from "../../domain/id.ts";
import type { Holder } from "../../domain/request.ts";
import { granted, isLendable, lendable, minus, plus, shortage, type Resources } from "../../domain/resources.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import { active, isOverdue, type Demands, type Standing } from "./demands.ts";
import type { Demand, Lease, Worker } from "./lease.ts";
import type { Workers } from "./workers.ts";

/** Workers all of whose calls wait for others (or one per CPU, where that is more). Past it, waiting workers take on further calls, so that nesting cannot fork-bomb. */
const BLOCKED_WORKERS_MAX = 4;
/** Processes of one node, whatever is asked for: calls that need no CPU are limited by nothing else. About 45 MB each. */
const WORKERS_MAX = 128;

export class Grants {
  readonly #workers: Workers;
  readonly #demands: Demands;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #spawn: () => void;
  readonly #blockedMax: number;
  readonly #starvedTicks: number;
  readonly #standing: Standing;

  constructor(
    workers: Workers,
    demands: Demands,
    send: (to: ProcessId, message: FromDaemon) => void,
    spawn: () => void,
    bounds: { readonly cpus: number; readonly starvedTicks: number },
  ) {
    this.#workers = workers;
    this.#demands = demands;
    this.#send = send;
    this.#spawn = spawn;
    this.#standing = {
      depthOf: (owner) => workers.depthOf(owner),
      urgencyOf: (demand) => workers.urgencyOf(demand),
    };
    this.#blockedMax = Math.max(BLOCKED_WORKERS_MAX, bounds.cpus);
    this.#starvedTicks = bounds.starvedTicks;
  }

  /** To be called after anything that may have made a grant possible or wanted. */
  settle(): void {
    while (this.#grantOne());
    const waiting = this.waiting();
    if (waiting.length === 0) return;
    this.#spawnFor(waiting);
    for (const demand of waiting) this.#reclaimFor(demand);
    this.#preemptFor(waiting);
  }

  /**
   * Every tick: a demand that has nothing in progress gets the place of a call that was there at the last tick too, when that call
   * ends. With more submitters than CPUs they take turns; by the tick and not by the call, because changing hands costs a call or two.
   * So does one that has something but was granted nothing for long, from those that have as much: what it has may be one long call.
   */
  rotate(): void {
    const all = this.waiting();
    for (const demand of all) demand.ungranted += 1;
    const waiting = all.filter((demand) => active(demand) === 0);
    let stepsBack = false;
    for (const demand of waiting) if (this.#demands.starve(demand)) stepsBack = true;
    if (stepsBack) this.settle();
    for (const demand of waiting) if (demand.waited >= this.#starvedTicks && !demand.told) this.#tell(demand);
    const takers = all.filter((demand) => active(demand) === 0 || isOverdue(demand));
    for (const lease of this.#workers.leases.values()) {
      lease.ticks += 1;
      if (takers.length === 0 || lease.ticks < 2 || lease.blocked || lease.recalled === "yield") continue;
      const taker = takers.findLastIndex((demand) => this.#gains(demand, lease));
      if (taker < 0) continue;
      takers.splice(taker, 1);
      this.#recall(lease, "yield");
    }
  }

  waiting(): Demand[] {
    return this.#demands.waiting(this.#standing);
  }

  /**
   * What a demand that has had nothing for a whole tick is short of is kept together for it: smaller ones would take each that becomes
   * free. It gets it in the end, because every call ends; and one that waits lends its CPUs. Calls that wait for others without a word
   * are why it steps back at times. Two things are not kept. CPUs, as long as something else is missing: others can use them meanwhile.
   * And what is held by a call that waits, and does not lend it: it may wait for a call that needs some of it too.
   */
  #grantOne(): boolean {
    const { available, idle } = this.#workers;
    const kept = new Set<string>();
    for (const demand of this.waiting()) {
      if (touches(demand.request.resources, kept)) continue;
      const resources = granted(demand.request.resources, available);
      if (resources === undefined) {
        if (demand.starving) for (const name of this.#keepable(demand)) kept.add(name);
        continue;
      }
      const worker = idle.at(-1) ?? this.#patient(demand);
      if (worker === undefined) return false;
      this.#grant(worker, demand, resources);
      return true;
    }
    return false;
  }

  #keepable(demand: Demand): readonly string[] {
    const names = decisive(shortage(demand.request.resources, this.#workers.available));
    const leases = [...this.#workers.leases.values()];
    const waitsWith = (name: string): boolean => leases.some(({ blocked, resources }) => blocked && name in resources);
    return names.filter((name) => isLendable(name) || !waitsWith(name));
  }

  /** A waiting worker that may take one more call, when no further process may be started for it. */
  #patient({ request }: Demand): Worker | undefined {
    if (this.#workers.starting > 0 || this.#maySpawn(request.apart === true)) return undefined;
    return this.#workers.mostPatient;
  }

  #maySpawn(apart: boolean): boolean {
    if (this.#workers.startsFail) return false;
    return this.#workers.all.size < WORKERS_MAX && (apart || this.#workers.blocked < this.#blockedMax);
  }

  #grant(worker: Worker, demand: Demand, resources: Resources): void {
    const lease = this.#workers.lease(worker, demand, resources);
    this.#demands.granted(demand, lease.id);
    this.#send(worker.id, { type: "leased", lease: lease.id, owner: demand.owner });
    const { shape, owner } = demand;
    const { id, address } = worker;
    this.#send(owner, { type: "granted", lease: lease.id, shape, worker: id, address, resources });
  }

  /** As many processes as the free resources could use, and not one more. */
  #spawnFor(waiting: readonly Demand[]): void {
    let available: Resources = this.#workers.available;
    let usable = 0;
    let apart = 0;
    for (const demand of waiting) {
      for (let lacks = demand.lacking; lacks > 0; lacks -= 1) {
        const resources = granted(demand.request.resources, available);
        if (resources === undefined) break;
        available = minus(available, resources);
        usable += 1;
        if (demand.request.apart === true) apart += 1;
        if (usable >= WORKERS_MAX) break;
      }
    }
    const workers = this.#workers;
    while (workers.starting < usable - workers.idle.length && this.#maySpawn(workers.starting < apart)) this.#spawn();
  }

  /** Idle leases of others end at once, where that helps; one of whoever has most ends after its running call. */
  #reclaimFor(needy: Demand): void {
    let most: Lease | undefined;
    let mostActive = active(needy) + 1;
    const short = this.#short(needy);
    const urgency = this.#workers.urgencyOf(needy);
    for (const lease of this.#workers.leases.values()) {
      if (lease.demand === needy || lease.blocked || lease.recalled === "yield" || !helps(lease, short)) continue;
      // The owner of calls with a priority gives it back as soon as it has no more: a recall could overtake the next of them.
      const comesBack = lease.urgency > urgency && lease.demand.request.priority !== undefined;
      if (lease.recalled === "no" && !comesBack) this.#recall(lease, "idle");
      const has = active(lease.demand);
      if (has > mostActive && lease.urgency <= urgency && !yielding(lease.demand)) {
        most = lease;
        mostActive = has;
      }
    }
    if (most !== undefined) this.#recall(most, "yield");
  }

  /** Nobody waits for what is queued for less urgent calls: as many of their leases as it takes end after the running call. */
  #preemptFor(waiting: readonly Demand[]): void {
    const [first] = waiting;
    const highest = first === undefined ? 0 : this.#workers.urgencyOf(first);
    let coming = this.#workers.available;
    const victims: Lease[] = [];
    for (const lease of this.#workers.leases.values()) {
      if (lease.blocked) continue;
      if (lease.recalled === "yield") coming = plus(coming, lease.resources);
      else if (lease.urgency < highest) victims.push(lease);
    }
    if (victims.length === 0) return;
    victims.sort((one, other) => one.urgency - other.urgency);
    for (const demand of waiting) {
      for (let lacks = demand.lacking; lacks > 0 && victims.length > 0; lacks -= 1) {
        const [room, resources] = this.#makeRoom(demand, coming, victims);
        coming = room;
        if (resources === undefined) break;
        coming = minus(coming, resources);
      }
    }
  }

  /** What will be free, and what of it the demand will get. */
  #makeRoom(demand: Demand, free: Resources, victims: Lease[]): [Resources, Resources | undefined] {
    const { resources } = demand.request;
    const urgency = this.#workers.urgencyOf(demand);
    let coming = free;
    for (;;) {
      const got = granted(resources, coming);
      const short = decisive(shortage(resources, coming));
      const at = got === undefined ? victims.findIndex((lease) => lease.urgency < urgency && helps(lease, short)) : -1;
      const [victim] = at < 0 ? [] : victims.splice(at, 1);
      if (victim === undefined) return [coming, got];
      this.#recall(victim, "yield");
      coming = plus(coming, victim.resources);
    }
  }

  /** Who waits for long hears for what, and who has it. Not of what is kept for others, or of a worker that is to come. */
  #tell(demand: Demand): void {
    const short = this.#short(demand);
    if (short.length === 0) return;
    demand.told = true;
    const { available } = this.#workers;
    // CPUs lent by waiting calls can be owed for a moment when those go on.
    const free = Object.fromEntries(short.map((name) => [name, Math.max(0, available[name] ?? 0)]));
    const shortage = { free, holders: this.#holders(short) };
    this.#send(demand.owner, { type: "starved", shape: demand.shape, shortage });
  }

  #holders(names: readonly string[]): Holder[] {
    const holders = new Map<string, Holder>();
    for (const { demand, resources, blocked } of this.#workers.leases.values()) {
      const held = only(names, blocked ? minus(resources, lendable(resources)) : resources);
      if (Object.keys(held).length === 0) continue;
      const before = holders.get(demand.name) ?? { name: demand.name, calls: 0, held: {} };
      holders.set(demand.name, { name: demand.name, calls: before.calls + 1, held: plus(before.held, held) });
    }
    return [...holders.values()].toSorted((one, other) => other.calls - one.calls);
  }

  /** Whether this demand would come nearer to a grant by the end of the lease, and may ask for it. */
  #gains(demand: Demand, lease: Lease): boolean {
    if (lease.demand === demand || active(lease.demand) < active(demand)) return false;
    return lease.urgency <= this.#workers.urgencyOf(demand) && helps(lease, this.#short(demand));
  }

  #short(demand: Demand): readonly string[] {
    return decisive(shortage(demand.request.resources, this.#workers.available));
  }

  #recall(lease: Lease, when: "idle" | "yield"): void {
    lease.recalled = when;
    this.#send(lease.worker.id, { type: "recall", lease: lease.id, when });
  }
}

function yielding(demand: Demand): boolean {
  for (const lease of demand.leases) if (lease.recalled === "yield") return true;
  return false;
}

/** Of these resources what there is of such names. */
function only(names: readonly string[], resources: Resources): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([name, units]) => names.includes(name) && units > 0));
}

/** Of what is missing, what has to come first: as long as something else is, others can use the CPUs. */
function decisive(short: readonly string[]): readonly string[] {
  const others = short.filter((name) => !isLendable(name));
  return others.length > 0 ? others : short;
}

/** Whose request fits, and lacks no more than a worker, is helped by any. */
function helps(lease: Lease, short: readonly string[]): boolean {
  return short.length === 0 || short.some((name) => name in lease.resources);
}

function touches(resources: Resources, names: ReadonlySet<string>): boolean {
  if (names.size === 0) return false;
  for (const name in resources) if (names.has(name)) return true;
  return false;
}
