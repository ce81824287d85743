// What the hands of a simulated process see of the world around it. The world (world.ts) is built of them, so they know it by this alone.
import type { ObjectId, ProcessId } from "#src/domain/id.js";
import type { WorkerLoss } from "#src/domain/object.js";
import type { Env } from "#src/domain/runtime-env.js";
import type { FromDaemon, ToDaemon } from "#src/protocol/daemon.js";
import type { FromWorker } from "#src/protocol/worker.js";
import type { SeededRandom } from "#src/std/random.js";
import type { Bag } from "./bag.ts";
import type { Channel, Item } from "./channel.ts";
import type { Programs } from "./generate.ts";
import type { Files } from "./files.ts";
import type { Ledger } from "./ledger.ts";
import type { Omission } from "./mutation.ts";
import type { Profile } from "./profile.ts";
import type { TaskTruth } from "./truth.ts";

/** A process that can be ended. */
export interface Mortal {
  readonly id: ProcessId;
  readonly alive: boolean;
}

/** A process whose turn of the event loop can end. */
export interface Turning {
  readonly spinning: boolean;
  endTurn(): void;
}

/** Something that goes on by itself when it is its turn. */
export interface Running {
  step(): void;
  /** Is told afterwards that something happened in it. */
  readonly process: { stepped(): void; readonly spinning: boolean };
}

/** A process that could begin something new. */
export interface Hungry {
  begin(): void;
}

export interface Machine {
  readonly random: SeededRandom;
  readonly profile: Profile;
  readonly programs: Programs;
  readonly ledger: Ledger;
  readonly files: Files;
  /** Counts events. */
  readonly now: number;
  /** No new work and no faults: everything is to come to its end. */
  readonly stopping: boolean;
  /** There were as many processes once as there may be. */
  readonly crowded: boolean;
  /** Objects that definitions have captured: kept for as long as the cluster runs. */
  readonly captured: ObjectId[];
  /** Files of functions and classes, which nobody can make again. */
  readonly bodies: Set<ObjectId>;
  readonly unflushed: Bag<Turning>;
  readonly runnable: Bag<Running>;
  readonly hungry: Bag<Hungry>;
  /** Asked for by the cluster, not yet alive. */
  readonly starting: Bag<ProcessId>;
  /** Of workers; drivers have that of the session. */
  readonly envs: Map<ProcessId, Env>;

  channel(from: ProcessId, to: ProcessId): Channel;
  /** Both directions between an owner and a worker; the one for calls. */
  openDirect(owner: ProcessId, worker: ProcessId): Channel;
  /** What is to be written in place of this: a mutation may drop, double or change it. */
  mutate(item: Item): readonly Item[];

  /** A mutation may have this not done. */
  forgets(what: Omission): boolean;
  lives(process: ProcessId): boolean;

  /** A turn of its event loop has ended: perhaps it writes all it has. */
  turned(process: Mortal): void;
  /** SIGKILL: of what it wrote, the kernel has some. */
  kill(process: Mortal, why: string): void;
  killById(id: ProcessId): void;
  /** `process.exit` in a call: the hands write what they have, then the process ends. */
  exit(worker: Mortal, loss: WorkerLoss): void;
  retire(worker: Mortal): void;
  heardReady(worker: ProcessId): void;
  heardGone(process: ProcessId): void;
  /** Everything it has written goes to the kernel. */
  writeAll(process: Mortal): void;
  /** An actor begins to live in it. */
  hosted(worker: Mortal): void;
  /** A call begins on this worker. */
  begun(worker: Mortal): void;

  trace(where: string, what: string, detail: unknown): void;
  most(what: string, value: number): void;
  /** It begins. */
  waited(task: TaskTruth): void;
  count(what: string, by?: number): void;
  countSaid(message: ToDaemon): void;
  /** A question of this process, which was to remove a group, is answered. */
  checkGivenUp(process: ProcessId, ask: number): void;
  /** Nobody may reach the actor that lives there. */
  checkUnreachable(process: ProcessId): void;
  /** Nobody may need it any more. */
  checkUnneeded(file: ObjectId): void;
  countSent(message: FromDaemon): void;
  countReturned(message: Extract<FromWorker, { type: "returned" }>): void;
  violated(invariant: string, detail: string): never;
}
