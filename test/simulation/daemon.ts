// The hands of the cluster brain: takes what clients say, carries out what it decides, and brings processes to life.
import { noEnv } from "#src/domain/runtime-env.js";
import type { ObjectId, ProcessId } from "#src/domain/id.js";
import { refsIn, type WorkerLoss } from "#src/domain/object.js";
import { granted, minus, type Resources } from "#src/domain/resources.js";
import { Cluster } from "#src/local/cluster/cluster.js";
import type { Pool } from "#src/local/cluster/lease.js";
import type { ClusterEffect, ClusterInput } from "#src/local/cluster/step.js";
import type { FromDaemon, ToDaemon } from "#src/protocol/daemon.js";
import type { Channel, Item } from "./channel.ts";
import type { FilesKnown } from "./files.ts";
import { WORKERS_MAX } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { DAEMON, isWorker, processName } from "./names.ts";
import { Timers } from "./timers.ts";

/** Of each time that it could: that a file has been moved. And that it could not be. */
const SPILLED_CHANCE = 0.1;
const NO_ROOM_CHANCE = 0.2;

export class Daemon implements FilesKnown {
  readonly cluster: Cluster;
  readonly #world: Machine;
  readonly #channels = new Map<ProcessId, Channel>();
  readonly #losses = new Map<ProcessId, WorkerLoss>();
  readonly #holds = new Map<string, number>();
  readonly #gone = new Set<ProcessId>();
  readonly #timers: Timers;
  /** Of files in memory, as it was told. */
  #storedBytes = 0;
  #spawned = 0;
  /** There were as many processes once as there may be. */
  crowded = false;
  /** Since somebody was granted something. */
  ticksWithoutGrant = 0;
  #ready = 0;

  constructor(world: Machine) {
    this.#world = world;
    this.#timers = new Timers({ spinning: false, stepped: () => {} }, world);
    this.cluster = new Cluster({
      ...world.profile.node,
      address: DAEMON,
      env: noEnv,
      storeBytesMax: world.profile.storeBytesMax,
      starvedTicks: 5,
      setupTicks: 60,
      nextWorkerId: () => processName("w", (this.#spawned += 1)),
      onGrant: (urgency) => this.#checkTurn(urgency),
    });
    this.drain();
  }

  get spawned(): number {
    return this.#spawned;
  }

  /** A client takes what the daemon sends from here. */
  connect(process: ProcessId): void {
    this.#channels.set(process, this.#world.channel(DAEMON, process));
  }

  channelTo(process: ProcessId): Channel | undefined {
    return this.#channels.get(process);
  }

  /** The operating system knows how a process ended; the daemon says so once everything it had sent is in. */
  died(process: ProcessId, loss: WorkerLoss): void {
    this.#losses.set(process, loss);
  }

  take(from: ProcessId, item: Item): void {
    switch (item.kind) {
      case "hello":
        if (isWorker(from)) return this.#step({ type: "started", worker: from, address: `at ${from}`, pid: 1 });
        return this.#step({ type: "joined", process: from });
      case "toDaemon":
        if (item.message.type === "ready") this.#world.heardReady(from);
        if (item.message.type === "store" && item.message.medium === "memory") this.#storedBytes += item.message.bytes;
        this.#step({ type: "message", from, message: item.message });
        return this.#noticeAlias(item.message);
      case "end":
        return this.gone(from);
      default:
        return this.#world.violated("the simulation itself", `${item.kind} to the daemon`);
    }
  }

  gone(process: ProcessId): void {
    this.#world.heardGone(process);
    this.#step({ type: "gone", process, loss: isWorker(process) ? this.#losses.get(process) : undefined });
    this.#channels.delete(process);
    this.#gone.add(process);
    const { files } = this.#world;
    const strays = files.straysOf(process, new Set(this.cluster.storedBy(process)));
    if (strays.length > 0 && this.#world.forgets("the daemon sweeps after the dead")) return;
    files.sweep(process, strays);
  }

  isGone(process: ProcessId): boolean {
    return this.#gone.has(process);
  }

  storedBy(process: ProcessId): readonly ObjectId[] {
    return this.cluster.storedBy(process);
  }

  get residentBytes(): number {
    return this.#storedBytes - this.cluster.freedBytes;
  }

  tick(): void {
    this.ticksWithoutGrant += 1;
    this.#step({ type: "tick" });
  }

  /** The machine is short of memory for a moment. */
  pressure(): void {
    for (const usedBytes of [99e9, 1e9])
      this.#step({ type: "memory", seen: { usedBytes, totalBytes: 100e9, byWorker: new Map() } });
  }

  #step(input: ClusterInput): void {
    this.#world.trace(DAEMON, "cluster", input);
    if (input.type === "message") this.#notice(input.from, input.message);
    this.cluster.step(input);
    this.drain();
  }

  #noticeAlias(message: ToDaemon): void {
    if (message.type !== "createActor") return;
    const of = this.cluster.inspect().aliases.get(message.id)?.id;
    if (of === undefined) return;
    this.#world.ledger.actors.isAlias(message.id, of);
    this.#world.count("actors that were there already");
  }

  /** Counts what each process holds besides the brain, only to see how often a release comes before its hold. */
  #notice(from: ProcessId, message: ToDaemon | FromDaemon): void {
    if (message.type === "share") this.#hold(message.id, from, 1);
    else if (message.type === "hold") this.#hold(message.id, message.process, 1);
    else if (message.type === "value") for (const id of refsIn(message.outcome)) this.#hold(id, from, 1);
    else if (message.type === "definition") for (const id of message.payload?.refs ?? []) this.#hold(id, from, 1);
    else if (message.type === "release") this.#hold(message.id, from, -message.count);
  }

  #hold(id: ObjectId, process: ProcessId, change: number): void {
    const key = `${process} ${id}`;
    const count = (this.#holds.get(key) ?? 0) + change;
    if (count === 0) this.#holds.delete(key);
    else this.#holds.set(key, count);
    if (count < 0 && change < 0) this.#world.count("released before held");
  }

  drain(): void {
    const effects = this.cluster.drain();
    for (const effect of effects) this.#perform(effect);
  }

  /** What is granted now nobody could have that is more urgent and still waits. */
  #checkTurn(urgency: number): void {
    this.ticksWithoutGrant = 0;
    const waiting = this.cluster.waiting();
    if (waiting.length > 1 && urgency !== 0) this.#world.count("grants to the more urgent");
    const free = new Map<Pool, Resources>();
    const before = waiting.filter((other) => other.urgency > urgency);
    // Whose turn it is among equals the brain knows.
    for (const other of before.toSorted((left, right) => right.urgency - left.urgency)) {
      const pool = other.pools.find((at) => granted(other.request, free.get(at) ?? at.available) !== undefined);
      // Whole groups had their turn before calls had theirs, and there was not enough.
      if (other.isGroup || pool === undefined) {
        // From here on something is kept for one that has waited long, and may be what the others lack.
        if (other.starving) return;
        continue;
      }
      if (other.hasProcess)
        this.#world.violated("the more urgent come first", `a grant of ${urgency} before ${JSON.stringify(other)}`);
      // It is kept for it until its process is there.
      const available = free.get(pool) ?? pool.available;
      free.set(pool, minus(available, granted(other.request, available) ?? {}));
    }
  }

  /** Takes its time, and the disk may have no room. */
  #spill(id: ObjectId): void {
    const { files, random } = this.#world;
    files.beginMove(id);
    this.#timers.start(`spill ${id}`, SPILLED_CHANCE, () =>
      this.#step({ type: "spilled", id, done: files.endMove(id, !random.chance(NO_ROOM_CHANCE)) }),
    );
  }

  #perform(effect: ClusterEffect): void {
    const world = this.#world;
    world.trace(DAEMON, "cluster effect", effect);
    switch (effect.type) {
      case "send": {
        world.countSent(effect.message);
        if (effect.message.type === "answer") world.checkGivenUp(effect.to, effect.message.ask);
        this.#notice(effect.to, effect.message);
        if (effect.message.type === "retire") world.checkUnreachable(effect.to);
        const channel = this.#channels.get(effect.to);
        for (const item of world.mutate({ kind: "fromDaemon", message: effect.message })) channel?.write(item);
        // The daemon outlives everybody here, so nothing it wrote can be lost.
        return channel?.carryAll();
      }
      case "spawn":
        world.envs.set(effect.worker, effect.env);
        world.starting.add(effect.worker);
        this.crowded ||= this.cluster.inspect().workers >= WORKERS_MAX;
        return world.count("spawned");
      case "spill":
        return this.#spill(effect.id);
      case "unstore":
        world.checkUnneeded(effect.id);
        return world.forgets("the daemon removes a file") ? undefined : world.files.remove(effect.id);
      case "kill":
        world.count(whyKilled(effect));
        return world.killById(effect.worker);
      case "ready":
        this.#ready += 1;
        if (this.#ready > 1) world.violated("ready is said once", "said again");
        return;
      case "broken":
        return world.violated("the cluster does not give up", JSON.stringify(effect.loss));
    }
  }
}

function whyKilled({ reason, outOfMemory }: Extract<ClusterEffect, { type: "kill" }>): string {
  if (outOfMemory === true) return "workers ended for their memory";
  return reason === undefined ? "orphans killed" : "workers ended by force";
}
