// Inside a call that is cancelled, or whose time is over: its signal aborts, what waits in it by our means rejects, and what it still
// submits never runs. The function itself goes on for as long as it likes.
import { cancelOfChildren, type Stop } from "../domain/stop.ts";
import type { ExecuteCall } from "./execute.ts";
import { currentCall, slot, type CallContext } from "./slot.ts";
import { stopError } from "./stop-error.ts";

/** Never throws: listeners are the user's, and what they throw is uncaught in the call. */
export function stopCall(call: ExecuteCall, stop: Stop): void {
  call.stop = stop;
  if (call.context !== undefined && !call.context.ended) slot.calls.run(call.context, interrupt, call.context, stop);
}

function interrupt(context: CallContext, stop: Stop): void {
  const cancel = stop.recursive ? cancelOfChildren(stop) : undefined;
  const before = context.stopped;
  context.stopped = { error: before?.error ?? stopError(stop.failure), cancel: before?.cancel ?? cancel };
  if (before !== undefined) return;
  const { error } = context.stopped;
  context.abort?.abort(error);
  for (const reject of context.interrupts ?? []) reject(error);
}

/** Of a call: made at the first look. */
export function signalOf(context: CallContext): AbortSignal {
  if (context.abort === undefined) {
    context.abort = new AbortController();
    if (context.stopped !== undefined) context.abort.abort(context.stopped.error);
  }
  return context.abort.signal;
}

/** What waits in a stopped call rejects at once. */
export function throwIfStopped(): void {
  const stopped = currentCall()?.stopped;
  if (stopped !== undefined) throw stopped.error;
}
