// Hands of the cluster brain: channels to the driver and to workers, processes, output; carries out what the brain decides.
import { rmSync } from "node:fs";
import type { ProcessId } from "../../domain/id.ts";
import type { Env } from "../../domain/runtime-env.ts";
import { setupMs, starvedMs } from "../../domain/limits.ts";
import type { WorkerLoss } from "../../domain/object.ts";
import { Cluster } from "../cluster/cluster.ts";
import type { ClusterEffect } from "../cluster/step.ts";
import {
  PROTOCOL_VERSION,
  type ClientToDaemon,
  type DaemonSettings,
  type DaemonToClient,
  type Hello,
  type WorkerSettings,
} from "../../protocol/hello.ts";
import { startTicker, whileProgress, within } from "../../std/clock.ts";
import { deferred, type Deferred } from "../../std/deferred.ts";
import { unreachable } from "../../std/invariant.ts";
import { randomHex } from "../../std/random.ts";
import { inNextTurn } from "../../std/turns.ts";
import { Connection } from "../../wire/connection.ts";
import type { Duplex } from "../../wire/duplex.ts";
import { daemonEnd } from "../coding/daemon.ts";
import { ensureFolder, restFile, workerSocket } from "../folder.ts";
import { messageOf } from "../../std/message-of.ts";
import { Descendants } from "./descendants.ts";
import { heapOf, MemoryWatch } from "./memory-watch.ts";
import { Outputs } from "./outputs.ts";
import { Storage } from "./storage.ts";
import { WorkerProcess } from "./spawning.ts";

/** Rest and rotation in the brain are counted in these. */
const TICK_MS = 100;

type Channel = Connection<DaemonToClient, ClientToDaemon>;

export class Daemon {
  /** Resolves when the session is to end: true, when a driver is there to hear of it. */
  readonly over: Deferred<boolean> = deferred<boolean>();
  readonly #settings: DaemonSettings;
  readonly #env: NodeJS.ProcessEnv;
  readonly #cluster: Cluster;
  readonly #outputs: Outputs;
  readonly #memory = new MemoryWatch();
  readonly #descendants = new Descendants(process.pid);
  readonly #storage: Storage;
  readonly #driver: Channel;
  readonly #channels = new Map<ProcessId, Channel>();
  readonly #workers = new Map<ProcessId, WorkerProcess>();
  #ending = false;
  #onAllGone: (() => void) | undefined;
  /** How many workers have. */
  #ended = 0;
  #onDrained: (() => void) | undefined;

  constructor(settings: DaemonSettings, env: NodeJS.ProcessEnv, driver: Duplex) {
    this.#settings = settings;
    this.#env = env;
    this.#storage = new Storage(settings.store, (id, done) => {
      this.#cluster.step({ type: "spilled", id, done });
      this.#carryOut();
    });
    const { nodeId, total, labels, runtimeEnv } = settings;
    const starvedTicks = starvedMs / TICK_MS;
    this.#cluster = new Cluster({
      nodeId,
      address: "127.0.0.1",
      total,
      labels,
      env: runtimeEnv,
      starvedTicks,
      storeBytesMax: settings.store.memoryBytesMax,
      setupTicks: setupMs / TICK_MS,
      nextWorkerId: () => randomHex(8),
    });
    this.#driver = new Connection(driver, daemonEnd);
    this.#outputs = new Outputs(
      (output) => this.#driver.send(output),
      (held) => this.#holdPipes(held),
    );
  }

  /** Starts the workers, then listens to the driver: the processes come up meanwhile. */
  start(): void {
    this.#carryOut();
    const { driver } = this.#settings;
    this.#driver.open({
      message: (message) => this.#fromDriver(message),
      turn: () => this.#carryOut(),
      drained: () => this.#onDrained?.(),
      closed: () => {
        this.#onDrained?.();
        this.#channels.delete(driver);
        this.over.resolve(false);
      },
    });
    startTicker(TICK_MS, () => {
      this.#memory.look(this.#workers.values(), (seen) => this.#cluster.step({ type: "memory", seen }));
      this.#storage.tick();
      this.#descendants.tick();
      this.#cluster.step({ type: "tick" });
      this.#carryOut();
    });
  }

  /** Ends the session without having been asked to by its driver, who is told why. */
  end(reason: string, unready = false): void {
    this.#driver.send({ type: "ending", reason, unready });
    this.over.resolve(true);
  }

  /** Ends all workers but those of actors that clean up. Resolves when all are gone, or time is over. */
  async endActors(ms: number): Promise<void> {
    this.#ending = true;
    for (const [id, worker] of this.#workers) {
      if (!worker.cleansUp) worker.kill();
      else this.#channels.get(id)?.send({ type: "cleanUp" });
      this.#channels.get(id)?.flush();
    }
    if ([...this.#workers.values()].some(({ cleansUp }) => cleansUp)) await within(ms, this.#allGone());
  }

  /** Ends all workers and reads their last output. Resolves when all are gone, or neither they nor the driver move any more. */
  async endWorkers(patienceMs: number): Promise<void> {
    this.#ending = true;
    for (const worker of this.#workers.values()) worker.kill();
    // While the driver takes output that was read, more is not.
    const left = (): number =>
      this.#workers.size === 0 ? 0 : Number.MAX_SAFE_INTEGER - this.#outputs.lastSeen - this.#ended;
    await whileProgress(patienceMs, () => this.#allGone(), left);
  }

  #allGone(): Promise<void> {
    return new Promise((resolve) => (this.#onAllGone = resolve));
  }

  /** The driver's answer to `leave`, after the last output. Resolves when it has left, or the driver takes nothing any more. */
  async sayLeft(patienceMs: number): Promise<void> {
    this.#driver.send({ type: "left" });
    this.#driver.flush();
    const left = (): number => (this.#driver.closed ? 0 : this.#driver.waiting);
    const drained = (): Promise<void> => new Promise((resolve) => (this.#onDrained = resolve));
    await whileProgress(patienceMs, drained, left);
  }

  #fromDriver(message: ClientToDaemon): void {
    switch (message.type) {
      case "hello":
        if (!this.#welcome(message, "driver")) return this.#driver.destroy();
        this.#channels.set(message.process, this.#driver);
        return this.#cluster.step({ type: "joined", process: message.process });
      case "leave":
        return this.over.resolve(true);
      case "seen":
        return this.#outputs.seen(message.number);
      case "rest":
        return this.#giveRest(message.after);
      case "suspect":
        return this.#workers.get(message.worker)?.kill(message.reason);
      default:
        return this.#cluster.step({ type: "message", from: this.#settings.driver, message });
    }
  }

  #fromWorker(worker: WorkerProcess, message: ClientToDaemon): void {
    switch (message.type) {
      case "hello":
        if (!this.#welcome(message, "worker") || message.process !== worker.id) return worker.kill();
        return this.#cluster.step({ type: "started", worker: worker.id, address: message.address, pid: message.pid });
      case "ready":
        worker.ready();
        this.#memory.ready(worker);
        return this.#cluster.step({ type: "message", from: worker.id, message });
      case "actorMade":
        worker.cleansUp = message.cleansUp;
        return this.#cluster.step({ type: "message", from: worker.id, message });
      case "suspect":
        return this.#workers.get(message.worker)?.kill(message.reason);
      case "leave":
      case "seen":
      case "rest":
        return;
      case "store":
        this.#storage.told(worker.id, message);
        return this.#cluster.step({ type: "message", from: worker.id, message });
      default:
        return this.#cluster.step({ type: "message", from: worker.id, message });
    }
  }

  #welcome(hello: Hello, role: Hello["role"]): boolean {
    return hello.version === PROTOCOL_VERSION && hello.role === role && hello.token === this.#settings.token;
  }

  #carryOut(): void {
    for (let effects = this.#cluster.drain(); effects.length > 0; effects = this.#cluster.drain()) {
      for (const effect of effects) this.#effect(effect);
    }
    this.#storage.freed(this.#cluster.freedBytes);
    for (const channel of this.#channels.values()) channel.flush();
  }

  #effect(effect: ClusterEffect): void {
    switch (effect.type) {
      case "send":
        return this.#channels.get(effect.to)?.send(effect.message);
      case "spawn":
        return this.#spawn(effect.worker, effect.env);
      case "kill":
        return this.#workers.get(effect.worker)?.kill(effect.reason, effect.outOfMemory);
      case "unstore":
        return this.#storage.remove(effect.id);
      case "spill":
        return this.#storage.spill(effect.id);
      case "ready":
        return this.#driver.send({ type: "started" });
      case "broken":
        return this.end(whyBroken(effect.loss), true);
      default:
        return unreachable(effect, "the daemon");
    }
  }

  #spawn(id: ProcessId, { envVars, workingDir, execArgv: more = [], setup, memory }: Env): void {
    if (this.#ending) return;
    const { folder, execArgv } = this.#settings;
    try {
      ensureFolder(folder);
    } catch (error) {
      return this.end(`its folder for sockets was removed and cannot be made again: ${messageOf(error)}`);
    }
    const output = {
      lines: (to: "stdout" | "stderr", pid: number, name: string, text: Uint8Array): void => {
        if (this.#settings.logToDriver) this.#outputs.add(to, pid, name, text);
      },
    };
    const what = {
      settings: this.#workerSettings(id, setup),
      execArgv: [...execArgv, ...more, ...heapOf(memory)],
      env: envVars === undefined ? this.#env : { ...this.#env, ...envVars },
      cwd: workingDir,
    };
    const worker = new WorkerProcess(what, output, {
      ended: () => this.#descendants.endWith(id),
      gone: (loss) => this.#gone(id, loss),
    });
    this.#workers.set(id, worker);
    if (memory !== undefined) this.#memory.bound(worker, memory);
    if (this.#outputs.held) worker.hold(true);
    if (worker.channel === undefined) return;
    const channel: Channel = new Connection(worker.channel, daemonEnd);
    this.#channels.set(id, channel);
    channel.open({
      message: (message) => this.#fromWorker(worker, message),
      turn: () => this.#carryOut(),
      closed: () => worker.channelClosed(),
    });
  }

  #workerSettings(id: ProcessId, setup: Env["setup"]): WorkerSettings {
    const { folder, store, sessionId, jobId, nodeId, token, namespace, gpus, worker } = this.#settings;
    return {
      folder,
      store,
      storeNumber: this.#storage.join(id),
      sessionId,
      jobId,
      nodeId,
      token,
      namespace,
      gpus,
      ...worker,
      setup,
      process: id,
      daemonPid: process.pid,
      mark: `\u001eray-ts:${randomHex(8)}:`,
    };
  }

  #gone(id: ProcessId, loss: WorkerLoss): void {
    this.#workers.delete(id);
    this.#channels.delete(id);
    rmSync(workerSocket(this.#settings.folder, id), { force: true });
    if (!this.#ending) {
      this.#cluster.step({ type: "gone", process: id, loss });
      this.#carryOut();
      this.#storage.gone(id, this.#cluster.storedBy(id));
    }
    this.#ended += 1;
    if (this.#workers.size === 0) this.#onAllGone?.();
  }

  #holdPipes(held: boolean): void {
    for (const worker of this.#workers.values()) worker.hold(held);
  }

  /** The driver waits in place for the file. What was in the pipes when it asked has been read after two turns of the event loop. */
  #giveRest(after: number): void {
    const give = (): void => {
      for (const worker of this.#workers.values()) worker.handOnPartial();
      this.#outputs.writeRest(after, restFile(this.#settings.folder));
    };
    inNextTurn(() => inNextTurn(give));
  }
}

function whyBroken({ exitCode, signal, lastStderr, reason }: WorkerLoss): string {
  if (reason !== undefined) return reason;
  const end = signal !== null ? `ended by ${signal}` : `exit code ${exitCode}`;
  const last = lastStderr === "" ? "" : `. The last one printed:\n${lastStderr.trimEnd()}`;
  return `its workers end before they are ready: ${end}${last}`;
}
