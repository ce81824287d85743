// What the runner reads out of a call and its reply.
import type { ExecuteCall } from "../api/execute.ts";
import { objectId, type ObjectId, type ProcessId } from "../domain/id.ts";
import type { CallId } from "../domain/task.ts";
import type { Call, Reply } from "../protocol/worker.ts";

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

export function refsIn(call: Call): readonly ObjectId[] {
  let refs = call.args.refs;
  for (const value of call.values) if (value.refs.length > 0) refs = [...refs, ...value.refs];
  return refs;
}

export function refsOut(reply: Reply): readonly ObjectId[] {
  if (reply.kind === "thrown") return reply.thrown.refs;
  if (reply.kind !== "done") return NO_REFS;
  let refs = NO_REFS;
  for (const value of reply.values) if (value.refs.length > 0) refs = [...refs, ...value.refs];
  return refs;
}
