// BRAIN TWO: what the daemon knows and decides about processes, resources, leases and shared objects. Inputs in, effects out.
import { unreachable } from "../../std/invariant.ts";
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { WorkerLoss } from "../../domain/object.ts";
import { envFor, refusalOf } from "../../domain/request.ts";
import { RESOURCE_UNIT, withGpus } from "../../domain/resources.ts";
import type { FromDaemon, LeaseId, ToDaemon } from "../../protocol/daemon.ts";
import { Actors } from "./actors.ts";
import { answerTo } from "./answers.ts";
import { Definitions } from "./definitions.ts";
import { Demands } from "./demands.ts";
import { Departures } from "./departures.ts";
import { Dropped } from "./dropped.ts";
import { endedOf, onlyOrphans, toldLoss } from "./ended.ts";
import { Fates } from "./fates.ts";
import { Grants, type Turn } from "./grants.ts";
import { Groups } from "./groups.ts";
import { SharedObjects } from "./objects.ts";
import { Spills } from "./spills.ts";
import type { Inspection } from "./inspection.ts";
import type { Demand, Lease } from "./lease.ts";
import { Relief } from "./pressure.ts";
import { Room } from "./room.ts";
import { Starts } from "./starts.ts";
import type { ClusterEffect, ClusterInput, ClusterOptions, MemoryLook } from "./step.ts";
import { Workers } from "./workers.ts";

/** Ticks that a call whose owner is gone may take to end by itself. */
const ORPHAN_TICKS_MAX = 2;

type Message<T extends ToDaemon["type"]> = Extract<ToDaemon, { type: T }>;

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #drivers = new Set<ProcessId>();
  readonly #workers: Workers;
  readonly #demands = new Demands();
  readonly #spills: Spills;
  readonly #objects: SharedObjects;
  readonly #definitions: Definitions;
  readonly #groups: Groups;
  readonly #grants: Grants;
  readonly #actors: Actors;
  readonly #departures: Departures;
  readonly #relief = new Relief();
  readonly #room: Room;
  readonly #dropped: Dropped;
  readonly #starts: Starts;
  readonly #fates = new Fates();
  #effects: ClusterEffect[] = [];

  constructor(options: ClusterOptions) {
    this.#options = options;
    const cpus = Math.max(1, Math.ceil((options.total["CPU"] ?? 0) / RESOURCE_UNIT));
    const send = (to: ProcessId, message: FromDaemon): void => this.#send(to, message);
    const alive = (process: ProcessId): boolean => this.#alive(process);
    this.#workers = new Workers(withGpus(options.total));
    const emit = (effect: ClusterEffect): void => void this.#effects.push(effect);
    this.#spills = new Spills(options.storeBytesMax, (id) => emit({ type: "spill", id }));
    const unstore = (id: ObjectId): void => emit({ type: "unstore", id });
    this.#objects = new SharedObjects(send, alive, this.#fates, this.#spills, unstore, () => this.#actors);
    this.#definitions = new Definitions(this.#objects, send, alive);
    this.#groups = new Groups(this.#workers.node, send, alive);
    this.#actors = new Actors({
      ...{ options, send, alive, emit },
      objects: this.#objects,
      definitions: this.#definitions,
      workers: this.#workers,
      demands: this.#demands,
      wanted: (demand) => this.#wanted(demand),
    });
    const refuse = (demand: Demand, loss: WorkerLoss): void => this.#refuse(demand, loss);
    this.#room = new Room(this.#workers, this.#demands, this.#groups, refuse);
    this.#dropped = new Dropped(this.#workers, this.#actors, this.#groups, this.#room);
    this.#grants = new Grants(
      this.#workers,
      this.#demands,
      this.#groups,
      send,
      (kind) => this.#starts.spawn(kind),
      (actor, lease) => this.#actors.host(actor, lease),
      ({ id }) => this.#objects.isFree(id) && !this.#actors.owes(id),
      this.#room,
      cpus,
      options,
    );
    this.#starts = new Starts(this.#workers, this.#demands, options, cpus, emit, refuse);
    this.#departures = new Departures({
      workers: this.#workers,
      demands: this.#demands,
      groups: this.#groups,
      grants: this.#grants,
      starts: this.#starts,
      objects: this.#objects,
      actors: this.#actors,
      send,
      emit,
    });
    this.#starts.keepBase();
  }

  drain(): ClusterEffect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  step(input: ClusterInput): void {
    switch (input.type) {
      case "joined":
        return void this.#drivers.add(input.process);
      case "message":
        return this.#message(input.from, input.message);
      case "started":
        return this.#workers.started(input);
      case "gone":
        return this.#gone(input.process, input.loss);
      case "memory":
        return this.#looked(input.seen);
      case "spilled":
        return this.#objects.spilled(input.id, input.done);
      case "tick":
        return this.#tick();
      default:
        return unreachable(input, "the cluster brain");
    }
  }

  #message(from: ProcessId, message: ToDaemon): void {
    if (!this.#alive(from)) return;
    switch (message.type) {
      case "demand":
        return this.#demand(from, message);
      case "giveBack":
        return this.#departures.giveBack(from, message);
      case "endWorker":
        return this.#departures.endWorker(from, message);
      case "full":
        return this.#spills.full();
      case "share":
      case "store":
      case "hold":
      case "heard":
      case "release":
      case "publish":
      case "lost":
      case "outlives":
      case "subscribe":
        return this.#objects.message(from, message);
      case "define":
      case "travels":
      case "undefine":
      case "fetch":
        return this.#definitions.message(from, message);
      case "ask":
        return this.#asked(from, message);
      case "createGroup":
        if (!this.#groups.create(message, from, this.#workers.jobOf(from))) this.#tellOfGroups();
        return this.#grants.settle();
      case "awaits":
        this.#objects.stillAwaited(message.on, from);
        return this.#actors.message(from, message);
      case "createActor":
      case "actorArgs":
      case "actorFailed":
      case "actorMade":
      case "actorLeaves":
      case "seek":
        this.#actors.message(from, message);
        return this.#grants.settle();
      default:
        return this.#workerMessage(from, message);
    }
  }

  #workerMessage(from: ProcessId, message: Message<"ready" | "blocked" | "unblocked" | "leaseOver">): void {
    const worker = this.#workers.all.get(from);
    if (worker === undefined) return;
    switch (message.type) {
      case "ready":
        this.#workers.ready(worker);
        this.#starts.ready();
        return this.#grants.settle();
      case "blocked":
      case "unblocked": {
        const lease = this.#leaseOn(from, message.lease);
        if (lease === undefined) return;
        this.#workers.block(lease, message.type === "blocked");
        return this.#grants.settle();
      }
      case "leaseOver": {
        const lease = this.#leaseOn(from, message.lease);
        if (lease === undefined) return;
        if (lease.demand.actor !== undefined) return this.#actors.answered(lease.demand.actor);
        this.#workers.over(lease, message.begun);
        return this.#departures.end(lease);
      }
      default:
        return unreachable(message, "the cluster brain");
    }
  }

  #leaseOn(worker: ProcessId, id: LeaseId): Lease | undefined {
    const lease = this.#workers.leases.get(id);
    return lease?.worker.id === worker ? lease : undefined;
  }

  #demand(owner: ProcessId, message: Message<"demand">): void {
    const { shape, request, lacking } = message;
    if (refusalOf(request, this.#options) !== undefined) {
      const { nodeId, total, labels } = this.#options;
      if (lacking > 0) this.#send(owner, { type: "unschedulable", shape, node: { nodeId, total, labels } });
      return;
    }
    const env = envFor(request, this.#workers.all.get(owner)?.kind.env ?? this.#options.env);
    const demand = this.#demands.set(owner, message, env);
    this.#wanted(demand);
    this.#demands.tidy(demand);
    this.#grants.settle();
  }

  #wanted(demand: Demand): void {
    this.#groups.wanted(demand);
    this.#endIfGone(demand);
  }

  /** In a placement group that is gone. */
  #endIfGone(demand: Demand): boolean {
    const gone = this.#groups.endIfGone(demand);
    if (gone === undefined) return false;
    demand.lacking = 0;
    if (demand.actor !== undefined) this.#actors.groupGone(demand.actor, gone);
    return true;
  }

  /** No process can be started for it. */
  #refuse({ owner, shape, actor }: Demand, loss: WorkerLoss): void {
    if (actor === undefined) return this.#send(owner, { type: "setupFailed", shape, loss });
    this.#actors.refuse(actor, loss);
  }

  /** Of placement groups that are gone, or were never made. */
  #tellOfGroups(): void {
    const ended = this.#groups.tell();
    for (const demand of ended.flatMap((group) => this.#demands.inGroup(group))) {
      if (!this.#endIfGone(demand) || demand.actor !== undefined) continue;
      // Those that are idle end without their owner, which ends what runs on the others.
      for (const lease of demand.leases) if (lease.recalled !== "yield") this.#departures.recall(lease, "yield");
      this.#demands.tidy(demand);
    }
    this.#groups.sweep();
  }

  #looked(seen: MemoryLook): void {
    if (this.#room.looked(seen)) this.#grants.settle();
    const victim = this.#relief.victim(this.#workers.leases.values(), seen);
    if (victim !== undefined) this.#effects.push({ type: "kill", ...victim, outOfMemory: true });
  }

  #gone(process: ProcessId, loss: WorkerLoss | undefined): void {
    const worker = this.#workers.all.get(process);
    if (worker === undefined && !this.#drivers.delete(process)) return;
    if (worker !== undefined) {
      const { state, kind } = worker;
      const demands = [...worker.leases].map((lease) => lease.demand);
      this.#workers.remove(worker);
      for (const demand of demands) this.#demands.tidy(demand);
      if (state === "starting") this.#starts.failed(kind, toldLoss(worker, loss));
    }
    for (const demand of this.#demands.of(process)) {
      if (demand.actor !== undefined) continue;
      for (const lease of demand.leases) {
        lease.orphanTicks = 0;
        this.#send(lease.worker.id, { type: "recall", lease: lease.id, when: "over" });
        if (worker?.forced === "tree" && onlyOrphans(lease.worker)) this.#departures.force(lease.worker, "tree");
      }
    }
    this.#demands.remove(process);
    const told = toldLoss(worker, loss);
    this.#fates.note(process, worker && told, this.#actors.byId.get(worker?.actor ?? ""));
    this.#objects.gone(process);
    this.#definitions.gone(process);
    if (worker !== undefined) this.#actors.lost(worker, told);
    this.#actors.processGone(process);
    this.#groups.gone(process, told.retired !== true);
    const actor = this.#actors.fateOf(worker?.actor);
    for (const owner of worker?.owners ?? [])
      this.#send(owner, { type: "workerLost", worker: process, loss: told, ended: endedOf(worker, owner), actor });
    this.#tellOfGroups();
    this.#starts.goOn(told);
    this.#grants.settle();
  }

  #tick(): void {
    this.#relief.tick();
    this.#actors.tick();
    const isFull = this.#spills.tick();
    if (this.#dropped.tick(() => this.#grants.waiting()) || isFull)
      for (const process of [...this.#drivers, ...this.#workers.all.keys()]) this.#send(process, { type: "collect" });
    for (const lease of [...this.#workers.leases.values()]) {
      if (lease.orphanTicks === undefined) continue;
      lease.orphanTicks += 1;
      if (lease.orphanTicks > ORPHAN_TICKS_MAX && onlyOrphans(lease.worker))
        this.#effects.push({ type: "kill", worker: lease.worker.id });
    }
    this.#departures.tick();
    this.#starts.tick();
    this.#room.tick();
    this.#departures.sendHome();
    if (this.#starts.tryAgain()) this.#grants.settle();
    this.#grants.rotate();
  }

  #alive(process: ProcessId): boolean {
    return this.#drivers.has(process) || this.#workers.all.has(process);
  }

  #send(to: ProcessId, message: FromDaemon): void {
    if (this.#alive(to)) this.#effects.push({ type: "send", to, message });
  }

  #asked(from: ProcessId, { ask, question }: Message<"ask">): void {
    if (typeof question === "object" && "removeGroup" in question) {
      this.#groups.remove(question.removeGroup, { process: from, ask });
      this.#tellOfGroups();
      return this.#grants.settle();
    }
    const known = { options: this.#options, node: this.#workers.node, groups: this.#groups, actors: this.#actors };
    const answer = answerTo(question, known, from);
    this.#send(from, { type: "answer", ask, answer });
    this.#grants.settle();
  }

  inspect(): Inspection {
    return {
      drivers: this.#drivers.size,
      workers: this.#workers.all.size,
      starting: this.#workers.starting,
      idle: this.#workers.idle.length,
      apart: this.#workers.apart,
      leases: this.#workers.leases.size,
      demands: this.#demands.size,
      objects: this.#objects.size,
      booked: this.#objects.booked,
      groups: this.#groups.size,
      actors: this.#actors.byId,
      aliases: this.#actors.aliases,
      available: this.#workers.node.available,
    };
  }

  /** The objects the daemon knows, for tests. */
  sharedObjects(): ObjectId[] {
    return this.#objects.ids();
  }

  /** What this process has put into the store and somebody holds. */
  storedBy(process: ProcessId): ObjectId[] {
    return this.#objects.storedBy(process);
  }

  /** Of the memory of the store: what has gone from there since the beginning. */
  get freedBytes(): number {
    return this.#spills.freedBytes;
  }

  /** Who waits for leases, whose turn it is first; for tests. */
  waiting(): Turn[] {
    return this.#grants.turns();
  }

  /** What is left and why, for tests and reports. */
  stories(): string[] {
    return [
      ...this.#objects.stories(),
      ...this.#workers.stories(),
      ...this.#demands.stories(),
      ...this.#groups.stories(),
      ...this.#actors.stories(),
    ];
  }

  /** Whole-state invariants, for tests: throws with what is wrong. */
  check(): void {
    this.#objects.check();
    this.#spills.check();
    this.#groups.check();
    this.#actors.check();
    this.#workers.check(this.#groups.bundles);
  }
}
