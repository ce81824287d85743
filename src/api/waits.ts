// What a call that waits does to others, and what is done to it.
import type { CallContext } from "./slot.ts";

/** Its CPUs are with others until the function returned here is called. */
export function lendCpus(call: CallContext): () => void {
  call.waits += 1;
  if (call.waits === 1 && !call.ended) call.session.backend.blocked(call.callId);
  return () => takeBack(call);
}

function takeBack(call: CallContext): void {
  call.waits -= 1;
  if (call.waits === 0 && !call.ended) call.session.backend.unblocked(call.callId);
}

/** Calls back when this call is stopped, until the function returned here is called. It was not yet. */
export function whenStopped(context: CallContext, reject: (error: Error) => void): () => void {
  const interrupts = (context.interrupts ??= new Set());
  interrupts.add(reject);
  return () => void interrupts.delete(reject);
}
