// What a value is while it travels or rests, and what stands in its place when it could not be made.
import type { ActorEnd, ActorId } from "./actor.ts";
import type { ObjectId, ProcessId } from "./id.ts";
import type { GroupEnd, GroupId } from "./placement.ts";
import type { Progress } from "./progress.ts";
import type { NodeOffer, TaskRequest } from "./request.ts";

/** An encoded value. Nobody but the codec looks inside; everybody may count the refs. Never changed after it is made. */
export interface Payload {
  readonly bytes: Uint8Array;
  /** Contents of large buffers, out of band, in the order in which the graph meets them. */
  readonly buffers: readonly Uint8Array[];
  /** Ids of the object refs inside, each once: whoever keeps the payload keeps these alive. */
  readonly refs: readonly ObjectId[];
  /** Whether decoding must import modules first. */
  readonly modules: boolean;
  /** Where its large parts are instead: `bytes` has nothing, or `buffers` has none. Its id is among `refs`. */
  readonly stored?: Stored | undefined;
}

/** The large parts of one payload, which lie in the store of the cluster as long as anybody keeps a payload that names them. */
export interface Stored {
  readonly id: ObjectId;
  /** Bytes of each part: the buffers in their order, and then, with `body`, what `bytes` would have. */
  readonly sizes: readonly number[];
  readonly body: boolean;
}

export function sizeOf(payload: Payload | undefined): number {
  if (payload === undefined) return 0;
  let size = payload.bytes.length;
  for (const buffer of payload.buffers) size += buffer.length;
  for (const part of payload.stored?.sizes ?? NO_SIZES) size += part;
  return size;
}

/** The payload with buffers of its own: those that it was made with are views of the memory of its user, who goes on to write into it. */
export function ownedPayload(payload: Payload): Payload {
  if (payload.buffers.length === 0) return payload;
  return { ...payload, buffers: payload.buffers.map((buffer) => new Uint8Array(buffer)) };
}

const NO_SIZES: readonly number[] = [];

/** How a worker process ended. */
export interface WorkerLoss {
  readonly pid: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Of one that ended before it was ready: the last lines of all its output. */
  readonly lastStderr: string;
  /** Why the runtime had to end it, or could not start it, in words. Absent: it ended by itself, or somebody else did it. */
  readonly reason?: string;
  /** It was ended because of what it had in memory; `reason` says how much. */
  readonly outOfMemory?: true;
  /** It was told to go, and went in order with nothing to do: a call that was still on its way to it has not begun. */
  readonly retired?: boolean;
  /** It was ended because of one call on it that had to be: whatever else was in flight there has no part in it. */
  readonly forced?: true;
}

/**
 * Whose code threw: the function itself, something that it left to itself, or what is made and imported for it before it begins; or a
 * method that has lost its `this`.
 */
export const throwers = ["function", "stray", "before", "detached"] as const;
export type Thrower = (typeof throwers)[number];

/** Why there is no value, as plain data; `api/failure` turns each kind into the error that users see. */
export type Failure =
  | {
      readonly kind: "thrown";
      readonly thrown: Payload;
      readonly by: Thrower;
      readonly attempts: number;
      readonly name: string;
      readonly pid: number;
      readonly site: string;
    }
  /** The runtime refused in the worker: result cannot travel, wrong number of results, definition missing. A RayError as plain data. */
  | {
      readonly kind: "refused";
      readonly code: string;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly name: string;
      readonly site: string;
    }
  /** The worker ended under the task, and its retries are spent. */
  | {
      readonly kind: "crashed";
      readonly name: string;
      readonly attempts: number;
      readonly loss: WorkerLoss;
      readonly site: string;
    }
  /** The function called `process.exit`, or `module` did, which was imported for it. */
  | {
      readonly kind: "exited";
      readonly module: string;
      readonly name: string;
      readonly attempts: number;
      readonly loss: WorkerLoss;
      readonly site: string;
    }
  /** Somebody cancelled it. `how`: who, as in `domain/stop`. */
  | {
      readonly kind: "cancelled";
      readonly name: string;
      readonly how: string;
      readonly reason: string;
      readonly site: string;
    }
  /** Its own `timeoutMs` was over. */
  | {
      readonly kind: "timedOut";
      readonly name: string;
      readonly timeoutMs: number;
      readonly progress: Progress;
      readonly site: string;
    }
  /** No node can ever give what the task asks for; this one comes closest. */
  | {
      readonly kind: "unschedulable";
      readonly name: string;
      readonly request: TaskRequest;
      readonly node: NodeOffer;
      readonly site: string;
    }
  /** There is no such placement group, or not any more, as it was to run in or has run in. */
  | {
      readonly kind: "groupGone";
      readonly name: string;
      /** It had begun. */
      readonly begun: boolean;
      readonly group: GroupId;
      /** "" for none. */
      readonly groupName: string;
      readonly why: GroupEnd;
      readonly site: string;
    }
  /** No process can be started in the environment that the task asks for. */
  | {
      readonly kind: "setupFailed";
      readonly name: string;
      readonly request: TaskRequest;
      readonly loss: WorkerLoss;
      readonly site: string;
    }
  /** The actor has ended for good. */
  | {
      readonly kind: "actorDied";
      readonly name: string;
      readonly actor: ActorId;
      readonly death: ActorDeath;
      /** The call may have run, or a part of it. */
      readonly begun: boolean;
      readonly site: string;
    }
  /** Its process ended while the call ran there; it is being started again. */
  | {
      readonly kind: "actorUnavailable";
      readonly name: string;
      readonly actor: ActorId;
      readonly className: string;
      readonly attempts: number;
      readonly loss: WorkerLoss;
      readonly site: string;
    }
  /** The process is gone that has submitted its call. `lost`: there was a value, which cannot be read any more. */
  | {
      readonly kind: "ownerDied";
      readonly id: ObjectId;
      readonly owner: ProcessId;
      readonly lost?: boolean | undefined;
      /** Absent: nobody knows any more. */
      readonly end?: OwnerEnd | undefined;
    }
  /** The owner no longer has the value. */
  | { readonly kind: "lost"; readonly id: ObjectId; readonly reason: string }
  /** The value was lost, and the call that had made it may not be run again, or cannot be. */
  | {
      readonly kind: "notRemade";
      readonly id: ObjectId;
      readonly name: string;
      readonly reason: string;
      /** What became of that in which it would have to run. */
      readonly cause?: Failure | undefined;
      readonly site: string;
    }
  /** It could not begin any more: its arguments were passed by value, and lost. */
  | { readonly kind: "argumentsLost"; readonly id: ObjectId; readonly name: string; readonly site: string }
  /** The session ended (`reason` says how) before there was a value. */
  | { readonly kind: "closed"; readonly reason: string; readonly orderly: boolean };

/** What is known of a process that has ended. */
export interface OwnerEnd {
  /** Of a worker. */
  readonly loss?: WorkerLoss | undefined;
  /** That lived there. */
  readonly actor?: { readonly id: ActorId; readonly className: string; readonly name: string } | undefined;
}

/** How an actor ended, and why. */
export interface ActorDeath {
  readonly end: ActorEnd;
  readonly className: string;
  readonly name: string;
  readonly namespace: string;
  /** How often it had been started again. */
  readonly restarts: number;
  /** Of its process, where it had one. */
  readonly loss?: WorkerLoss | undefined;
  readonly cause?: Failure | undefined;
  /** Who killed it: "by ray.kill at main.ts:12:3"; or when it crashed, where that matters. */
  readonly by?: string | undefined;
}

export type Outcome =
  { readonly value: Payload; readonly failure?: undefined } | { readonly failure: Failure; readonly value?: undefined };

const NO_REFS: readonly ObjectId[] = [];

/** Of an object that stands for parts in the store: nobody asks for its value. */
export const STORED: Outcome = {
  value: { bytes: new Uint8Array(), buffers: [], refs: NO_REFS, modules: false },
};

/** Of an actor: nobody asks for its value. */
export const ACTOR: Outcome = { value: { bytes: new Uint8Array(), buffers: [], refs: NO_REFS, modules: false } };

/** Refs that live inside an outcome: those of the value, or of what was thrown. */
export function refsIn(outcome: Outcome): readonly ObjectId[] {
  return outcome.failure === undefined ? outcome.value.refs : refsInFailure(outcome.failure);
}

export function refsInFailure(failure: Failure): readonly ObjectId[] {
  const root = rootOf(failure);
  return root.kind === "thrown" ? root.thrown.refs : NO_REFS;
}

/** What kept an actor from being made may itself be an actor that was not. */
export function rootOf(failure: Failure): Failure {
  let root = failure;
  for (let cause = causeOf(root); cause !== undefined; cause = causeOf(root)) root = cause;
  return root;
}

function causeOf(failure: Failure): Failure | undefined {
  if (failure.kind === "notRemade") return failure.cause;
  return failure.kind === "actorDied" ? failure.death.cause : undefined;
}

/** Of several, in order. Most have none. */
export function refsInAll(payloads: readonly Payload[]): readonly ObjectId[] {
  let refs = NO_REFS;
  for (const payload of payloads)
    if (payload.refs.length > 0) refs = refs.length === 0 ? payload.refs : [...refs, ...payload.refs];
  return refs;
}

/** What a call gave or threw, as a worker says it. */
interface Replied {
  readonly kind: string;
  readonly values?: readonly Payload[];
  readonly thrown?: Payload;
}

export function payloadsIn({ values, thrown }: Replied): readonly Payload[] {
  return values ?? (thrown === undefined ? [] : [thrown]);
}

export function refsInReply({ values, thrown }: Replied): readonly ObjectId[] {
  return values === undefined ? (thrown?.refs ?? NO_REFS) : refsInAll(values);
}
