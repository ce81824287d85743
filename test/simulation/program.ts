// What simulated user code is: small programs as data, and the fake payloads in which their values travel.
import type { GroupLimits } from "#src/domain/actor.js";
import type { ObjectId, ProcessId } from "#src/domain/id.js";
import type { Payload } from "#src/domain/object.js";
import type { PlacementStrategy } from "#src/domain/placement.js";
import type { Resources } from "#src/domain/resources.js";
import type { TaskRequest } from "#src/domain/request.js";
import type { RetryDelay } from "#src/domain/task.js";

/** Names one of the variables a program has at that moment: modulo how many there are. Without any, the step does nothing. */
export type Pick = number;

export type Argument =
  | { readonly kind: "number"; readonly number: number }
  /** A top-level ref: the callee gets the value, and a variable for each ref inside. */
  | { readonly kind: "dependency"; readonly pick: Pick }
  /** Refs that stay refs: the callee gets a variable for each. */
  | { readonly kind: "nested"; readonly picks: readonly Pick[] };

export type Step =
  /** Each result becomes a variable. */
  | {
      readonly do: "submit";
      readonly program: Program;
      readonly arguments: readonly Argument[];
      /** In the group that the program has made last. */
      readonly place?: { readonly bundle: number; readonly captures: boolean };
    }
  /** Makes a placement group, for the calls that follow. A program that has one waits for nothing but these: they might wait for it. */
  | { readonly do: "group"; readonly bundles: readonly Resources[]; readonly strategy: PlacementStrategy }
  /** Waits for the calls in its group; what comes of them does not change its answer. */
  | { readonly do: "getGroup" }
  /** Removes its group. So does its end, unless it crashes. */
  | { readonly do: "ungroup" }
  /** Waits for all, then mixes what came into the program's answer; refs inside become variables. */
  | { readonly do: "get"; readonly picks: readonly Pick[]; readonly catches: boolean }
  /** Waits for so many of them, or until the patience of the program ends; may not change its answer. */
  | { readonly do: "wait"; readonly picks: readonly Pick[]; readonly count: number }
  | { readonly do: "put"; readonly picks: readonly Pick[] }
  /** One more variable for the same object. */
  | { readonly do: "copy"; readonly pick: Pick }
  | { readonly do: "drop"; readonly pick: Pick }
  /** Ends the call that makes it, if this process has submitted that. */
  | { readonly do: "cancel"; readonly pick: Pick; readonly force: boolean; readonly recursive: boolean }
  /** Never ends by itself, and keeps its process from all else. */
  | { readonly do: "spin" }
  /** Of a stream: one more item, with these refs inside. */
  | { readonly do: "yield"; readonly picks: readonly Pick[] }
  /** Takes so many items of a stream that this program has begun, fewer when there are none any more; each becomes a variable. */
  | { readonly do: "read"; readonly pick: Pick; readonly count: number }
  /** Reads a stream no further. */
  | { readonly do: "leave"; readonly pick: Pick }
  /** Makes an actor; its handle becomes a variable. */
  | { readonly do: "make"; readonly made: ActorClass; readonly arguments: readonly Argument[] }
  /** Of the actors that it has handles of and may call: calls a method of one. Each result becomes a variable. */
  | { readonly do: "call"; readonly pick: Pick; readonly method: number; readonly arguments: readonly Argument[] }
  | { readonly do: "kill"; readonly pick: Pick; readonly restart: boolean }
  /** Waits for the answer, whether there is an actor of this name. Its handle becomes a variable. */
  | { readonly do: "getActor"; readonly name: string }
  /** Of an actor: it keeps these refs for as long as its process lives. */
  | { readonly do: "store"; readonly picks: readonly Pick[] }
  /** Of an actor: it ends itself, if this run of the call is not later than `runs`. */
  | { readonly do: "exitActor"; readonly runs: number }
  /** Only takes time. */
  | { readonly do: "pause"; readonly steps: number }
  /** The process is killed, if this run of the task is not later than `runs`. */
  | { readonly do: "crash"; readonly runs: number }
  | { readonly do: "exit"; readonly runs: number; readonly code: number }
  | { readonly do: "throw"; readonly picks: readonly Pick[] }
  /** Throws what is worth another attempt, if this run of the task is not later than `runs`. */
  | { readonly do: "flake"; readonly runs: number };

export interface Program {
  readonly number: number;
  /** Which of the job's definitions it is called through. */
  readonly definition: number;
  readonly steps: readonly Step[];
  /** For each result, the variables whose refs it contains. */
  readonly results: readonly (readonly Pick[])[];
  /** Of a stream: it has one result, without refs. */
  readonly backpressure: number | undefined;
  readonly maxRetries: number;
  readonly retryDelay: RetryDelay | undefined;
  /** Calls of it have a time of their own. */
  readonly timed: boolean;
  readonly request: TaskRequest;
  /** It calls only actors of a lower rank, so that no call can lead to another of the same actor. */
  readonly rank: number;
}

export interface Method {
  readonly program: Program;
  readonly group: string;
}

/** All actors of one class are made alike, but for their arguments. */
export interface ActorClass {
  readonly number: number;
  readonly rank: number;
  readonly birth: Program;
  readonly methods: readonly Method[];
  readonly limits: GroupLimits;
  /** "" for none. All classes of one name have the same methods. */
  readonly name: string;
  readonly getIfExists: boolean;
  readonly detached: boolean;
  readonly maxRestarts: number;
  readonly request: TaskRequest;
  /** What it asks for it has only until it is made. */
  readonly placing: boolean;
}

/** Stands for the whole of what a program computed: equal labels mean equal values. */
export type Label = number;

export function mix(label: Label, part: number): Label {
  let mixed = Math.imul(label ^ part, 0x9e3779b1) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0;
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

/** A program that got a failure instead of a value mixes this in, with the label of what was thrown. */
export const CAUGHT = 0x0c;
/** An error passed on by `get` is not the error itself. */
export const RETHROWN = 0x0e;
/** Stands for failures of the system, which have no label. */
export const SYSTEM_FAILURE = 0x0f;
export const THROWN = 0x10;
export const FLAKED = 0x13;
/** What waits in a call that was stopped gets this. */
export const INTERRUPTED = 0x14;
/** The code of a failure: no room in the store. */
export const FULL = "full";
export const PUT = 0x11;
export const RESULT = 0x12;
export const ITEM = 0x15;
/** A handle. */
export const ACTOR = 0x16;

export interface Value {
  readonly label: Label;
  /** In order, with repetitions. */
  readonly refs: readonly ObjectId[];
}

export type PassedArgument =
  { readonly number: number } | { readonly dependency: true } | { readonly nested: readonly ObjectId[] };

export interface PassedCall {
  readonly program: number;
  /** The driver from whose program the call stems. */
  readonly job: ProcessId;
  readonly arguments: readonly PassedArgument[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Like the codec: bytes say which of the refs stands where, and each ref is listed once. */
function pack(content: unknown, refs: readonly ObjectId[]): Payload {
  return { bytes: encoder.encode(JSON.stringify(content)), buffers: [], refs: [...new Set(refs)], modules: false };
}

export function encodeValue(label: Label, refs: readonly ObjectId[]): Payload {
  return pack({ label, refs }, refs);
}

export function decodeValue(payload: Payload): Value {
  return JSON.parse(decoder.decode(payload.bytes)) as Value;
}

export function encodeCall(call: PassedCall): Payload {
  return pack(
    call,
    call.arguments.flatMap((argument) => ("nested" in argument ? argument.nested : [])),
  );
}

export function decodeCall(payload: Payload): PassedCall {
  return JSON.parse(decoder.decode(payload.bytes)) as PassedCall;
}
