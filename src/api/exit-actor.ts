// The orderly end of an actor: asked for by itself, and what its object does last.
import { inspect } from "node:util";
import { contextFor, endContext } from "./call-context.ts";
import { notice } from "./notice.ts";
import { told } from "./own-frames.ts";
import { currentCall, slot, type ActorHost, type Session } from "./slot.ts";

/** What exitActor() throws. Whoever catches it stops nothing. */
class ActorExit extends Error {
  override readonly name = "ActorExit";
}

/**
 * Ends the actor whose method this is called in: it takes no more calls, those that run come to their end (30 s at most), those that wait
 * fail with ActorDiedError, and so does this one; then `[Symbol.asyncDispose]` of the object runs, and its process exits. It is not
 * started again. Works by throwing; catching what it throws does not keep the actor alive. Ray: `ray.actor.exit_actor`.
 *
 * Errors: TypeError outside of an actor.
 */
export function exitActor(): never {
  const call = currentCall();
  const { actor } = call ?? {};
  if (call === undefined || actor === undefined || call.ended)
    throw told(
      () => new TypeError("exitActor() is for code in a running call of an actor. To end another one: kill(handle)."),
    );
  call.left = true;
  throw new ActorExit(`exitActor() ends the actor ${actor.className}. This is no failure: let it pass.`);
}

const DISPOSERS = [Symbol.asyncDispose, Symbol.dispose] as const;

/** Of no call of a backend. */
const NO_CALL = -1;

/**
 * What the object of an actor does last: `[Symbol.asyncDispose]`, or else `[Symbol.dispose]`. What it throws is told on the terminal. Never
 * rejects; how long it may take is the caller's to say.
 */
export async function leave(host: ActorHost, session: Session | undefined = slot.session): Promise<void> {
  const { instance, className } = host;
  if (instance === undefined || session === undefined) return;
  const name = `${className}[Symbol.asyncDispose]`;
  const context = contextFor(session, { callId: NO_CALL, taskId: host.id, name, actor: host, attempt: 1, request: {} });
  try {
    await slot.calls.run(context, dispose, instance);
  } catch (error) {
    if (!context.left) notice(`the actor ${className} has ended, but its ${name} failed: ${inspect(error)}`);
  } finally {
    endContext(context);
  }
}

/** Whether its object has anything to do last. */
export function cleansUp({ instance }: ActorHost): boolean {
  return instance !== undefined && DISPOSERS.some((key) => key in instance);
}

async function dispose(instance: object): Promise<void> {
  for (const key of DISPOSERS) {
    const method: unknown = Reflect.get(instance, key);
    if (typeof method === "function") return void (await Reflect.apply(method, instance, []));
  }
}
