// What a call that waits does to others, and what is done to it.
import type { ObjectId } from "../domain/id.ts";
import type { CallContext } from "./slot.ts";

/** Its CPUs are with others until the function returned here is called. `awaited`: for what it waits. */
export function lendCpus(call: CallContext, awaited: () => readonly ObjectId[]): () => void {
  const wait = { awaited };
  const waits = (call.waits ??= new Set());
  waits.add(wait);
  if (waits.size === 1 && !call.ended)
    call.session.backend.blocked(call.callId, () => [...waits].flatMap((each) => each.awaited()));
  return () => {
    waits.delete(wait);
    if (waits.size === 0 && !call.ended) call.session.backend.unblocked(call.callId);
  };
}

/** As whom it waits: as its actor, if that runs one call at a time, or as itself. */
export function waitsAs({ actor, taskId }: CallContext): ObjectId {
  return actor?.sole === true ? actor.id : taskId;
}

/** Calls back when this call is stopped, until the function returned here is called. It was not yet. */
export function whenStopped(context: CallContext, reject: (error: Error) => void): () => void {
  const interrupts = (context.interrupts ??= new Set());
  interrupts.add(reject);
  return () => void interrupts.delete(reject);
}
