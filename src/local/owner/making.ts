// An actor to be, as its owner tells the daemon of it, and as it waits here for what its constructor takes.
import { constructorOf } from "../../domain/actor.ts";
import type { ActorPlan, ActorSpec } from "../../domain/actor-spec.ts";
import type { TaskSpec } from "../../domain/task.ts";

export function planOf(spec: ActorSpec): ActorPlan {
  const { className, name, namespace, maxRestarts, limits, about, definition, request, placing, getIfExists } = spec;
  const site = spec.site.text;
  const { detached } = spec;
  return {
    className,
    name,
    namespace,
    maxRestarts,
    limits,
    about,
    definition,
    request,
    placing,
    getIfExists,
    detached,
    site,
  };
}

export function makingOf({
  definition,
  className,
  args,
  dependencies,
  request,
  site,
  parent,
  cancelled,
}: ActorSpec): TaskSpec {
  return {
    definition,
    name: constructorOf(className),
    args,
    dependencies,
    returns: 0,
    maxRetries: 0,
    retryOn: "none",
    retryDelay: undefined,
    request,
    site,
    parent,
    cancelled,
  };
}
