// The direct channel between an owner (whoever submits) and a worker: calls one way, results the other, in order.
import type { DefinitionId, ObjectId } from "../domain/id.ts";
import type { Failure, Payload, Thrower } from "../domain/object.ts";
import type { GroupPlace } from "../domain/placement.ts";
import type { Stop } from "../domain/stop.ts";
import type { Dependency, RetryOn } from "../domain/task.ts";
import type { LeaseId } from "./daemon.ts";

export interface Call {
  readonly type: "call";
  readonly lease: LeaseId;
  /** The number of the task at its owner. */
  readonly task: number;
  readonly attempt: number;
  readonly definition: DefinitionId;
  readonly name: string;
  readonly args: Payload;
  /** Values for the positions that were refs, in the order of `positions`. */
  readonly positions: readonly Dependency["position"][];
  readonly values: readonly Payload[];
  readonly returns: number;
  /** CPU and so on, in units, and concrete GPUs, for the runtime context. */
  readonly request: Readonly<Record<string, number>>;
  /** The placement group that it runs in. */
  readonly group?: GroupPlace | undefined;
  /**
   * Whether the result must be sent before the next call begins: a crash must show exactly which call it hit. Of a method: its owner is
   * also told when it begins, because others are begun before they have ended, and in another order.
   */
  readonly alone: boolean;
  /** Of a call of an actor. */
  readonly method: { readonly name: string; readonly group: string } | undefined;
  readonly retryOn: RetryOn;
  /** Set for a stream. */
  readonly stream: StreamPosition | undefined;
}

/** Where the producer of a stream begins. */
export interface StreamPosition {
  /** The owner has so many items of it from attempts before this one: they are made again, and not sent. Infinity: it wants no others. */
  readonly skip: number;
  /** Of those that are made again, the places of the ones that are sent, in their order: some were lost. The reader waits for them. */
  readonly again: readonly number[];
  /** Its reader has taken so many. */
  readonly read: number;
  /** So many may be unread while the next one is made; Infinity for any number. */
  readonly ahead: number;
  /** As whom the call waits that reads it. Undefined: no call does, but a driver. */
  readonly reader: ObjectId | undefined;
}

export type ToWorker =
  | Call
  /** Give back up to so many calls that have not begun, the last first: another worker is free. Answered by one `returned`. */
  | { readonly type: "withdraw"; readonly lease: LeaseId; readonly count: number }
  /** A call that has not begun goes back; one that runs is told to end, and is answered when it has. */
  | { readonly type: "cancel"; readonly lease: LeaseId; readonly task: number; readonly stop: Stop }
  /** The reader of a stream has taken so many items of it. */
  | { readonly type: "read"; readonly lease: LeaseId; readonly task: number; readonly count: number }
  /** A call of an actor could not read an argument: what was pushed behind it in its group, and was passed over, comes again after this. */
  | { readonly type: "again"; readonly lease: LeaseId; readonly group: string };

/** How a call ended, as the worker tells it. Names and sites are the owner's to add. */
export type Reply =
  | { readonly kind: "done"; readonly values: readonly Payload[] }
  | {
      readonly kind: "thrown";
      readonly thrown: Payload;
      readonly pid: number;
      readonly by: Thrower;
      /** It is one of those that the call is to be tried again for. */
      readonly again: boolean;
    }
  | { readonly kind: "refused"; readonly failure: Failure }
  /** A method of an actor called `exitActor`: the actor takes no more calls, and ends. */
  | { readonly kind: "left" }
  /**
   * It has not begun: parts of an argument, in the store under this id, cannot be read. Where calls of an actor keep their order, those
   * behind it are passed over, until `again`.
   */
  | { readonly kind: "unreadable"; readonly stored: ObjectId }
  /**
   * The function called `process.exit`, or `module` did, which was imported for it ("": none was); the process ends right after this.
   */
  | { readonly kind: "exited"; readonly code: number; readonly module: string };

export type FromWorker =
  /** A call of a method is about to begin. Not of calls that are very short, unless they are `alone`. */
  | { readonly type: "begun"; readonly lease: LeaseId; readonly task: number }
  /** The next items of a stream. */
  | { readonly type: "items"; readonly lease: LeaseId; readonly task: number; readonly values: readonly Payload[] }
  | {
      readonly type: "reply";
      readonly lease: LeaseId;
      readonly task: number;
      readonly reply: Reply;
      readonly micros: number;
    }
  /**
   * These calls have not begun and will not begin here. `over`: the lease has ended, nothing more may be pushed under it.
   * `blocked`: the running call waits for others, so push nothing behind it until its reply.
   */
  | {
      readonly type: "returned";
      readonly lease: LeaseId;
      readonly tasks: readonly number[];
      readonly over: boolean;
      readonly blocked: boolean;
    };
