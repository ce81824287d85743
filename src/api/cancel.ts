// cancel: ends a call before it has ended.
import { callSite } from "../codec/places.ts";
import type { CancelOptions } from "../domain/options.ts";
import { checkedOptions } from "./checked.ts";
import type { AnyRef, ObjectRefGenerator } from "./lift.ts";
import { forcedMethod, noCall, severalCalls } from "./mistakes.ts";
import { assertReadable, readerOf } from "./reader.ts";
import { assertUsable, holdOf } from "./ref.ts";
import { currentCall } from "./slot.ts";

/**
 * Ends the call behind a ref or a stream before it has ended. One that waits never runs. One that runs sees `getRuntimeContext().signal` abort,
 * and `get`, `wait`, `asCompleted` and `sleep` in it reject; what else it does is its own affair, and its resources stay taken until it
 * ends. With `force` its worker process is ended, whatever it does. `get` of its refs rejects with TaskCancelledError at once, which
 * tells who cancelled and the `reason`. The calls that it has submitted are cancelled with it, those that they have, and what it
 * submits from then on, unless `recursive` is false; but for calls of actors without results (`numReturns: 0`), by which it can give back
 * what it has taken: `finally { lock.release.options({ numReturns: 0 }).remote(); }`. With `force` that makes no difference: what a call
 * has submitted ends with the process that it ran in. It is not tried again. Ray: `ray.cancel`.
 *
 * Inline there is no process to end: there `force` tells the call like any cancel, and others have its CPUs a second later. And what a
 * task or an actor has submitted counts there as that of another process, too.
 *
 * No effect for a call that has ended or that another process submitted, and for what was put. One whose end this process has not heard of
 * yet, since it was busy, is cancelled: its result is dropped. Resolves when the cancel has been taken.
 * Errors: TypeError for what is no ref, and for `force` with a call of an actor, whose process is the actor's; ObjectFreedError,
 * SessionClosedError.
 */
export async function cancel(ref: AnyRef | ObjectRefGenerator<unknown>, options?: CancelOptions): Promise<void> {
  const site = callSite(1);
  if (holdOf(options) !== undefined || readerOf(options) !== undefined) throw severalCalls();
  const { force = false, recursive = true, reason = "" } = checkedOptions("cancel", options, "cancel()", cancel);
  const reader = readerOf(ref);
  const hold = holdOf(ref);
  if (reader !== undefined) assertReadable(reader, "cancel()");
  else if (hold !== undefined) assertUsable(hold, "cancel()");
  const call = reader ?? hold;
  if (call === undefined) throw noCall(ref);
  if (force && call.origin?.ofActor === true) throw forcedMethod(call.origin.name);
  const how = site.text === "" ? "by ray.cancel" : `by ray.cancel at ${site.text}`;
  const asker = { call: currentCall()?.callId };
  call.session.backend.cancel(call.id, { how, reason, force: force ? "now" : "no", recursive }, asker);
}
