// A call of a remote function, as the front end hands it to a backend.
import type { DefinitionId, ObjectId } from "./id.ts";
import type { MethodCall } from "./actor.ts";
import type { Payload } from "./object.ts";
import type { TaskRequest } from "./request.ts";

/** A place in the user's source. The text is looked up (source maps and all) only when somebody reads it. */
export interface Site {
  readonly text: string;
}

/** A top-level argument that was a ref: the value goes to this position. */
export interface Dependency {
  readonly position: number;
  readonly id: ObjectId;
}

/** Which errors of a function's own are worth another attempt; a definition judges them, in the worker in which they were thrown. */
export type RetryOn = "none" | "any" | DefinitionId;

/** How long to wait before the attempt after one that failed: `baseMs`, then each time `factor` times as long, `maxMs` at most. */
export interface RetryDelay {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly factor: number;
  /** A part of it by chance, from half on, so that many that failed at once do not come again at once. */
  readonly jitter: boolean;
}

/** Before this attempt, the first of which is 1. */
export function delayBefore(attempt: number, { baseMs, maxMs, factor }: RetryDelay): number {
  return Math.min(maxMs, baseMs * factor ** (attempt - 2));
}

/** Names a running call to its own backend; opaque to the front end. */
export type CallId = number;

/**
 * How a call that runs is made to end: it is told, and that is all; it is told, and has some time before its worker is ended; its worker
 * is ended at once.
 */
export type Force = "no" | "late" | "now";

/** Somebody wants a call to end before it has ended. */
export interface Cancel {
  /** As messages tell it: "by ray.cancel at main.ts:12:3", "by its signal", "with its parent x". */
  readonly how: string;
  /** "" for none. */
  readonly reason: string;
  readonly force: Force;
  /** The calls that it has submitted are cancelled too. */
  readonly recursive: boolean;
}

export interface TaskSpec {
  /** "" for a call of a method. */
  readonly definition: DefinitionId;
  readonly name: string;
  /** A call of an actor: it runs where that lives. Its `maxRetries` count restarts of the actor that it survives. */
  readonly method?: MethodCall | undefined;
  /** The array of arguments; positions that are dependencies hold `undefined`. */
  readonly args: Payload;
  readonly dependencies: readonly Dependency[];
  /** How many results: 0, 1 or more; each has its own ref. */
  readonly returns: number;
  /** Attempts after the first that failed, for whatever reason it may be tried again; -1 for ever. */
  readonly maxRetries: number;
  readonly retryOn: RetryOn;
  /** Undefined: at once. */
  readonly retryDelay: RetryDelay | undefined;
  readonly request: TaskRequest;
  readonly site: Site;
  /** From submission to result. */
  readonly timeoutMs?: number | undefined;
  /** Aborting it cancels the call. The hands watch it; no brain looks into it. */
  readonly signal?: AbortSignal | undefined;
  /** The call of this process that submits it. */
  readonly parent?: CallId | undefined;
  /**
   * Set for a stream: a call that makes any number of items, one after the other, and one result, which says when it has ended. So many
   * items may be unread while it makes the next one.
   */
  readonly backpressure?: number | undefined;
  /** Of a stream that a call reads: as whom that waits. */
  readonly reader?: ObjectId | undefined;
  /** What must not go as long as the call may run, again or for the first time: its functions. Nobody looks at it. */
  readonly holds?: unknown;
  /** Cancelled before it was submitted: it never runs. */
  readonly cancelled?: Cancel | undefined;
}

export function isStream(spec: Pick<TaskSpec, "backpressure">): boolean {
  return spec.backpressure !== undefined;
}

/**
 * Whether it is cancelled with the call that submits it. A call of an actor without results is not: nobody could hear that it did not run,
 * and it is how a call that is cancelled gives back what it has taken.
 */
export function endsWithParent({ method, returns }: Pick<TaskSpec, "method" | "returns">): boolean {
  return method === undefined || returns > 0;
}
