// A failure in a line, for notices: the error itself says more.
import { placesIn } from "../codec/places.ts";
import { thrownInBrief } from "../codec/thrown.ts";
import { howItDied } from "../domain/actor-failures.ts";
import { submittedThere, workerEnded } from "../domain/failures.ts";
import type { ActorDeath, Failure } from "../domain/object.ts";
import { unreachable } from "../std/invariant.ts";

export function inBrief(failure: Failure): string {
  const why = reasonOf(failure);
  return "site" in failure ? `task ${failure.name}${submittedThere(placesIn(failure.site))}: ${why}` : why;
}

function reasonOf(failure: Failure): string {
  switch (failure.kind) {
    case "thrown":
      return thrownInBrief(failure.thrown);
    case "refused":
      return failure.message.split("\n")[0] ?? "";
    case "crashed":
    case "exited":
      return workerEnded(failure.loss);
    case "unschedulable":
      return "it asks for more than any machine has";
    case "setupFailed":
      return failure.loss.outOfMemory === true
        ? "there was no memory for its process"
        : "its runtimeEnv could not be set up";
    case "ownerDied":
      return `the process that was to make ObjectRef(${failure.id}) is gone`;
    case "cancelled":
      return `cancelled ${failure.how}`;
    case "groupGone":
      return `its placement group is gone`;
    case "timedOut":
      return `it took longer than its timeoutMs, ${failure.timeoutMs}`;
    case "actorDied":
      return deathOf(failure.death, failure.begun);
    case "actorUnavailable":
      return `its actor, a ${failure.className}, was started again: ${workerEnded(failure.loss)}`;
    case "argumentsLost":
      return "its arguments, which were passed by value, are lost";
    case "notRemade":
    case "lost":
    case "closed":
      return failure.reason;
    default:
      return unreachable(failure, "api/brief");
  }
}

function deathOf(death: ActorDeath, begun: boolean): string {
  const { className, by, cause, end } = death;
  const how = `its actor, a ${className}, ${howItDied({ ...death, by: by && placesIn(by) })}`;
  if (end === "failed" && cause !== undefined) return `${how}: ${reasonOf(cause)}`;
  return `${how}${begun ? ", while it ran there" : ""}`;
}
