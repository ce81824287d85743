// What goes into a worker's inbox and what comes out of it.
import type { ProcessId } from "../domain/id.ts";
import type { Payload } from "../domain/object.ts";
import type { Stop } from "../domain/stop.ts";
import type { LeaseId, ToDaemon } from "../protocol/daemon.ts";
import type { Call, FromWorker, Reply } from "../protocol/worker.ts";

export type InboxInput =
  | { readonly type: "call"; readonly from: ProcessId; readonly call: Call }
  | { readonly type: "withdraw"; readonly from: ProcessId; readonly lease: LeaseId; readonly count: number }
  | {
      readonly type: "cancel";
      readonly from: ProcessId;
      readonly lease: LeaseId;
      readonly task: number;
      readonly stop: Stop;
    }
  /** The reader of a stream has taken so many items. */
  | {
      readonly type: "read";
      readonly from: ProcessId;
      readonly lease: LeaseId;
      readonly task: number;
      readonly count: number;
    }
  /** What was passed over in this group of the actor, since a call of it could not read an argument, comes again. */
  | { readonly type: "again"; readonly lease: LeaseId; readonly group: string }
  /** The running call has made an item. `now`: it is to leave, with those that have not left before. */
  | {
      readonly type: "item";
      readonly lease: LeaseId;
      readonly task: number;
      readonly value: Payload;
      readonly now: boolean;
    }
  /** What the running call has made is to leave. */
  | { readonly type: "sendItems"; readonly lease: LeaseId; readonly task: number }
  | { readonly type: "leased"; readonly lease: LeaseId; readonly owner: ProcessId }
  | { readonly type: "recall"; readonly lease: LeaseId; readonly when: "idle" | "yield" | "over" }
  /** The answer to `start`. */
  | {
      readonly type: "finished";
      readonly lease: LeaseId;
      readonly task: number;
      readonly reply: Reply;
      readonly micros: number;
    }
  /** The running call of this lease has begun to wait for others, or goes on. */
  | { readonly type: "blocked"; readonly lease: LeaseId; readonly task: number }
  | { readonly type: "unblocked"; readonly lease: LeaseId; readonly task: number };

export type InboxEffect =
  /** Run it now; answered by `finished`. At most one at a time per lease. */
  | { readonly type: "start"; readonly from: ProcessId; readonly call: Call }
  /** This call, for which there was a `start`, is to end: to be carried out before any `start` that is still to be, its own among them. */
  | { readonly type: "stop"; readonly lease: LeaseId; readonly task: number; readonly stop: Stop }
  /** The producer that `Inbox.isPaused` had told to wait goes on: to be carried out like a `stop`. */
  | { readonly type: "resume"; readonly lease: LeaseId; readonly task: number }
  /** This call never begins here, as its owner knows: to be carried out before any `again` goes in. */
  | { readonly type: "passedOver"; readonly from: ProcessId; readonly call: Call }
  | { readonly type: "owner"; readonly to: ProcessId; readonly message: FromWorker }
  | { readonly type: "daemon"; readonly message: ToDaemon };
