// One simulated machine: processes, channels, and the truth about them. What happens next is the scheduler's (schedule.ts).
import type { ObjectId, ProcessId } from "#src/domain/id.js";
import type { WorkerLoss } from "#src/domain/object.js";
import type { FromDaemon, ToDaemon } from "#src/protocol/daemon.js";
import type { FromWorker } from "#src/protocol/worker.js";
import type { Env } from "#src/domain/runtime-env.js";
import { RESOURCE_UNIT, withGpus } from "#src/domain/resources.js";
import { SeededRandom } from "#src/std/random.js";
import { Bag } from "./bag.ts";
import { Channel, type Item, type Pools } from "./channel.ts";
import type { Client } from "./client.ts";
import { Daemon } from "./daemon.ts";
import { Driver } from "./driver.ts";
import { isBroken, isEndless } from "./environments.ts";
import { Programs } from "./generate.ts";
import { Files } from "./files.ts";
import { Ledger } from "./ledger.ts";
import type { Machine, Running } from "./machine.ts";
import type { Mutation, Omission } from "./mutation.ts";
import { DAEMON, processName } from "./names.ts";
import { drawProfile, type Profile, type ProfileLimits } from "./profile.ts";
import { checkTaken } from "./taken.ts";
import { Trace } from "./trace.ts";
import type { TaskTruth } from "./truth.ts";
import { must, Violation } from "./violation.ts";
import { Worker } from "./worker.ts";

/** One less than what the cluster puts up with. */
const STARTS_FAILED_MAX = 2;

const SETUP_FAILED: WorkerLoss = { pid: 1, exitCode: 78, signal: null, lastStderr: "" };
const KILLED: WorkerLoss = { pid: 1, exitCode: null, signal: "SIGKILL", lastStderr: "" };
const NOT_SET_UP: WorkerLoss = { ...KILLED, reason: "it was not ready" };

export class World implements Machine {
  readonly random: SeededRandom;
  readonly profile: Profile;
  readonly programs: Programs;
  readonly ledger: Ledger;
  readonly files: Files;
  readonly daemon: Daemon;
  readonly pools: Pools = { carriable: new Bag<Channel>(), takable: new Bag<Channel>() };
  readonly clients: Map<ProcessId, Client> = new Map();
  /** Asked for by the cluster, not yet alive. */
  readonly starting: Bag<ProcessId> = new Bag();
  /** Processes that never will be ready. */
  readonly settingUp: Set<ProcessId> = new Set();
  readonly envs: Map<ProcessId, Env> = new Map();
  readonly unflushed: Bag<Client> = new Bag();
  readonly runnable: Bag<Running> = new Bag();
  readonly hungry: Bag<Driver> = new Bag();
  /** Objects that definitions have captured: kept for as long as the cluster runs. */
  readonly captured: ObjectId[] = [];
  /** Files of functions and classes, which nobody can make again. */
  readonly bodies: Set<ObjectId> = new Set();
  readonly coverage: Map<string, number> = new Map();
  readonly log: Trace = new Trace();
  /** No new work and no faults: everything is to come to its end. */
  stopping = false;
  readonly #fates = new Map<ProcessId, "killed" | "left">();
  readonly #mutation: Mutation | undefined;
  /** All channels both of whose ends live. */
  readonly #ends: Channel[] = [];
  #drivers = 0;
  /** Workers that died before the daemon heard that they are ready: those it has heard of since it last heard of a ready one, and the others. */
  #failedStarts = 0;
  readonly #unready = new Set<ProcessId>();
  readonly #ready = new Set<ProcessId>();

  constructor(seed: number, limits: ProfileLimits = {}, mutation?: Mutation) {
    this.random = new SeededRandom(seed);
    this.profile = drawProfile(this.random, limits);
    this.programs = new Programs(this.random, this.profile);
    const drivers = (): number => this.drivers().length;
    const joined = (): number => this.#drivers;
    this.ledger = new Ledger(this.profile.node, {
      fateOf: (process) => this.#fates.get(process),
      get driversGone() {
        return drivers() < joined();
      },
    });
    this.files = new Files(this.profile.storeBytesMax, (what) => this.count(what));
    this.#mutation = mutation;
    this.daemon = new Daemon(this);
    for (let index = 0; index < this.profile.drivers; index += 1) this.join();
  }

  get crowded(): boolean {
    return this.daemon.crowded;
  }

  get now(): number {
    return this.log.event;
  }

  channel(from: ProcessId, to: ProcessId, replies = false): Channel {
    const daemonChannel = from === DAEMON || to === DAEMON ? undefined : this.clients.get(from)?.toDaemon;
    const slow = this.random.chance(this.profile.slowChannels);
    return new Channel({ from, to, replies, slow }, this.pools, daemonChannel);
  }

  /** Both directions between an owner and a worker; the one for calls. */
  openDirect(owner: ProcessId, worker: ProcessId): Channel {
    const calls = this.channel(owner, worker);
    const replies = this.channel(worker, owner, true);
    const there = this.clients.get(worker);
    if (there instanceof Worker) {
      there.accept(owner, replies);
      this.#ends.push(calls, replies);
    } else {
      // Nobody accepts: the connection fails at once.
      calls.receiverGone();
      replies.writerGone();
    }
    return calls;
  }

  join(): void {
    this.#drivers += 1;
    const driver = new Driver(processName("d", this.#drivers), this);
    this.#born(driver);
    this.hungry.add(driver);
  }

  /** A process that was asked for begins to run. */
  awake(id: ProcessId): void {
    this.starting.delete(id);
    if (isBroken(this.envs.get(id))) return this.#neverReady(id, "setups failed", SETUP_FAILED);
    if (isEndless(this.envs.get(id))) this.settingUp.add(id);
    else this.#born(new Worker(id, this));
  }

  #born(client: Client): void {
    this.clients.set(client.id, client);
    this.daemon.connect(client.id);
    this.#ends.push(client.toDaemon);
    const fromDaemon = this.daemon.channelTo(client.id);
    if (fromDaemon !== undefined) this.#ends.push(fromDaemon);
    this.count(client instanceof Worker ? "workers started" : "drivers joined");
  }

  workers(): Worker[] {
    return [...this.clients.values()].filter((client) => client instanceof Worker);
  }

  drivers(): Driver[] {
    return [...this.clients.values()].filter((client) => client instanceof Driver);
  }

  /** Before it said hello. */
  killStarting(id: ProcessId): void {
    if (!this.#mayFailToStart(id)) return;
    this.starting.delete(id);
    this.#neverReady(id, "killed before hello", KILLED);
  }

  #neverReady(id: ProcessId, what: string, loss: WorkerLoss): void {
    this.#fates.set(id, "killed");
    this.trace(id, what, loss.exitCode);
    this.count(what);
    this.daemon.died(id, loss);
    this.daemon.gone(id);
  }

  /** The cluster gives up after three in a row, and rightly so. */
  #mayFailToStart(worker: ProcessId): boolean {
    if (this.#unready.size + this.#failedStarts >= STARTS_FAILED_MAX) return false;
    this.#unready.add(worker);
    return true;
  }

  /** The daemon has heard that a process is gone. */
  heardGone(process: ProcessId): void {
    if (this.#unready.delete(process)) this.#failedStarts += 1;
  }

  /** The daemon has heard that a worker is ready. */
  heardReady(worker: ProcessId): void {
    this.#ready.add(worker);
    this.#failedStarts = 0;
  }

  killById(id: ProcessId): void {
    const client = this.clients.get(id);
    if (client !== undefined) this.kill(client, "by the daemon");
    if (this.settingUp.delete(id)) this.#neverReady(id, "setups that did not end", NOT_SET_UP);
  }

  /** SIGKILL: of what it wrote, the kernel has some. */
  kill(client: Client, why: string): void {
    if (client instanceof Worker && !this.#ready.has(client.id) && !this.#mayFailToStart(client.id)) return;
    this.trace(client.id, "killed", why);
    client.drain();
    for (const channel of this.#ends)
      if (channel.from === client.id) channel.carry(this.random.pick([0, 0, 1, 3, 1_000]));
    if (client instanceof Worker) this.count(`workers killed ${phaseOf(client)}`);
    else this.count("drivers killed");
    this.#bury(client, "killed", KILLED);
  }

  /** `process.exit` in a call: the hands write what they have, then the process ends. */
  exit(worker: Worker, loss: WorkerLoss): void {
    this.count("exits");
    worker.endTurn();
    this.writeAll(worker);
    this.#bury(worker, "killed", loss);
  }

  retire(worker: Worker): void {
    this.count("retired");
    if (worker.resident === undefined) this.ledger.leaves(worker.id);
    this.writeAll(worker);
    // Whoever makes things for others, and ends for a reason of its own, takes them with it.
    const fate = worker.resident === undefined ? "left" : "killed";
    this.#bury(worker, fate, { pid: 1, exitCode: 0, signal: null, lastStderr: "" });
  }

  /** A driver calls `shutdown`, whatever goes on. */
  leave(driver: Driver): void {
    this.count("drivers left");
    driver.close();
    driver.goOnAlone();
    this.writeAll(driver);
    this.#bury(driver, "left", KILLED);
  }

  /** Everything it has written goes to the kernel. */
  writeAll(client: Client): void {
    for (const channel of this.#ends) if (channel.from === client.id) channel.carryAll();
  }

  #bury(client: Client, fate: "killed" | "left", loss: WorkerLoss): void {
    client.alive = false;
    this.#fates.set(client.id, fate);
    this.clients.delete(client.id);
    this.unflushed.delete(client);
    if (client instanceof Driver) this.hungry.delete(client);
    for (const sleeper of client.sleepers) this.runnable.delete(sleeper);
    for (const frame of client.frames) {
      this.runnable.delete(frame);
      if (frame.task !== undefined) frame.task.running -= 1;
    }
    this.daemon.died(client.id, loss);
    const ends = this.#ends.splice(0);
    for (const channel of ends) {
      if (channel.from === client.id) channel.writerGone();
      else if (channel.to === client.id) channel.receiverGone();
      if (channel.from !== client.id && channel.to !== client.id) this.#ends.push(channel);
    }
  }

  turned(client: Client): void {
    if (this.random.chance(this.profile.prompt)) this.writeAll(client);
  }

  /** What is to be written in place of this: a mutation may drop, double or change it. */
  mutate(item: Item): readonly Item[] {
    return this.#mutation === undefined ? [item] : this.#mutation.apply(item);
  }

  forgets(what: Omission): boolean {
    return this.#mutation?.forgets(what) === true;
  }

  lives(process: ProcessId): boolean {
    return this.clients.has(process);
  }

  /** A call begins on this worker. */
  begun(worker: Worker): void {
    this.count("calls begun");
    if ([...worker.running.values()].at(-1)?.call.group !== undefined) this.count("calls begun in groups");
    if (worker.running.size > 1) this.count("calls begun beside waiting ones");
    checkTaken(this.workers(), withGpus(this.profile.node.total));
  }

  /** What is said to be free again is used by nobody. */
  checkGivenUp(process: ProcessId, ask: number): void {
    const question = this.clients.get(process)?.asks.question(ask);
    if (typeof question !== "object" || !("removeGroup" in question)) return;
    const group = question.removeGroup;
    this.count("groups given up");
    for (const worker of this.workers())
      for (const taking of worker.taking)
        if (taking.group?.id === group)
          this.violated("nothing runs in a group that is gone", `${worker.id} in ${group}`);
  }

  /** In this process only, and alone in its name. */
  hosted(worker: Worker): void {
    const { resident } = worker;
    for (const other of this.workers()) {
      if (other === worker || other.resident === undefined || resident === undefined) continue;
      const told = (): string => `${resident.id} in ${worker.id}, ${other.resident?.id ?? ""} in ${other.id}`;
      must(other.resident.id !== resident.id, "an actor lives at one place", told);
      const leaves = this.daemon.cluster.inspect().actors.get(other.resident.id)?.state === "leaving";
      const namesake = resident.name !== "" && other.resident.name === resident.name;
      must(leaves || !namesake, "names are unique among the living", told);
    }
  }

  /** The cluster has decided that this process may end: nobody else may have a handle of the actor in it. */
  checkUnreachable(process: ProcessId): void {
    const worker = this.clients.get(process);
    if (!(worker instanceof Worker) || worker.resident === undefined) return;
    this.count("actors that nobody could reach any more");
    const handles = this.ledger.actors.handlesOf(worker.resident.id);
    const isHandOn = (item: Item): boolean =>
      item.kind === "toDaemon" && item.message.type === "hold" && handles.includes(item.message.id);
    // What it hands on after it was asked comes too late.
    if (worker.toDaemon.has(isHandOn)) {
      this.count("handles that were handed on too late");
      worker.resident.truth.tooLate = true;
      return;
    }
    for (const { id, owner } of this.clients.values())
      if (id !== process && handles.some((handle) => owner.isKept(handle)))
        this.violated("no actor ends that somebody can reach", `${worker.resident.id}, kept by ${id}`);
  }

  checkUnneeded(file: ObjectId): void {
    for (const { id, owner } of this.clients.values())
      if (owner.isKept(file)) this.violated("no file is removed that somebody needs", `${file}, kept by ${id}`);
  }

  trace(where: string, what: string, detail: unknown): void {
    this.log.add(where, what, detail);
  }

  count(what: string, by = 1): void {
    this.coverage.set(what, (this.coverage.get(what) ?? 0) + by);
  }

  waited({ spec, begun, since }: TaskTruth): void {
    if (spec.dependencies.length > 0 || begun !== 1) return;
    const cpus = (spec.request.resources["CPU"] ?? 0) / RESOURCE_UNIT;
    this.most(`most events until a call of ${cpus} CPUs began`, this.now - since);
  }

  most(what: string, value: number): void {
    this.coverage.set(what, Math.max(this.coverage.get(what) ?? 0, value));
  }

  countSaid(message: ToDaemon): void {
    this.count(`said ${message.type}`);
  }

  countSent(message: FromDaemon): void {
    this.count(`sent ${message.type}`);
    if (message.type === "granted" && message.shape.includes('"apart":true')) this.count("sent granted, apart");
  }

  countReturned(message: Extract<FromWorker, { type: "returned" }>): void {
    if (message.tasks.length > 0)
      this.count(
        `calls returned${message.over ? ", lease over" : ""}${message.blocked ? ", worker blocked" : ""}`,
        message.tasks.length,
      );
  }

  violated(invariant: string, detail: string): never {
    throw new Violation(invariant, detail);
  }
}

function phaseOf(worker: Worker): string {
  if (worker.resident !== undefined) return worker.resident.made ? "with an actor" : "with an actor to be";
  if (worker.running.size === 0) return "idle";
  const waiting = [...worker.running.keys()].filter((frame) => frame.waiting).length;
  if (waiting === worker.running.size) return "waiting";
  return worker.running.size > 1 ? "running beside waiting" : "running";
}
