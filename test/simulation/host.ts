// The process around a program that runs, as far as the program needs it.
import type { StreamPosition } from "#src/protocol/worker.js";
import type { DefinitionId, ObjectId, ProcessId } from "#src/domain/id.js";
import type { Payload } from "#src/domain/object.js";
import type { GroupPlace } from "#src/domain/placement.js";
import type { Cancel, TaskSpec } from "#src/domain/task.js";
import type { ActorTalk } from "./acting.ts";
import type { Keeper } from "./keeper.ts";
import type { GroupTalk } from "./grouping.ts";
import type { Answers, ModelObject } from "./model.ts";
import type { Program } from "./program.ts";
import type { Shipping } from "./shipping.ts";
import type { ReadClient } from "./reading.ts";

/** Of a program that begins. `callId`: its name in its process; 0 for what a driver does. `stream`: which items other attempts have sent. */
export interface Beginning {
  readonly callId: number;
  /** The placement group that it runs in. */
  readonly place?: GroupPlace | undefined;
  readonly stream?: StreamPosition | undefined;
}

export type Ending =
  | { readonly kind: "done"; readonly values: readonly Payload[] }
  | { readonly kind: "thrown"; readonly thrown: Payload; readonly again?: boolean }
  /** There is no room for what it has made. */
  | { readonly kind: "full" }
  | { readonly kind: "crash" }
  /** `exitActor` was called. */
  | { readonly kind: "left" }
  | { readonly kind: "exit"; readonly code: number };

/** The owner of the process around a frame, with its hands. */
export interface FrameClient<Frame> extends ReadClient {
  readonly id: ProcessId;
  readonly spinning: boolean;
  submit(spec: Omit<TaskSpec, "site">, program: Program, models: Answers): readonly ObjectId[];
  cancel(id: ObjectId, cancel: Cancel): void;
  put(value: Payload, model: ModelObject, tainted: boolean): ObjectId;
  /** `arrived` is called once, until `unwatch`. */
  watch(id: ObjectId, frame: Frame): void;
  unwatch(id: ObjectId, frame: Frame): void;
  readonly groups: GroupTalk;
  readonly actors: ActorTalk;
  readonly keeper: Keeper;
  readonly shipping: Shipping;
  /** Carries out what its owner decided in the last step of a frame. */
  stepped(): void;
}

/** The process around a frame, as far as the frame needs it. */
export interface FrameHost<Frame> {
  readonly client: FrameClient<Frame>;
  /** The function by which this program is called from here. */
  definitionFor(program: Program, job: ProcessId): DefinitionId;
  waits(frame: Frame, waiting: boolean): void;
  /** It goes on for ever, and nothing else happens in its process. False: it does not, since its process has other calls to see to. */
  spins(): boolean;
  /** An item of a stream was made, or the last that another attempt has sent. True: it is ahead of its reader, and goes on later. */
  yields(frame: Frame, value: Payload | undefined): boolean;
  /** The actor that lives in this process keeps these refs. */
  keeps(ids: readonly ObjectId[]): void;
  ended(frame: Frame, ending: Ending): void;
}
