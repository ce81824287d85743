// Why what was lost is not made again, in words for whoever asked for it.
import type { ObjectId } from "../../domain/id.ts";
import type { Failure } from "../../domain/object.ts";
import { isLeft, type StopFailure } from "../../domain/stop.ts";
import type { Task } from "./tasks.ts";

export interface Refusal {
  readonly reason: string;
  readonly cause?: Failure | undefined;
}

export const NO_FILE = "its file in the object store was removed or is damaged";

/** Nothing is kept that could say which of them it is. */
export const NO_CALL_IS_KNOWN =
  "no call is known that could be run again to make it (it was put, or so much was made since that its call was forgotten)";

export function noCall(single: string | undefined): string {
  return single === undefined
    ? "so much was made since that the call that had made it was forgotten"
    : `no call can make it again, since ${single}`;
}

export const ENDED = "its actor has ended";

export const HINDRANCES = {
  gone: "its actor has ended, or is held by nothing in the process that called it",
  waits: "its actor needs the value itself, runs one call at a time, and would wait for itself",
};

/** A stream may have made it before that; all others were run once more, and then. */
const STOPPED: Readonly<Record<StopFailure["kind"], string>> = {
  cancelled: "it was cancelled",
  timedOut: "its time (timeoutMs) was over",
  groupGone: "its placement group is gone",
};

/** Of an item of a stream. */
export const FEWER = "it made fewer items when it was run once more";
const STILL_RUNS = "it is a call of an actor, and still runs";

/** Why this call may not be run again. */
export function refusalOf(task: Task): Refusal | undefined {
  const reason = whyNot(task);
  return reason === undefined ? undefined : { reason };
}

function whyNot({ spec, state, stop, retriesLeft, attempt }: Task): string | undefined {
  const option = spec.method === undefined ? "maxRetries" : "maxTaskRetries";
  if (spec.maxRetries === 0) return `it may not be tried again (${option}: 0)`;
  if (stop !== undefined && !isLeft(stop)) return STOPPED[stop.failure.kind];
  if (state === "running" && spec.method !== undefined) return STILL_RUNS;
  if (state !== "running" && spec.args.stored !== undefined)
    return "its arguments were passed by value, and too large to be kept after it";
  if (retriesLeft === 0) return `it has had ${attempt} attempts, and may have no more (${option}: ${spec.maxRetries})`;
  return undefined;
}

export function told(needed: ObjectId): string {
  return `it needs ObjectRef(${needed}), which cannot be made again`;
}

export function notRemade(id: ObjectId, { spec: { name, site } }: Task, reason: string, cause?: Failure): Failure {
  return { kind: "notRemade", id, name, reason, cause, site: site.text };
}

/** Of what a call would have to run in. */
const GONE: Readonly<Partial<Record<Failure["kind"], string>>> = {
  actorDied: ENDED,
  groupGone: STOPPED.groupGone,
  unschedulable: "no node can give any more what it asks for",
  setupFailed: "no process can be started in its environment any more",
};

/** What this failure of a call that was run once more means for what it had made before, and is lost. */
export function ofLost(id: ObjectId, task: Task, failure: Failure): Failure {
  const gone = GONE[failure.kind];
  return gone === undefined ? failure : notRemade(id, task, gone, failure);
}
