// kill: ends an actor from outside.
import { callSite } from "../codec/places.ts";
import type { KillOptions } from "../domain/options.ts";
import { checkedOptions } from "./checked.ts";
import { assertHeld, gripOf } from "./grip.ts";
import type { AnyActor } from "./lift.ts";
import { described } from "./mistakes.ts";
import { told } from "./own-frames.ts";
import { holdOf } from "./ref.ts";
import { aliveUntilEnded } from "./session.ts";

/**
 * Ends the actor now, whatever it does: its process is killed, and gone a moment later, with the ports that it had; its name is free, and
 * its calls that have not ended fail with ActorDiedError, as do all to come. With `noRestart: false` it is started again, as after a
 * crash, if its `maxRestarts` has some left; one that has no process yet, or again, stays as it is. No effect on one that has ended.
 * Ray: `ray.kill`.
 *
 * Inline there is no process to end: a method that runs is told by its signal, and what it does from then on goes nowhere.
 *
 * Errors: TypeError for what is no actor handle, ObjectFreedError for one that was given up, SessionClosedError.
 */
export async function kill(actor: AnyActor, options?: KillOptions): Promise<void> {
  const site = callSite(1);
  const { noRestart = true } = checkedOptions("kill", options, "kill()", kill);
  const grip = gripOf(actor);
  if (grip === undefined) throw noActor(actor);
  assertHeld(grip, "kill()");
  const { session } = grip.hold;
  // Before anything that is submitted after it: an actor that is made next may have its name.
  const killed = session.backend.killActor(grip.id, { restart: !noRestart, site });
  await aliveUntilEnded(Promise.all([session.ready, killed]));
}

function noActor(value: unknown): TypeError {
  const hint = holdOf(value) === undefined ? "" : " To end a call: cancel(ref).";
  return told(() => new TypeError(`kill() takes an actor handle, but got ${described(value)}.${hint}`));
}
