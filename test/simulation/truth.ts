// What is true of one task and of one object, as the ledger keeps it.
import { numberOf, objectId, ownerOf, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { TaskSpec } from "#src/domain/task.js";
import type { Call } from "#src/protocol/worker.js";
import type { ModelObject } from "./model.ts";
import type { Program } from "./program.ts";

export interface TaskTruth {
  /** The id of its first result, whether or not that exists. */
  readonly id: ObjectId;
  readonly spec: TaskSpec;
  readonly program: Program;
  readonly models: readonly ModelObject[];
  /** Of a stream, and what runs have sent in the place of each. */
  readonly itemModels: readonly ModelObject[];
  readonly items: Map<string, boolean>[];
  /** Items that its reader has taken, the failure at the end not among them. */
  taken: number;
  /** Items that the last run to end had made. */
  made: number;
  /** That run had met a failure of the system, and perhaps another one before it had come further. */
  strayed: boolean;
  /** The event in which it was submitted. */
  readonly since: number;
  begun: number;
  /** Which attempt those that began were. */
  readonly attempts: Set<number>;
  /** As `runKey` has them. */
  readonly begunAt: Set<string>;
  /** Its owner has ended it early, when it was in flight on this worker, or on none. `left`: a stream that nobody read any more. */
  stopped: { readonly where: ProcessId | undefined; readonly left: boolean } | undefined;
  /** It was stopped because nobody read it any more, and has run again for what of it was lost. */
  wasLeft: boolean;
  /** That worker has taken it. */
  stopTaken: boolean;
  /** Runs going on in living processes. */
  running: number;
  acknowledged: boolean;
  /** Replies that its owner has taken for its end: each beyond the first one cost a retry, and so does what is begun after it. */
  ends: number;
  /** A stream that its worker was told to end, because an item was lost; and how often that has cost an attempt. */
  beginsAnew: boolean;
  anew: number;
  /** Something that it has made, or that was made of it, was lost. */
  remakable: boolean;
  /** Workers that died while it was in flight there, as its owner saw it. */
  losses: number;
  /** Of these, where another call had said that it exits, or was ended by force. */
  freeLosses: number;
  exits: number;
  /** Runs that had no room for what they made. */
  full: number;
  /** Runs that threw what is worth another attempt. */
  flakes: number;
  /** What those threw. */
  readonly flaked: Set<string>;
}

export interface ObjectTruth {
  readonly id: ObjectId;
  readonly model: ModelObject;
  readonly task: TaskTruth | undefined;
  /** What runs have answered; `true`: the run had met a failure of the system, so the model does not speak for it. */
  readonly answers: Map<string, boolean>;
  /** What came out for it, wherever that was first. */
  outcome: string | undefined;
  /** Which item of its stream it is. Where there is no such item, it says how the stream has ended. */
  readonly item?: number;
}

/** Of a call that was pushed to this worker. */
export function runKey(worker: ProcessId, { lease, attempt }: Pick<Call, "lease" | "attempt">): string {
  return `${worker} ${lease} ${attempt}`;
}

export function resultId(task: TaskTruth, index: number): ObjectId {
  return objectId(ownerOf(task.id), numberOf(task.id) + index);
}

export function itemsOf(task: TaskTruth, index: number): Map<string, boolean> {
  return (task.items[index] ??= new Map());
}
