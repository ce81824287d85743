// A call that runs here, and whom the runner has to do with.
import type { ExecuteCall } from "../api/execute.ts";
import type { ActorId } from "../domain/actor.ts";
import type { DefinitionId, ObjectId, ProcessId } from "../domain/id.ts";
import type { Failure, Payload } from "../domain/object.ts";
import type { CallId, Cancel } from "../domain/task.ts";
import type { ToDaemon } from "../protocol/daemon.ts";
import type { Call, FromWorker } from "../protocol/worker.ts";
import type { Pace } from "./pace.ts";

export interface RunnerHooks {
  load(definition: DefinitionId): Promise<Payload> | Payload;
  toOwner(owner: ProcessId, message: FromWorker): void;
  toDaemon(message: ToDaemon): void;
  /** These are about to leave with a result, or do not after all. The daemon must hear of the refs inside before the result goes. */
  sending(payloads: readonly Payload[], to: ProcessId): void;
  drop(payloads: readonly Payload[]): void;
  /** Refs of a call have come, and have been used up. */
  /** `from`: who has sent them, if not the daemon. */
  received(ids: readonly ObjectId[], from?: ProcessId): void;
  settled(ids: readonly ObjectId[]): void;
  /** What a call that runs here has submitted is to end with it. */
  cancelChildren(parent: CallId, cancel: Cancel): void;
  /** The actor that lives here could not be made. */
  actorFailed(id: ActorId, cause: Failure): void;
  /** It has called `exitActor`. */
  actorLeaves(): void;
  /** Writes out everything that was sent. */
  flush(): void;
  /** Something was thrown where no code of a task runs: nobody can trust this process any more. */
  broken(error: unknown): void;
  /** Code of a task has replaced what this process stands on: it can run no more calls. */
  unsound(part: string): void;
  /** What is written from now on comes from this task. */
  announce(name: string): void;
}

export interface Running {
  readonly callId: CallId;
  readonly from: ProcessId;
  readonly call: Call;
  readonly execution: ExecuteCall;
  /** Refs that came with it. */
  readonly refs: readonly ObjectId[];
  readonly startedMs: number;
  /** Of a stream. */
  readonly pace: Pace | undefined;
  /** Its end was told, whatever its code still does. */
  over: boolean;
}
