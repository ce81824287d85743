// Actors by name.
import { actorNotFound } from "../domain/actor-failures.ts";
import type { GetActorOptions, ListNamedActorsOptions } from "../domain/options.ts";
import type { TravellingAbout } from "./actor-about.ts";
import { handleArrived } from "./actor-handle.ts";
import { importsFor, valueOf } from "./arrivals.ts";
import { checkedOptions } from "./checked.ts";
import type { ActorHandle } from "./lift.ts";
import { described } from "./mistakes.ts";
import { told } from "./own-frames.ts";
import { aliveUntil, currentSession } from "./session.ts";
import type { ActorHost, Session } from "./slot.ts";

/**
 * A handle of the living actor of that name. It keeps the actor alive as any other does. Ray: `ray.get_actor`.
 *
 * Errors: ActorNotFoundError, which names similar ones, TypeError for what is no name.
 */
export async function getActor<T>(name: string, options?: GetActorOptions): Promise<ActorHandle<T>> {
  if (typeof name !== "string" || name === "")
    throw told(() => new TypeError(`getActor() takes the name of an actor, but got ${described(name)}.`));
  const given = checkedOptions("getActor", options, "getActor()", getActor);
  const session = currentSession("getActor()");
  const found = await aliveUntil(
    session.ready.then(async () => {
      const { backend } = session;
      const { namespace = backend.identity.namespace } = given;
      return { namespace, ...(await backend.actorNamed(name, namespace)) };
    }),
  );
  const { actor, namespace, names } = found;
  if (actor === undefined) throw told(() => actorNotFound(name, namespace, names));
  const ready = importsFor(actor.about);
  if (ready !== undefined) await ready;
  return handleArrived(session, actor.id, valueOf(actor.about, session) as TravellingAbout) as ActorHandle<T>;
}

/** The living actors that have a name, of this namespace or of all. Ray: `ray.util.list_named_actors`. */
export async function listNamedActors(
  options?: ListNamedActorsOptions,
): Promise<{ name: string; namespace: string }[]> {
  const { allNamespaces = false } = checkedOptions("listNamedActors", options, "listNamedActors()", listNamedActors);
  const session = currentSession("listNamedActors()");
  const names = await aliveUntil(
    session.ready.then(() =>
      session.backend.namedActors(allNamespaces ? undefined : session.backend.identity.namespace),
    ),
  );
  return names.map(({ name, namespace }) => ({ name, namespace }));
}

/** For code that runs in it. */
export function handleOfHost(session: Session, host: ActorHost): ActorHandle<unknown> {
  session.backend.hold(host.id);
  return handleArrived(session, host.id, valueOf(host.about, session) as TravellingAbout);
}
