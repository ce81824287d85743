// How an actor is made in its process: by a call of its constructor, of which nobody but the daemon hears. Pure, so that the simulation
// runs it too.
import { constructorOf } from "../domain/actor.ts";
import type { Failure } from "../domain/object.ts";
import type { Host } from "../protocol/daemon.ts";
import type { Call, Reply } from "../protocol/worker.ts";

export function birthOf(host: Host): Call {
  const { lease, plan, restarts, resources, args, positions, values } = host;
  return {
    type: "call",
    lease,
    task: 0,
    attempt: restarts + 1,
    definition: plan.definition,
    name: constructorOf(host.plan.className),
    args,
    positions,
    values,
    returns: 0,
    request: resources,
    group: plan.request.group,
    alone: true,
    method: undefined,
    retryOn: "none",
    stream: undefined,
  };
}

export function isBirthOf(host: Host, { method, lease }: Pick<Call, "method" | "lease">): boolean {
  return method === undefined && lease === host.lease;
}

/** Why it was not made; undefined: it was. */
export function whyNotBorn(host: Host, reply: Reply): Failure | undefined {
  const call = { name: constructorOf(host.plan.className), site: host.plan.site };
  switch (reply.kind) {
    case "done":
      return undefined;
    case "thrown": {
      const { thrown, by, pid } = reply;
      return { kind: "thrown", thrown, by, pid, attempts: host.restarts + 1, ...call };
    }
    case "refused":
      return "site" in reply.failure ? { ...reply.failure, ...call } : reply.failure;
    case "unreadable": {
      const reason = `it was an argument of ${call.name}, and its file in the object store was removed or is damaged`;
      return { kind: "lost", id: reply.stored, reason };
    }
    default:
      return { kind: "cancelled", how: "by exitActor in its constructor", reason: "", ...call };
  }
}
