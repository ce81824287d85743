// The worker processes of this node and the leases on them.
//
//   starting   asked for, not ready yet
//   idle       ready, no lease
//   leased     one lease; more only while every lease on it is blocked, when no further process may be started
//   leaving    told to retire, or being ended; takes no lease
import type { ProcessId } from "../../domain/id.ts";
import { amountOf, gpusIn, lendable, minus, plus, type Resources } from "../../domain/resources.ts";
import { limitOf } from "../../domain/request.ts";
import type { LeaseId } from "../../protocol/daemon.ts";
import { keyOfEnv, type Env, type EnvKey } from "../../domain/runtime-env.ts";
import type { Demand, Kind, Lease, Pool, Worker } from "./lease.ts";
import { count } from "./shares.ts";
import type { ClusterInput } from "./step.ts";
import type { Grant } from "./supply.ts";

/** News of the end of a lease is on its way for moments: these are more than can end meanwhile. */
const ENDED_MAX = 16;

export class Workers {
  readonly all: Map<ProcessId, Worker> = new Map();
  readonly leases: Map<LeaseId, Lease> = new Map();
  readonly #kinds = new Map<EnvKey, Kind>();
  /** What is not reserved for placement groups. */
  readonly node: Pool;
  /** Several in a row have ended before they were ready: none is started until the next tick. */
  startsFail = false;
  #nextLease = 1;

  constructor(total: Resources) {
    this.node = { total, available: total, leases: 0 };
  }

  /** Processes in this environment. */
  kind(env: Env): Kind {
    const key = keyOfEnv(env);
    let kind = this.#kinds.get(key);
    if (kind === undefined) this.#kinds.set(key, (kind = { env, idle: [], size: 0, starting: 0, failedStarts: 0 }));
    return kind;
  }

  /** Forgets those that have no process. */
  tidyKinds(): void {
    for (const [key, kind] of this.#kinds) if (kind.size === 0) this.#kinds.delete(key);
  }

  get starting(): number {
    let starting = 0;
    for (const kind of this.#kinds.values()) starting += kind.starting;
    return starting;
  }

  /** Those that have been idle longest come first. */
  get idle(): Worker[] {
    return [...this.#kinds.values()].flatMap(({ idle }) => idle).toSorted((one, other) => other.rested - one.rested);
  }

  add(id: ProcessId, kind: Kind): Worker {
    const worker: Worker = {
      id,
      kind,
      address: "",
      pid: 0,
      state: "starting",
      leases: new Set(),
      job: undefined,
      owners: new Set(),
      ended: [],
      calls: new Map(),
      forced: "no",
      actor: undefined,
      rested: 0,
      spent: false,
    };
    this.all.set(id, worker);
    kind.size += 1;
    kind.starting += 1;
    return worker;
  }

  started({ worker: id, address, pid }: Extract<ClusterInput, { type: "started" }>): void {
    const worker = this.all.get(id);
    if (worker === undefined) return;
    worker.address = address;
    worker.pid = pid;
  }

  ready(worker: Worker): void {
    if (worker.forced !== "no") return;
    if (worker.state === "starting") worker.kind.starting -= 1;
    else if (worker.state !== "leaving") return;
    worker.kind.failedStarts = 0;
    this.#rest(worker);
  }

  lease(worker: Worker, demand: Demand, { resources, pool }: Grant): Lease {
    if (worker.state === "idle") isIdleNoMore(worker);
    worker.state = "leased";
    if (gpusIn(resources).length > 0) worker.spent = true;
    const { owner } = demand;
    const depth = this.depthOf(owner) + 1;
    const urgency = this.urgencyOf(demand);
    const lease: Lease = {
      id: this.nextId(),
      worker,
      demand,
      resources,
      pool,
      callsMax: Math.max(1, this.callsLeft(worker, demand)),
      depth,
      urgency,
      blocked: false,
      recalled: "no",
      late: 0,
      ticks: 0,
      orphanTicks: undefined,
    };
    worker.owners.add(owner);
    this.leases.set(lease.id, lease);
    worker.leases.add(lease);
    for (const party of [demand, demand.share]) party.leases.add(lease);
    count(lease, 1);
    worker.job = this.jobOf(owner);
    pool.available = minus(pool.available, resources);
    pool.leases += 1;
    return lease;
  }

  /** Of a lease, or of a seat at an actor: calls are known by these and the numbers of their tasks. */
  nextId(): LeaseId {
    this.#nextLease += 1;
    return this.#nextLease - 1;
  }

  /** It is made, and takes nothing any more. */
  shrink(lease: Lease): void {
    const { pool, resources, blocked } = lease;
    pool.available = plus(pool.available, blocked ? minus(resources, lendable(resources)) : resources);
    lease.resources = {};
  }

  /** Of processes with actors, which are bounded by what those ask for, and by memory. */
  get hosts(): number {
    let count = 0;
    for (const { actor } of this.all.values()) if (actor !== undefined) count += 1;
    return count;
  }

  /** The driver from whose program the calls of this process stem. */
  jobOf(process: ProcessId): ProcessId | undefined {
    const worker = this.all.get(process);
    return worker === undefined ? process : worker.job;
  }

  /** 0 for a driver; a worker is as deep as the deepest call it runs. */
  depthOf(process: ProcessId): number {
    let depth = 0;
    for (const lease of this.all.get(process)?.leases ?? []) depth = Math.max(depth, lease.depth);
    return depth;
  }

  urgencyOf({ owner, request }: Demand): number {
    let urgency = request.priority ?? 0;
    for (const lease of this.all.get(owner)?.leases ?? []) urgency = Math.max(urgency, lease.urgency);
    return urgency;
  }

  /** Workers all of whose calls wait for others, and that may take on more of them. */
  blockedOf(kind: Kind): number {
    let count = 0;
    for (const worker of this.all.values())
      if (worker.kind === kind && allBlocked(worker) && !apart(worker)) count += 1;
    return count;
  }

  /** All that runs waits for others: by itself no process comes to its end. */
  get allWait(): boolean {
    for (const worker of this.all.values()) if (worker.actor === undefined && !allBlocked(worker)) return false;
    return true;
  }

  /** Workers with a call that is to be apart. */
  get apart(): number {
    let count = 0;
    for (const worker of this.all.values()) if (apart(worker)) count += 1;
    return count;
  }

  block(lease: Lease, blocked: boolean): void {
    if (lease.blocked === blocked) return;
    lease.blocked = blocked;
    count(lease, blocked ? -1 : 1);
    const { pool, resources } = lease;
    // What is lent of a bundle stays in it.
    pool.available = (blocked ? plus : minus)(pool.available, lendable(resources));
  }

  end(lease: Lease): void {
    this.block(lease, false);
    this.leases.delete(lease.id);
    lease.worker.leases.delete(lease);
    count(lease, -1);
    for (const party of [lease.demand, lease.demand.share]) party.leases.delete(lease);
    const { pool } = lease;
    pool.available = plus(pool.available, lease.resources);
    pool.leases -= 1;
    if (lease.worker.leases.size > 0 || lease.worker.state !== "leased") return;
    if (lease.worker.forced === "no") this.#rest(lease.worker);
    else lease.worker.state = "leaving";
  }

  /** Calls of such a demand that the worker may still begin, under a further lease. */
  callsLeft({ calls, leases }: Worker, { request }: Demand): number {
    const { maxCalls } = request;
    if (maxCalls === undefined) return Infinity;
    const limit = limitOf(request);
    let left = maxCalls - (calls.get(limit) ?? 0);
    for (const { demand, callsMax } of leases) if (limitOf(demand.request) === limit) left -= callsMax;
    return left;
  }

  /** So many calls were begun under it. */
  count({ worker, demand: { request } }: Lease, begun: number): void {
    const { maxCalls } = request;
    if (maxCalls === undefined) return;
    const limit = limitOf(request);
    const all = (worker.calls.get(limit) ?? 0) + begun;
    worker.calls.set(limit, all);
    if (all >= maxCalls) worker.spent = true;
  }

  /** The worker has said so. */
  over(lease: Lease, begun: number): void {
    const { id, worker, demand } = lease;
    this.count(lease, begun);
    worker.ended = [...worker.ended.slice(1 - ENDED_MAX), { lease: id, begun, owner: demand.owner }];
  }

  /** It is asked to go, and ends, or answers `ready` if it has something left to do. */
  leave(worker: Worker): void {
    isIdleNoMore(worker);
    worker.state = "leaving";
  }

  /** It is not waited for any more. */
  abandon(worker: Worker): void {
    if (worker.state === "starting") worker.kind.starting -= 1;
    worker.state = "leaving";
    worker.forced = "alone";
  }

  remove(worker: Worker): void {
    for (const lease of [...worker.leases]) this.end(lease);
    if (worker.state === "starting") worker.kind.starting -= 1;
    if (worker.state === "idle") isIdleNoMore(worker);
    worker.kind.size -= 1;
    this.all.delete(worker.id);
  }

  /**
   * All of whose calls wait for others, so that one more call does not queue behind anything; the one with the fewest. With a call that
   * wants to be apart only where there is no other. `such`: one that may take it.
   */
  mostPatientOf(kind: Kind, such: (worker: Worker) => boolean = () => true): Worker | undefined {
    const patient = [...this.all.values()].filter(
      (worker) =>
        worker.kind === kind &&
        worker.forced === "no" &&
        worker.actor === undefined &&
        allBlocked(worker) &&
        such(worker),
    );
    return fewestLeases(patient.filter((worker) => !apart(worker))) ?? fewestLeases(patient);
  }

  stories(): string[] {
    return [...this.leases.values()].map((lease) => {
      const { id, worker, demand, blocked, recalled } = lease;
      return `lease ${id}: ${worker.id} for ${demand.owner}, shape "${demand.shape}", ${blocked ? "blocked, " : ""}recalled: ${recalled}`;
    });
  }

  /** `bundles`: those that are reserved, taken from the node. */
  check(bundles: readonly Pool[]): void {
    const pools = new Map([this.node, ...bundles].map((pool) => [pool, { free: pool.total, leases: 0 }]));
    const node = pools.get(this.node);
    for (const { total } of bundles) if (node !== undefined) node.free = minus(node.free, total);
    for (const lease of this.leases.values()) {
      const counted = pools.get(lease.pool);
      if (counted === undefined) throw new Error(`lease ${lease.id}: of what was given up`);
      counted.leases += 1;
      counted.free = minus(counted.free, lease.resources);
      if (lease.blocked) counted.free = plus(counted.free, lendable(lease.resources));
      if (!lease.worker.leases.has(lease) || !lease.demand.leases.has(lease))
        throw new Error(`lease ${lease.id}: not with its worker and its demand`);
    }
    for (const [pool, { free, leases }] of pools) checkPool(pool, free, leases);
    const idle = [...this.all.values()].filter((worker) => worker.state === "idle");
    if (idle.length !== this.idle.length)
      throw new Error(`idle workers: ${this.idle.length} listed, ${idle.length} are`);
    for (const kind of this.#kinds.values()) {
      const workers = [...this.all.values()].filter((worker) => worker.kind === kind);
      const starting = workers.filter(({ state }) => state === "starting").length;
      if (kind.size !== workers.length || kind.starting !== starting)
        throw new Error(`processes ${keyOfEnv(kind.env)}: ${kind.size} counted, ${kind.starting} of them starting`);
    }
    for (const worker of this.all.values()) {
      if ((worker.state === "leased") !== worker.leases.size > 0)
        throw new Error(`worker ${worker.id}: ${worker.state} with ${worker.leases.size} leases`);
    }
  }

  #rest(worker: Worker): void {
    worker.state = "idle";
    worker.rested = 0;
    worker.kind.idle.push(worker);
  }
}

function isIdleNoMore(worker: Worker): void {
  const { idle } = worker.kind;
  idle.splice(idle.lastIndexOf(worker), 1);
}

function checkPool({ total, available, leases: counted }: Pool, free: Resources, leases: number): void {
  if (leases !== counted) throw new Error(`a pool with ${leases} leases, said to have ${counted}`);
  for (const name of new Set([...Object.keys(free), ...Object.keys(available)])) {
    const said = amountOf(available, name);
    const left = amountOf(free, name);
    if (left !== said) throw new Error(`resource ${name}: ${said} units said to be free, ${left} are`);
    if (said > amountOf(total, name)) throw new Error(`resource ${name}: more free than exists`);
    if (said < 0 && name !== "CPU") throw new Error(`resource ${name}: ${-said} units more taken than exist`);
  }
}

function fewestLeases(workers: readonly Worker[]): Worker | undefined {
  const [first, ...others] = workers;
  return others.reduce((best, worker) => (worker.leases.size < (best?.leases.size ?? 0) ? worker : best), first);
}

function apart(worker: Worker): boolean {
  for (const { demand } of worker.leases) if (demand.request.apart === true) return true;
  return false;
}

function allBlocked(worker: Worker): boolean {
  if (worker.state !== "leased") return false;
  for (const lease of worker.leases) if (!lease.blocked) return false;
  return true;
}
