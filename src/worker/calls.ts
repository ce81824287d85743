// What the runner reads out of a call.
import type { ExecuteCall } from "../api/execute.ts";
import { objectId, type ObjectId, type ProcessId } from "../domain/id.ts";
import { refsInAll } from "../domain/object.ts";
import type { CallId } from "../domain/task.ts";
import type { Call } from "../protocol/worker.ts";
import type { Resident } from "./resident.ts";

export const NO_REFS: readonly ObjectId[] = [];

/** `resident`: the actor that lives in this process, if any: it is made by a call, and has others. */
export function executionOf(callId: CallId, from: ProcessId, call: Call, resident: Resident | undefined): ExecuteCall {
  const { task, attempt, definition, name, method, args, positions, values, returns, request, group, retryOn } = call;
  const birth = resident?.isBirth(call) === true;
  const itsOwn = method !== undefined || birth;
  return {
    callId,
    taskId: birth ? resident.id : objectId(from, task),
    attempt,
    definition,
    name,
    actor: itsOwn ? resident?.actor : undefined,
    method: method?.name,
    args,
    positions,
    values,
    returns,
    request,
    // A method names none: it runs where its actor lives.
    group: itsOwn ? resident?.group : group,
    retryOn,
    stream: undefined,
    stop: undefined,
    context: undefined,
  };
}

/** Calls of one kind take about as long. */
export function kindOf({ definition, name }: Call): string {
  return definition === "" ? name : definition;
}

export function keyOf({ lease, task }: Pick<Call, "lease" | "task">): string {
  return `${lease}/${task}`;
}

export function refsIn({ args, values }: Call): readonly ObjectId[] {
  return values.length === 0 ? args.refs : refsInAll([args, ...values]);
}
