// The hands of the cluster brain: takes what clients say, carries out what it decides, and brings processes to life.
import type { ProcessId } from "#src/domain/id.js";
import type { WorkerLoss } from "#src/domain/object.js";
import { Cluster } from "#src/local/cluster/cluster.js";
import type { ClusterEffect, ClusterInput } from "#src/local/cluster/step.js";
import { DAEMON, type Channel, type Item } from "./channel.ts";
import { processName, type World } from "./world.ts";

export class Daemon {
  readonly cluster: Cluster;
  readonly #world: World;
  readonly #channels = new Map<ProcessId, Channel>();
  readonly #losses = new Map<ProcessId, WorkerLoss>();
  #spawned = 0;
  #ready = 0;

  constructor(world: World) {
    this.#world = world;
    this.cluster = new Cluster({
      nodeId: "node",
      address: DAEMON,
      total: world.profile.total,
      labels: {},
      nextWorkerId: () => processName("w", (this.#spawned += 1)),
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
        if (from.startsWith("w")) return this.#step({ type: "started", worker: from, address: `at ${from}`, pid: 1 });
        return this.#step({ type: "joined", process: from });
      case "toDaemon":
        return this.#step({ type: "message", from, message: item.message });
      case "end":
        return this.gone(from);
      default:
        return this.#world.violated("the simulation itself", `${item.kind} to the daemon`);
    }
  }

  gone(process: ProcessId): void {
    this.#step({ type: "gone", process, loss: process.startsWith("w") ? this.#losses.get(process) : undefined });
    this.#channels.delete(process);
  }

  tick(): void {
    this.#step({ type: "tick" });
  }

  #step(input: ClusterInput): void {
    this.#world.trace(DAEMON, "cluster", input);
    this.cluster.step(input);
    this.drain();
  }

  drain(): void {
    for (const effect of this.cluster.drain()) this.#perform(effect);
  }

  #perform(effect: ClusterEffect): void {
    const world = this.#world;
    world.trace(DAEMON, "cluster effect", effect);
    switch (effect.type) {
      case "send": {
        world.countSent(effect.message);
        const channel = this.#channels.get(effect.to);
        for (const item of world.mutate({ kind: "fromDaemon", message: effect.message })) channel?.write(item);
        // The daemon outlives everybody here, so nothing it wrote can be lost.
        return channel?.carryAll();
      }
      case "spawn":
        world.starting.add(effect.worker);
        return world.count("spawned");
      case "kill":
        world.count("orphans killed");
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
