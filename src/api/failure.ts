// From the plain data that stands in the place of a value to the error that users see. A fresh one for each get.
import { placesIn } from "../codec/places.ts";
import { decodeOutline, decodeThrown } from "../codec/thrown.ts";
import { actorAlreadyExists, actorDied, actorShown, actorUnavailable } from "../domain/actor-failures.ts";
import { fromPlain } from "../domain/errors.ts";
import {
  isOutOfMemory,
  outOfMemory,
  sessionClosed,
  taskExited,
  unschedulable,
  workerCrashed,
  type CrashReport,
} from "../domain/failures.ts";
import { argumentsLost, objectLost, ownerDied, reconstructionFailed } from "../domain/object-failures.ts";
import { rootOf, type Failure } from "../domain/object.ts";
import { setupFailed } from "../domain/start-failures.ts";
import { BY_SIGNAL } from "../domain/stop.ts";
import { taskError } from "../domain/task-error.ts";
import { unreachable } from "../std/invariant.ts";
import { lengthened } from "../std/lengthened.ts";
import { importsFor } from "./arrivals.ts";
import { told } from "./own-frames.ts";
import type { Hold } from "./ref.ts";
import { stopError } from "./stop-error.ts";

type Kind<K extends Failure["kind"]> = Extract<Failure, { kind: K }>;

/**
 * Throws the error that a ref's failure means. It may have a `then` of the user's: so it is thrown, and never what a promise is
 * resolved with.
 */
export async function throwErrorFor(failure: Failure, hold: Hold): Promise<never> {
  // For the class of what was thrown.
  const root = rootOf(failure);
  if (root.kind === "thrown") await importsFor(root.thrown);
  // A cluster that never came up tells everybody what it tells init.
  if (failure.kind === "closed") await hold.session.ready;
  const error = told(() => errorOf(failure, hold));
  if (isOwn(failure, hold)) explain(error, failure, hold);
  else blame(error, hold);
  throw error;
}

function errorOf(given: Failure, hold: Hold): Error {
  // The site may be one in code that only this process can read.
  const failure = "site" in given ? { ...given, site: placesIn(given.site) } : given;
  switch (failure.kind) {
    case "thrown":
      return thrown(failure);
    case "refused":
      return refused(failure);
    case "crashed":
      return (isOutOfMemory(failure.loss) ? outOfMemory : workerCrashed)(crashReport(failure));
    case "exited":
      return taskExited({ ...crashReport(failure), module: failure.module });
    case "cancelled":
    case "timedOut":
    case "groupGone":
      return stopError(failure);
    case "unschedulable":
      return unschedulable(failure);
    case "setupFailed":
      return setupFailed(failure);
    case "actorDied":
      return died(failure, hold);
    case "actorUnavailable":
      return actorUnavailable(failure);
    case "ownerDied":
      return ownerDied(failure);
    case "notRemade":
      return reconstructionFailed(failure, failure.cause && errorOf(failure.cause, hold));
    case "argumentsLost":
      return argumentsLost(failure);
    case "lost":
      return objectLost(failure);
    case "closed": {
      const what = hold.origin === undefined ? `ObjectRef(${hold.id})` : `Task ${hold.origin.name}`;
      return sessionClosed({ what, reason: failure.reason, orderly: failure.orderly });
    }
    default:
      return unreachable(failure, "api/failure");
  }
}

function thrown(failure: Kind<"thrown">): Error {
  try {
    return errorWith(decodeThrown(failure.thrown), failure);
  } catch {
    // A trap of a proxy or an accessor, the user's, threw when it was looked at.
    return errorWith(decodeOutline(failure.thrown), failure);
  }
}

function errorWith(value: unknown, failure: Kind<"thrown">): Error {
  return taskError({
    thrown: value,
    functionName: failure.name,
    by: failure.by,
    attempts: failure.attempts,
    submittedAt: failure.site,
    workerPid: failure.pid,
    remoteStack: value instanceof Error ? (value.stack ?? "") : "",
  });
}

/** What the cluster cannot give is not the actor's own failing: whoever calls it gets the error of that. */
function died(failure: Kind<"actorDied">, hold: Hold): Error {
  const { end, cause, by } = failure.death;
  if (end === "nameTaken") return actorAlreadyExists(failure);
  const error = cause && errorOf(cause, hold);
  if (error !== undefined && (cause?.kind === "unschedulable" || cause?.kind === "setupFailed")) {
    const called = failure.site === "" ? "" : ` (submitted at ${failure.site})`;
    return lengthened(error, `so ${failure.name} of ${actorShown(failure.actor, failure.death)} did not run${called}`);
  }
  return actorDied({ ...failure, death: { ...failure.death, by: by && placesIn(by) } }, error);
}

function refused(failure: Kind<"refused">): Error {
  const submitted = failure.site === "" ? "" : `\n    submitted at ${failure.site}`;
  return fromPlain({ code: failure.code, message: failure.message + submitted, fields: failure.fields });
}

function crashReport({ name, site, attempts, loss }: Kind<"crashed" | "exited">): CrashReport {
  return { name, site, attempts, ...loss };
}

/** Whether the call failed itself, and not what made its argument. */
function isOwn(failure: Failure, { origin }: Hold): boolean {
  if (origin === undefined || !("site" in failure)) return true;
  return origin.dependencies.length === 0 || (failure.site === origin.site.text && failure.name === origin.name);
}

/** What a signal was aborted with stays in its process: there it is the cause. */
function explain(error: Error, failure: Failure, { origin }: Hold): void {
  if (failure.kind !== "cancelled" || failure.how !== BY_SIGNAL || origin?.signal?.aborted !== true) return;
  const value: unknown = origin.signal.reason;
  Object.defineProperty(error, "cause", { value, enumerable: false, writable: true, configurable: true });
}

/** A call whose argument failed fails with the argument's error; the error then says which call that was. */
function blame(error: Error, { origin }: Hold): void {
  if (origin === undefined) return;
  lengthened(error, `so an argument of task ${origin.name} could not be computed (submitted at ${origin.site.text})`);
}
