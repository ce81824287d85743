// What goes into the owner brain and what comes out of it.
import type { ActorId } from "../../domain/actor.ts";
import type { ActorSpec } from "../../domain/actor-spec.ts";
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { News } from "../../domain/news.ts";
import type { Failure, Outcome, Payload } from "../../domain/object.ts";
import type { CallId, Cancel, TaskSpec } from "../../domain/task.ts";
import type { Medium } from "../../domain/store.ts";
import type { FromDaemon, LeaseId, ToDaemon, WorkerLost } from "../../protocol/daemon.ts";
import type { FromWorker, ToWorker } from "../../protocol/worker.ts";

export type OwnerInput =
  /** Number = the first of `max(1, returns)` taken from `Owner.take`; results are named with them in order, and held once each. */
  | { readonly type: "submit"; readonly number: number; readonly results: readonly ObjectId[]; readonly spec: TaskSpec }
  /** Number: as for one result; the actor is named with it, and held once. */
  | { readonly type: "createActor"; readonly number: number; readonly spec: ActorSpec }
  /** A handle has come that is held under this id, and is of this actor; undefined: that was not known where it came from. */
  | { readonly type: "findActor"; readonly id: ActorId; readonly actor: ActorId | undefined; readonly name: string }
  /** The daemon is being told to kill its process. */
  | { readonly type: "killActor"; readonly id: ActorId }
  /** The actor that lives in this process could not be made. */
  | { readonly type: "actorFailed"; readonly id: ActorId; readonly cause: Failure }
  | {
      readonly type: "put";
      readonly number: number;
      readonly value: Payload;
      /** Where, for messages. */
      readonly site?: string | undefined;
    }
  /** The large parts of a payload are in the store, so many bytes; held once. What keeps the payload keeps them. */
  | { readonly type: "store"; readonly id: ObjectId; readonly bytes: number; readonly medium: Medium }
  | { readonly type: "hold"; readonly id: ObjectId }
  | { readonly type: "release"; readonly id: ObjectId }
  /** What becomes of a function that is shipped from here. */
  | { readonly type: "definition"; readonly message: Extract<ToDaemon, { type: "define" | "travels" | "undefine" }> }
  /** Refs have come in a call that this process is to run, or in a definition it fetched; each is one hold given to it. `settled` once they were decoded. `from`: who has sent them, if not the daemon. */
  | { readonly type: "received"; readonly ids: readonly ObjectId[]; readonly from?: ProcessId }
  | { readonly type: "settled"; readonly ids: readonly ObjectId[] }
  /** The daemon has said so of this process, and nothing more comes from there. */
  | { readonly type: "departed"; readonly process: ProcessId }
  /** Refs are about to leave in a result or an error of a call that ran here. */
  | { readonly type: "sending"; readonly ids: readonly ObjectId[]; readonly to: ProcessId }
  /** The value of this object names parts in the store, under `stored`, that cannot be read: it is to be made again. */
  | { readonly type: "unreadable"; readonly id: ObjectId; readonly stored: ObjectId }
  /** Somebody here waits for it: answered by one `outcome` effect (at once if it is here). */
  | { readonly type: "want"; readonly id: ObjectId }
  | {
      readonly type: "daemon";
      readonly message: Exclude<
        FromDaemon,
        {
          type:
            | "workerLost"
            | "answer"
            | "definition"
            | "forget"
            | "leased"
            | "recall"
            | "retire"
            | "collect"
            | "host"
            | "cycle"
            | "departed";
        }
      >;
    }
  | { readonly type: "worker"; readonly worker: ProcessId; readonly message: FromWorker }
  /** The daemon has said how the worker ended AND everything it had sent on the direct channel was handed in. */
  | (Omit<WorkerLost, "type"> & { readonly type: "lost" })
  /** The time of a `delay` is over. */
  | { readonly type: "due"; readonly task: number }
  /** Ends a call before it has ended, if it has not. */
  | { readonly type: "cancel"; readonly task: number; readonly cancel: Cancel }
  /** Ends all that a call which runs here has submitted. */
  | { readonly type: "cancelChildren"; readonly parent: CallId; readonly cancel: Cancel }
  /** The `timeoutMs` of a task is over. */
  | { readonly type: "expired"; readonly task: number }
  /** Of the stream whose call makes this object: the reader has taken what `Owner.peek` said, which was here, and holds it. */
  | { readonly type: "take"; readonly stream: ObjectId }
  /** Nobody reads it any more: its call is cancelled. */
  | { readonly type: "leave"; readonly stream: ObjectId }
  /** The next turn of the event loop after one in which `Owner.behind` was true. */
  | { readonly type: "turned" }
  /** The time of a `grace` is over. */
  | { readonly type: "graceOver"; readonly lease: LeaseId; readonly task: number }
  /** End of a turn of the event loop in which something went in: the moment to say what is wanted. */
  | { readonly type: "flush" }
  /** Every now and then: leases that were idle at the last tick too go back. `all`: somebody looks at what is free, so each idle one does. */
  | { readonly type: "tick"; readonly all?: true }
  /** The cluster is gone, or this process leaves it. Nothing goes in after it but `hold`, `release`, `want`, `unreadable`, `submit`, `put`, `take`, `leave`. */
  | { readonly type: "closed"; readonly reason: string; readonly orderly: boolean };

export type OwnerEffect =
  | { readonly type: "daemon"; readonly message: ToDaemon }
  /** On the direct channel to this worker, opened at need. */
  | { readonly type: "worker"; readonly worker: ProcessId; readonly address: string; readonly message: ToWorker }
  /** What was wanted is here. */
  | { readonly type: "outcome"; readonly id: ObjectId; readonly outcome: Outcome }
  /** Answered by `due` after this time, or after a part of it by chance with `jitter`. */
  | { readonly type: "delay"; readonly task: number; readonly ms: number; readonly jitter: boolean }
  /** Answered by `graceOver` after this time. */
  | { readonly type: "grace"; readonly lease: LeaseId; readonly task: number; readonly ms: number }
  /** A task that had ended, and has a `timeoutMs` or a `signal`, runs again. */
  | { readonly type: "guard"; readonly task: number; readonly spec: TaskSpec }
  /** A task that has a `timeoutMs` or a `signal`, or waits for a `delay`, has ended: nothing needs to watch over it any more. */
  | { readonly type: "unguard"; readonly task: number }
  | Exclude<News, { type: "slowStore" | "cycle" }>;
