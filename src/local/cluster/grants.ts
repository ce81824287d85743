// Who gets which worker now; and when nobody can get one, who is asked to give one up.
import type { ActorId } from "../../domain/actor.ts";
import type { ProcessId } from "../../domain/id.ts";
import { isLendable, secured, touches, type Resources } from "../../domain/resources.ts";
import type { FromDaemon } from "../../protocol/daemon.ts";
import type { Demands, Standing } from "./demands.ts";
import type { Groups } from "./groups.ts";
import type { Demand, Kind, Lease, Party, Pool, Worker } from "./lease.ts";
import type { Room } from "./room.ts";
import { hasOnlyLate, held, mayTake, parties, yielding } from "./shares.ts";
import { Starved } from "./starved.ts";
import type { ClusterOptions } from "./step.ts";
import { helps, Supply, type Grant, type Short } from "./supply.ts";
import type { Workers } from "./workers.ts";

/** Workers all of whose calls wait for others (or one per CPU, where that is more). Past it, waiting workers take on further calls, so that nesting cannot fork-bomb. */
const BLOCKED_WORKERS_MAX = 4;
/**
 * Processes of one kind that start at once (or one per CPU, where that is more): a start keeps a CPU busy for some 100 ms, which those that
 * are ready would want for calls.
 */
const STARTING_MAX = 4;
/** Processes of one node, whatever is asked for: calls that need no CPU are limited by nothing else. About 45 MB each. */
const WORKERS_MAX = 128;

/** One that waits, as tests see it. */
export interface Turn {
  readonly urgency: number;
  readonly starving: boolean;
  readonly request: Resources;
  /** A placement group that waits to be reserved. */
  readonly isGroup: boolean;
  readonly pools: readonly Pool[];
  /** One that it could use at once. */
  readonly hasProcess: boolean;
}

export class Grants {
  readonly #workers: Workers;
  readonly #demands: Demands;
  readonly #groups: Groups;
  readonly #send: (to: ProcessId, message: FromDaemon) => void;
  readonly #spawn: (kind: Kind) => void;
  readonly #host: (actor: ActorId, lease: Lease) => void;
  readonly #mayHost: (worker: Worker) => boolean;
  readonly #room: Room;
  readonly #starved: Starved;
  readonly #blockedMax: number;
  readonly #startingMax: number;
  readonly #onGrant: ClusterOptions["onGrant"];
  readonly #standing: Standing;

  constructor(
    workers: Workers,
    demands: Demands,
    groups: Groups,
    send: (to: ProcessId, message: FromDaemon) => void,
    spawn: (kind: Kind) => void,
    host: (actor: ActorId, lease: Lease) => void,
    mayHost: (worker: Worker) => boolean,
    room: Room,
    cpus: number,
    { starvedTicks, onGrant }: Pick<ClusterOptions, "starvedTicks" | "onGrant">,
  ) {
    this.#workers = workers;
    this.#demands = demands;
    this.#groups = groups;
    this.#send = send;
    this.#spawn = spawn;
    this.#host = host;
    this.#mayHost = mayHost;
    this.#room = room;
    this.#starved = new Starved(workers, demands, groups, send, starvedTicks);
    this.#standing = {
      depthOf: (owner) => workers.depthOf(owner),
      urgencyOf: (demand) => workers.urgencyOf(demand),
      groups: () => groups.reserved,
      hasRoom: (demand) => room.isFor(demand),
      wish: () => groups.wish,
    };
    this.#blockedMax = Math.max(BLOCKED_WORKERS_MAX, cpus);
    this.#startingMax = Math.max(STARTING_MAX, cpus);
    this.#onGrant = onGrant;
  }

  /** To be called after anything that may have made a grant possible or wanted. */
  settle(): void {
    while (this.#grantOne());
    const waiting = this.waiting();
    if (waiting.length === 0) return;
    this.#spawnFor(waiting);
    const able = this.#able(waiting);
    const allHave = able.every(({ share }) => share.calls > 0);
    const eachHas = able.every(({ calls }) => calls > 0);
    for (const demand of able) this.#reclaimFor(demand, (party) => (party === demand ? eachHas : allHave));
    this.#preemptFor(able);
  }

  #able(waiting: readonly Demand[]): Demand[] {
    return waiting.filter((demand) => !this.#isSettingUp(demand));
  }

  /** `runtimeEnv.setup` runs in processes for it, and may do so for minutes: others use meanwhile what it would get. */
  #isLater({ env }: Demand): boolean {
    return env.setup !== undefined && this.#workers.kind(env).starting > 0;
  }

  /** And in the first ones of their kind: nobody can give it a process. */
  #isSettingUp(demand: Demand): boolean {
    const { size, starting } = this.#workers.kind(demand.env);
    return this.#isLater(demand) && starting === size;
  }

  /**
   * Every tick: a demand that has nothing in progress gets the place of a call that was there at the last tick too, when that call
   * ends. With more submitters than CPUs they take turns; by the tick and not by the call, because changing hands costs a call or two.
   * So does one that has something but was granted nothing for long, from those that have as much: what it has may be one long call.
   */
  rotate(): void {
    const all = this.waiting();
    this.#demands.goOn(all);
    const waiting = all.filter(({ calls }) => calls === 0);
    let stepsBack = false;
    for (const demand of waiting) if (this.#demands.starve(demand)) stepsBack = true;
    if (stepsBack) this.settle();
    for (const demand of waiting) this.#starved.tell(demand, this.#isSettingUp(demand));
    const takers = this.#able(all).filter((demand) => mayTake(demand) || mayTake(demand.share));
    for (const lease of this.#workers.leases.values()) {
      lease.ticks += 1;
      if (lease.recalled !== "no") lease.late += 1;
      if (takers.length === 0 || lease.ticks < 2 || lease.blocked || lease.recalled === "yield" || isForLife(lease))
        continue;
      const taker = takers.findLastIndex((demand) => this.#gains(demand, lease));
      if (taker < 0) continue;
      takers.splice(taker, 1);
      this.#recall(lease, "yield");
    }
  }

  waiting(): Demand[] {
    return this.#demands.waiting(this.#standing);
  }

  /** The same, with what each could get; for tests. */
  turns(): Turn[] {
    return this.#able(this.waiting()).map((demand) => ({
      urgency: this.#workers.urgencyOf(demand),
      starving: demand.starving,
      request: demand.request.resources,
      isGroup: demand === this.#groups.wish,
      pools: this.#groups.poolsOf(demand),
      hasProcess: this.#processFor(demand) !== undefined,
    }));
  }

  /**
   * What a demand that has had nothing for a whole tick is short of is kept together for it: smaller ones would take each that becomes
   * free; and so is what it has enough of already, or it would lack that when the rest is there. It gets it in the end, because every call ends; and one that waits lends its CPUs. Calls that wait for others without a word
   * are why it steps back at times. Two things are not kept. CPUs, as long as something else is missing: others can use them meanwhile.
   * And what is held by a call that waits, and does not lend it: it may wait for a call that needs some of it too.
   */
  #grantOne(): boolean {
    const { node } = this.#workers;
    const kept = new Map<Pool, Set<string>>();
    const supply = this.#supply();
    const { wish } = this.#groups;
    for (const demand of this.#able(this.waiting())) {
      if (demand === wish && this.#groups.reserveOne(supply, kept.get(node))) return true;
      const pools = this.#groups.poolsOf(demand).filter((pool) => !touches(demand.request.resources, kept.get(pool)));
      const [first] = pools;
      if (first === undefined) continue;
      const grant = demand === wish ? undefined : supply.grantFor(demand, pools);
      if (grant === undefined) {
        if (demand.starving) this.#keep(demand, first, supply, kept);
        continue;
      }
      const worker = this.#processFor(demand);
      if (worker === undefined) {
        // What it will get when there is a process for it is not given to others meanwhile, nor to a group, which needs none.
        if (!this.#isLater(demand)) supply.take(grant);
        continue;
      }
      this.#grant(worker, demand, grant);
      return true;
    }
    return false;
  }

  #keep(demand: Demand, pool: Pool, supply: Supply, kept: Map<Pool, Set<string>>): void {
    const leases = [...this.#workers.leases.values()].filter((lease) => lease.pool === pool);
    const waitsWith = (name: string): boolean =>
      leases.some(({ blocked, resources }) => blocked && Object.hasOwn(resources, name));
    const names = kept.get(pool) ?? new Set();
    kept.set(pool, names);
    const short = supply.shortIn(demand, pool);
    const keeping = short.filter((name) => isLendable(name) || !waitsWith(name));
    for (const name of keeping) names.add(name);
    if (keeping.length < short.length) return;
    supply.take({ pool, resources: secured(demand.request.resources, supply.of(pool)) });
  }

  #supply(): Supply {
    return new Supply(this.#groups);
  }

  #processFor(demand: Demand): Worker | undefined {
    const { idle } = this.#workers.kind(demand.env);
    if (demand.actor !== undefined) return idle.findLast(this.#isHome);
    return idle.findLast(isFresh) ?? this.#patient(demand);
  }

  /**
   * What its process has of an actor counts for nothing, and ends with it: so it has to be one that others need nothing of, and that
   * waits for none itself.
   */
  readonly #isHome = (worker: Worker): boolean =>
    isFresh(worker) && this.#demands.of(worker.id).length === 0 && this.#mayHost(worker);

  /** A waiting worker that may take one more call, when no further process may be started for it. */
  #patient(demand: Demand): Worker | undefined {
    const kind = this.#workers.kind(demand.env);
    if (kind.starting > 0 || this.#maySpawn(kind, this.#needsFresh(demand))) return undefined;
    // Where there is no room for another, nor will be, one call more than a process should run is better than none.
    const isStuck = this.#isFull && this.#workers.allWait;
    return this.#patientFor(demand) ?? (isStuck ? this.#workers.mostPatientOf(kind) : undefined);
  }

  #patientFor(demand: Demand): Worker | undefined {
    const mayTake = (worker: Worker): boolean => this.#workers.callsLeft(worker, demand) > 0;
    return this.#workers.mostPatientOf(this.#workers.kind(demand.env), mayTake);
  }

  /** No waiting worker would do, however many there are: it is to be apart, or those have run all such calls that they may. */
  #needsFresh(demand: Demand): boolean {
    const { apart, maxCalls } = demand.request;
    return apart === true || (maxCalls !== undefined && this.#patientFor(demand) === undefined);
  }

  get #isFull(): boolean {
    return this.#workers.all.size - this.#workers.hosts >= WORKERS_MAX;
  }

  #maySpawn(kind: Kind, fresh: boolean): boolean {
    if (this.#workers.startsFail || this.#isFull) return false;
    return fresh || this.#workers.blockedOf(kind) < this.#blockedMax;
  }

  #grant(worker: Worker, demand: Demand, grant: Grant): void {
    const { resources } = grant;
    this.#onGrant?.(this.#workers.urgencyOf(demand));
    const lease = this.#workers.lease(worker, demand, grant);
    this.#demands.granted(demand, lease.id);
    if (demand.actor !== undefined) return this.#host(demand.actor, lease);
    this.#send(worker.id, { type: "leased", lease: lease.id, owner: demand.owner });
    const { shape, owner } = demand;
    const { id, address } = worker;
    const callsMax = lease.callsMax === Infinity ? {} : { callsMax: lease.callsMax };
    this.#send(owner, { type: "granted", lease: lease.id, shape, worker: id, address, resources, ...callsMax });
  }

  /** As many processes as the free resources could use, and not one more. */
  #spawnFor(waiting: readonly Demand[]): void {
    const supply = this.#supply();
    // Those that are being set up share what is free among themselves, and leave it to the others.
    const later = this.#supply();
    const { wish } = this.#groups;
    const needs = new Map<Kind, { usable: number; fresh: number; homes: number }>();
    let homes = 0;
    for (const demand of waiting) {
      const kind = this.#workers.kind(demand.env);
      const need = needs.get(kind) ?? { usable: 0, fresh: 0, homes: 0 };
      needs.set(kind, need);
      const fresh = this.#needsFresh(demand);
      const from = this.#isLater(demand) ? later : supply;
      for (let lacks = demand === wish ? 0 : demand.lacking; lacks > 0 && need.usable < WORKERS_MAX; lacks -= 1) {
        const grant = from.grantFor(demand);
        if (grant === undefined || (demand.actor !== undefined && !this.#room.has(homes + 1))) break;
        from.take(grant);
        need.usable += 1;
        if (fresh) need.fresh += 1;
        if (demand.actor === undefined) continue;
        need.homes += 1;
        homes += 1;
      }
    }
    for (const [kind, { usable, fresh, homes: wanted }] of needs) {
      const { idle } = kind;
      const lacking = Math.max(
        usable - idle.filter(isFresh).length,
        wanted > 0 ? wanted - idle.filter(this.#isHome).length : 0,
      );
      const atOnce = Math.min(lacking, this.#startingMax);
      while (kind.starting < atOnce && this.#maySpawn(kind, kind.starting < fresh)) this.#spawn(kind);
    }
  }

  /**
   * Idle leases of others end at once, where that helps; one of whoever has most ends after its running call: of more than the needy will
   * have then; or of as many as it has, when that is long calls and nobody waits who has nothing. They take turns then, call by call.
   */
  #reclaimFor(needy: Demand, haveAll: (party: Party) => boolean): void {
    const claiming: Party[] = [needy, needy.share].filter((party) => haveAll(party) && hasOnlyLate(party));
    let most: Lease | undefined;
    let mostAhead = -Infinity;
    const short = this.#short(needy);
    const urgency = this.#workers.urgencyOf(needy);
    for (const lease of this.#workers.leases.values()) {
      if (lease.demand === needy || lease.blocked || lease.recalled === "yield" || isForLife(lease)) continue;
      if (!this.#helps(lease, short, needy)) continue;
      // Of the more urgent only their owner knows that there are no more: the next may be on its way to the worker.
      if (lease.urgency > urgency) this.#spare(lease);
      else if (lease.recalled !== "idle") this.#recall(lease, "idle");
      const [own, others] = parties(needy, lease.demand);
      const ahead = others.calls - own.calls;
      if (ahead <= mostAhead || ahead < 0 || lease.urgency > urgency || yielding(others)) continue;
      if (ahead <= 1 && !claiming.includes(own)) continue;
      most = lease;
      mostAhead = ahead;
    }
    if (most === undefined) return;
    const [own] = parties(needy, most.demand);
    own.claims = claiming.includes(own);
    this.#recall(most, "yield");
  }

  /** Nobody waits for what is queued for less urgent calls: as many of their leases as it takes end after the running call. */
  #preemptFor(waiting: readonly Demand[]): void {
    const [first] = waiting;
    const highest = first === undefined ? 0 : this.#workers.urgencyOf(first);
    const coming = this.#supply();
    const victims: Lease[] = [];
    for (const lease of this.#workers.leases.values()) {
      if (lease.blocked || isForLife(lease)) continue;
      if (lease.recalled === "yield") coming.give(lease);
      else if (lease.urgency < highest) victims.push(lease);
    }
    if (victims.length === 0) return;
    victims.sort((one, other) => one.urgency - other.urgency);
    for (const demand of waiting) {
      for (let lacks = demand.lacking; lacks > 0 && victims.length > 0; lacks -= 1) {
        const grant = this.#makeRoom(demand, coming, victims);
        if (grant === undefined) break;
        coming.take(grant);
      }
    }
  }

  /** What the demand will get of what will be free. */
  #makeRoom(demand: Demand, coming: Supply, victims: Lease[]): Grant | undefined {
    const urgency = this.#workers.urgencyOf(demand);
    for (;;) {
      const got = coming.grantFor(demand);
      const short = coming.shortOf(demand);
      const at =
        got === undefined
          ? victims.findIndex((lease) => lease.urgency < urgency && this.#helps(lease, short, demand))
          : -1;
      const [victim] = at < 0 ? [] : victims.splice(at, 1);
      if (victim === undefined) return got;
      this.#recall(victim, "yield");
      coming.give(victim);
    }
  }

  /** Whether this demand would come nearer to a grant by the end of the lease, and may ask for it. */
  #gains(demand: Demand, lease: Lease): boolean {
    const [own, others] = parties(demand, lease.demand);
    if (lease.demand === demand || !mayTake(own) || others.calls < held(own)) return false;
    return lease.urgency <= this.#workers.urgencyOf(demand) && this.#helps(lease, this.#short(demand), demand);
  }

  #short(demand: Demand): Short {
    return this.#supply().shortOf(demand);
  }

  /** Others keep what they have as long as the process that would need it is being set up; but for a process. */
  #helps(lease: Lease, short: Short, demand: Demand): boolean {
    const kind = this.#workers.kind(demand.env);
    return helps(lease, short, kind) && (!this.#isLater(demand) || lease.worker.kind === kind);
  }

  #spare(lease: Lease): void {
    if (lease.recalled !== "no") return;
    lease.recalled = "spare";
    this.#send(lease.demand.owner, { type: "spare", lease: lease.id });
  }

  #recall(lease: Lease, when: "idle" | "yield"): void {
    lease.recalled = when;
    this.#send(lease.worker.id, { type: "recall", lease: lease.id, when });
  }
}

/** An actor has it: nobody can give it up but by its end. */
const isForLife = ({ demand }: Lease): boolean => demand.actor !== undefined;

/** It may run further calls. */
const isFresh = ({ spent }: Worker): boolean => !spent;
