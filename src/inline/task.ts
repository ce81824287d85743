// What the inline backend knows of a call.
import type { Progress } from "../domain/progress.ts";
import type { DefinitionId, ObjectId } from "../domain/id.ts";
import type { Payload } from "../domain/object.ts";
import type { Resources } from "../domain/resources.ts";
import type { Stop } from "../domain/stop.ts";
import type { CallId, TaskSpec } from "../domain/task.ts";
import type { Call, Reply } from "../protocol/worker.ts";
import type { Grant } from "./groups.ts";

export type InlineCall = Pick<
  Call,
  "attempt" | "definition" | "name" | "args" | "positions" | "values" | "returns" | "request" | "group" | "retryOn"
> & {
  readonly callId: CallId;
  readonly taskId: ObjectId;
  /** Of a stream: how many items it makes that go nowhere, and where the others go. Both say whether to go on, perhaps later. */
  stream:
    | {
        readonly skip: number;
        room(): boolean | Promise<boolean>;
        item(value: Payload): boolean | Promise<boolean>;
      }
    | undefined;
  stop: Stop | undefined;
  /** The executor's. */
  context: unknown;
};

/** What a call comes to life by; the front end's, handed in because this floor is below it. Neither throws. */
export interface Executor {
  execute(call: InlineCall, load: (definition: DefinitionId) => Payload): Reply | Promise<Reply>;
  /** It is to end. */
  stop(call: InlineCall, stop: Stop): void;
}

/** A call from its submission to its end. */
export interface Task {
  readonly order: number;
  readonly taskId: ObjectId;
  readonly spec: TaskSpec;
  readonly results: readonly ObjectId[];
  /** Arguments that are not here yet. */
  missing: number;
  attempt: number;
  /** Its next attempt waits for its time. */
  delayed: boolean;
  running: Running | undefined;
  done: boolean;
}

export interface Running {
  readonly call: InlineCall;
  readonly grant: Grant;
  /** Its CPUs are with others. */
  lent: boolean;
}

export function progressOf(task: Task): Progress {
  if (task.missing > 0) return "waiting";
  if (task.delayed) return "delayed";
  return task.running === undefined ? "ready" : "running";
}

/** `request`: what it was given. `values`: of its dependencies, in their order. */
export function callOf(task: Task, callId: CallId, request: Resources, values: readonly Payload[]): InlineCall {
  const { taskId, attempt, spec } = task;
  const { definition, name, args, dependencies, returns, retryOn } = spec;
  return {
    callId,
    taskId,
    attempt,
    definition,
    name,
    args,
    positions: dependencies.map(({ position }) => position),
    values,
    returns,
    request,
    group: spec.request.group,
    retryOn,
    stream: undefined,
    stop: undefined,
    context: undefined,
  };
}
