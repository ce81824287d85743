// The one session of this process. Two installed copies of the package, or an ESM and a CJS copy, find the same one here.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Backend } from "../backend.ts";
import type { ActorId } from "../domain/actor.ts";
import type { DefinitionId, ObjectId } from "../domain/id.ts";
import type { Payload } from "../domain/object.ts";
import type { GroupPlace } from "../domain/placement.ts";
import type { Resources } from "../domain/resources.ts";
import type { Cancel } from "../domain/task.ts";
import type { StuckLines } from "./cycles.ts";
import type { Hints } from "./hints.ts";
import type { Leaks } from "./leaks.ts";
import type { AnyFunction } from "./lift.ts";

/** A function that is called, or classes of errors after which a call is tried again. */
export type Definition = AnyFunction | readonly ErrorClass[];
export type ErrorClass = abstract new (...args: never[]) => Error;

export interface Session {
  readonly backend: Backend;
  /** Settles when the cluster is there. The backend takes work before that. */
  readonly ready: Promise<void>;
  /** Whether this process only takes part in it: a worker, which can neither start nor end it. */
  readonly adopted: boolean;
  /** The public function that began it, such as "put()". */
  readonly begunBy: string;
  /** What init was asked for, defaults filled in: a second init is compared with it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Looks on, where hints were not declined. */
  readonly hints: Hints | undefined;
  /** Tells of what the driver waits for in vain, where that is wanted. */
  readonly stuck: StuckLines | undefined;
  /** What they have kept is told at the end of the session. */
  readonly tellers: { readonly end: () => void } | undefined;
  /** Keeps account of refs, where that was asked for. */
  readonly leaks: Leaks | undefined;
  closed: boolean;
  /** The cluster ended by itself. Its refs tell why; `init` begins another session. */
  lost: boolean;
  /** Those that were rebuilt here, or are being rebuilt. */
  readonly definitions: Map<DefinitionId, Definition | Promise<Definition>>;
  /** What was shipped from here, so that a handle that comes home finds its function. The value is api/remote's. */
  readonly shipped: Map<DefinitionId, object>;
}

/** A call was cancelled, or its time is over. */
export interface Stopped {
  readonly error: Error;
  /** For what it still submits; undefined when its children are left alone. */
  readonly cancel: Cancel | undefined;
}

/** An actor that lives in this process. */
export interface ActorHost {
  readonly id: ActorId;
  readonly className: string;
  /** "" for none. */
  readonly name: string;
  /** How often it has been started again. */
  readonly restarts: number;
  /** It runs one call at a time. */
  readonly sole: boolean;
  readonly about: Payload;
  /** Set when its constructor has run. */
  instance: object | undefined;
}

/** The call that the current code runs in. One object per call, made when it begins. */
export interface CallContext {
  readonly session: Session;
  readonly callId: number;
  readonly taskId: ObjectId;
  readonly taskName: string;
  /** Whose method, or constructor, it is. */
  readonly actor: ActorHost | undefined;
  readonly attempt: number;
  readonly request: Resources;
  /** The placement group that it runs in. */
  readonly group: GroupPlace | undefined;
  /** What it waits for by our means; its CPU is lent while there is anything. */
  waits: Set<{ readonly awaited: () => readonly ObjectId[] }> | undefined;
  ended: boolean;
  /** It has called `exitActor`: its actor ends, whatever it does about that. */
  left: boolean;
  /** Of its `signal`, made at the first look: most calls never do. */
  abort: AbortController | undefined;
  stopped: Stopped | undefined;
  /** What waits by our means in it, and must not any more once it is stopped. */
  interrupts: Set<(error: Error) => void> | undefined;
  /** Of each stream that was begun in it and is not read to its end: ends it, since this call, by its name, has ended. */
  streams: Set<(reader: string) => void> | undefined;
}

/** Modules are being imported for the sake of a call: their top-level code must not act as if it were a driver. */
export type Importing = "importing";

/** AsyncLocalStorage in words of our own: with Node's, everybody who compiles against us would need Node's types. */
interface Calls {
  getStore(): CallContext | Importing | undefined;
  run<R, A extends unknown[]>(store: CallContext | Importing, callback: (...args: A) => R, ...args: A): R;
  exit<R, A extends unknown[]>(callback: (...args: A) => R, ...args: A): R;
  enterWith(store: CallContext | Importing): void;
  disable(): void;
}

interface Slot {
  session: Session | undefined;
  /** The end of the last session, which may be under way. */
  closing: Promise<void> | undefined;
  /** Whether this process was started as a worker. */
  worker: boolean;
  readonly calls: Calls;
}

const key = Symbol.for("ray-ts.session");

function findSlot(): Slot {
  const found = Reflect.get(globalThis, key) as Slot | undefined;
  if (found !== undefined) return found;
  const slot: Slot = { session: undefined, closing: undefined, worker: false, calls: new AsyncLocalStorage() };
  Object.defineProperty(globalThis, key, { value: slot });
  return slot;
}

export const slot: Slot = findSlot();

export function createSession(
  from: Pick<
    Session,
    "backend" | "ready" | "adopted" | "begunBy" | "settings" | "hints" | "stuck" | "tellers" | "leaks"
  >,
): Session {
  return { ...from, closed: false, lost: false, definitions: new Map(), shipped: new Map() };
}

/** The call we are in, or undefined in the driver. */
export function currentCall(): CallContext | undefined {
  const call = slot.calls.getStore();
  return call === "importing" ? undefined : call;
}
