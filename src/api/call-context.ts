// The context that the code of a call runs in, from its beginning to its end.
import type { ObjectId } from "../domain/id.ts";
import type { GroupPlace } from "../domain/placement.ts";
import type { Resources } from "../domain/resources.ts";
import type { CallId } from "../domain/task.ts";
import type { ActorHost, CallContext, Session } from "./slot.ts";

interface Called {
  readonly callId: CallId;
  readonly taskId: ObjectId;
  readonly name: string;
  readonly actor: ActorHost | undefined;
  readonly attempt: number;
  readonly request: Resources;
  readonly group?: GroupPlace | undefined;
}

export function contextFor(session: Session, call: Called): CallContext {
  const { callId, taskId, name, actor, attempt, request, group } = call;
  return {
    session,
    callId,
    taskId,
    taskName: name,
    actor,
    attempt,
    request,
    group,
    waits: undefined,
    ended: false,
    left: false,
    abort: undefined,
    stopped: undefined,
    interrupts: undefined,
    streams: undefined,
  };
}

/** A wait that the function left pending lends nothing any more, and streams that it has begun have lost their reader. */
export function endContext(context: CallContext): void {
  context.ended = true;
  if (context.streams !== undefined) for (const leave of context.streams) leave(context.taskName);
  if (context.waits !== undefined && context.waits.size > 0) context.session.backend.unblocked(context.callId);
}
