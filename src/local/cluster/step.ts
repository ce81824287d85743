// What goes into the cluster brain and what comes out of it.
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { WorkerLoss } from "../../domain/object.ts";
import type { NodeOffer } from "../../domain/request.ts";
import type { Env } from "../../domain/runtime-env.ts";
import type { FromDaemon, ToDaemon } from "../../protocol/daemon.ts";

/** What the machine has in memory, as of late. */
export interface MemoryLook {
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** What each worker has resident; empty where there is room for more of them. */
  readonly byWorker: ReadonlyMap<ProcessId, number>;
}

export type ClusterInput =
  /** A driver has said hello. */
  | { readonly type: "joined"; readonly process: ProcessId }
  /** A client of this cluster said something. */
  | { readonly type: "message"; readonly from: ProcessId; readonly message: ToDaemon }
  /** A worker that was asked for runs and has said hello (its `ready` message comes later); `address` is where it takes calls. */
  | { readonly type: "started"; readonly worker: ProcessId; readonly address: string; readonly pid: number }
  /** A process is gone and all it had sent was handed in. For a worker, how it ended; also when it never said hello. */
  | { readonly type: "gone"; readonly process: ProcessId; readonly loss: WorkerLoss | undefined }
  /** When there is hardly any left, somebody has to go. */
  | { readonly type: "memory"; readonly seen: MemoryLook }
  /** The answer to `spill`: whether it is on the disk now, and nowhere else. */
  | { readonly type: "spilled"; readonly id: ObjectId; readonly done: boolean }
  /** Every now and then: surplus workers that were idle at the last tick too may go. */
  | { readonly type: "tick" };

export type ClusterEffect =
  | { readonly type: "send"; readonly to: ProcessId; readonly message: FromDaemon }
  /** Start a worker process with this id. Answered by `started` or `gone`. */
  | { readonly type: "spawn"; readonly worker: ProcessId; readonly env: Env }
  /** End this worker process, by SIGKILL. Answered by `gone`. `reason`: for the errors of calls that are harmed, in words. */
  | { readonly type: "kill"; readonly worker: ProcessId; readonly reason?: string; readonly outOfMemory?: true }
  /** Move this part of the store from memory to the disk. Answered by `spilled`. */
  | { readonly type: "spill"; readonly id: ObjectId }
  /** Nobody holds these parts of the store any more: their files are to go. */
  | { readonly type: "unstore"; readonly id: ObjectId }
  /** Every worker that the cluster begins with is ready. Once. */
  | { readonly type: "ready" }
  /** Workers die before they are ready, again and again; the daemon gives up. */
  | { readonly type: "broken"; readonly loss: WorkerLoss };

export interface ClusterOptions extends NodeOffer {
  readonly address: string;
  /** Of the session: that of all processes, unless a call says otherwise. */
  readonly env: Env;
  /** What may be in the memory of the object store. */
  readonly storeBytesMax: number;
  /** After so many ticks without anything a demand is told who holds what it needs. */
  readonly starvedTicks: number;
  /** A process that is not ready after so many ticks is ended. */
  readonly setupTicks: number;
  /** Names for workers to come; the hands bring randomness, the brain only takes. */
  readonly nextWorkerId: () => ProcessId;
  /** For tests: looks on just before each grant, which is so urgent. A grant changes the order of those that wait. */
  readonly onGrant?: (urgency: number) => void;
}
