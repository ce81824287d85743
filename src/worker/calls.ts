// What the runner reads out of a call.
import type { ExecuteCall } from "../api/execute.ts";
import { objectId, type ObjectId, type ProcessId } from "../domain/id.ts";
import { refsInAll } from "../domain/object.ts";
import type { CallId } from "../domain/task.ts";
import type { Call } from "../protocol/worker.ts";

export const NO_REFS: readonly ObjectId[] = [];

export function executionOf(callId: CallId, from: ProcessId, call: Call): ExecuteCall {
  const { task, attempt, definition, name, args, positions, values, returns, request, group, retryOn } = call;
  return {
    callId,
    taskId: objectId(from, task),
    attempt,
    definition,
    name,
    args,
    positions,
    values,
    returns,
    request,
    group,
    retryOn,
    stream: undefined,
    stop: undefined,
    context: undefined,
  };
}

export function keyOf({ lease, task }: Pick<Call, "lease" | "task">): string {
  return `${lease}/${task}`;
}

export function refsIn({ args, values }: Call): readonly ObjectId[] {
  return values.length === 0 ? args.refs : refsInAll([args, ...values]);
}
