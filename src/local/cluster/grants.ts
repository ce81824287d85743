// Who gets which worker now; and when nobody can get one, who is asked to give one up.
import type { ProcessId } from "../../domain/id.ts";
import { fits, granted, lendable, minus, type Resources } from "../../domain/resources.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import { active, type Demands } from "./demands.ts";
import type { Demand, Lease, Worker } from "./lease.ts";
import type { Workers } from "./workers.ts";

/** Workers all of whose calls wait for others (or two per CPU, where that is more). Past it, waiting workers take on further calls, so that nesting cannot fork-bomb. */
const BLOCKED_WORKERS_MAX = 16;
/** Processes of one node, whatever is asked for: calls that need no CPU are limited by nothing else. About 45 MB each. */
const WORKERS_MAX = 128;

export class Grants {
  readonly #workers: Workers;
  readonly #demands: Demands;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #spawn: () => void;
  readonly #blockedMax: number;

  constructor(
    workers: Workers,
    demands: Demands,
    send: (to: ProcessId, message: FromDaemon) => void,
    spawn: () => void,
    cpus: number,
  ) {
    this.#workers = workers;
    this.#demands = demands;
    this.#send = send;
    this.#spawn = spawn;
    this.#blockedMax = Math.max(BLOCKED_WORKERS_MAX, 2 * cpus);
  }

  /** To be called after anything that may have made a grant possible or wanted. */
  settle(): void {
    while (this.#grantOne());
    const waiting = this.#waiting();
    if (waiting.length === 0) return;
    this.#spawnFor(waiting);
    for (const demand of waiting) this.#reclaimFor(demand);
  }

  /**
   * Every tick: a demand that has nothing in progress gets the place of a call that was there at the last tick too, when that call
   * ends. With more submitters than CPUs they take turns; by the tick and not by the call, because changing hands costs a call or two.
   */
  rotate(): void {
    const waiting = this.#waiting().filter((demand) => active(demand) === 0);
    let stepsBack = false;
    for (const demand of waiting) if (this.#demands.starve(demand)) stepsBack = true;
    if (stepsBack) this.settle();
    for (const lease of this.#workers.leases.values()) {
      lease.ticks += 1;
      if (waiting.length === 0 || lease.ticks < 2 || lease.blocked || lease.recalled === "yield") continue;
      if (waiting.includes(lease.demand)) continue;
      waiting.pop();
      this.#recall(lease, "yield");
    }
  }

  #waiting(): Demand[] {
    return this.#demands.waiting((owner) => this.#workers.depthOf(owner));
  }

  /**
   * CPUs are kept together for a large demand that has had nothing for a whole tick: smaller ones would take each that becomes free.
   * It gets them in the end, because every call ends or waits, and lends its CPUs when it waits; calls that wait for others without
   * a word are why it steps back at times. Nothing else is kept: who holds other resources may wait for a call that needs some of
   * them too.
   */
  #grantOne(): boolean {
    let keepsCpus = false;
    for (const demand of this.#waiting()) {
      const cpus = lendable(demand.request.resources);
      if (keepsCpus && !isNone(cpus)) continue;
      const resources = granted(demand.request.resources, this.#workers.available);
      if (resources === undefined) {
        if (demand.starving && !fits(cpus, this.#workers.available)) keepsCpus = true;
        continue;
      }
      const worker = this.#workers.idle.at(-1) ?? this.#patient();
      if (worker === undefined) return false;
      this.#grant(worker, demand, resources);
      return true;
    }
    return false;
  }

  /** A waiting worker that may take one more call, when no further process may be started for it. */
  #patient(): Worker | undefined {
    if (this.#workers.starting > 0 || this.#maySpawn()) return undefined;
    return this.#workers.mostPatient;
  }

  #maySpawn(): boolean {
    if (this.#workers.startsFail) return false;
    return this.#workers.all.size < WORKERS_MAX && this.#workers.blocked < this.#blockedMax;
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
    for (const demand of waiting) {
      for (let lacks = demand.lacking; lacks > 0; lacks -= 1) {
        const resources = granted(demand.request.resources, available);
        if (resources === undefined) break;
        available = minus(available, resources);
        usable += 1;
        if (usable >= WORKERS_MAX) break;
      }
    }
    while (this.#workers.starting < usable - this.#workers.idle.length && this.#maySpawn()) this.#spawn();
  }

  /** Idle leases of others end at once; one of whoever has most ends after its running call. */
  #reclaimFor(needy: Demand): void {
    let most: Lease | undefined;
    let mostActive = active(needy) + 1;
    for (const lease of this.#workers.leases.values()) {
      if (lease.demand === needy || lease.blocked || lease.recalled === "yield") continue;
      if (lease.recalled === "no") this.#recall(lease, "idle");
      const has = active(lease.demand);
      if (has > mostActive && !yielding(lease.demand)) {
        most = lease;
        mostActive = has;
      }
    }
    if (most !== undefined) this.#recall(most, "yield");
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

function isNone(resources: Resources): boolean {
  for (const _name in resources) return false;
  return true;
}
