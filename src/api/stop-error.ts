// The error of a call that was ended before it had ended: for whoever gets its value, and for the code that runs in it.
import { placesIn } from "../codec/places.ts";
import { placementGroupGone, taskCancelled, taskTimedOut } from "../domain/failures.ts";
import type { StopFailure } from "../domain/stop.ts";
import { told } from "./own-frames.ts";

export function stopError(failure: StopFailure): Error {
  const site = placesIn(failure.site);
  return told(() => {
    if (failure.kind === "timedOut") return taskTimedOut({ ...failure, site });
    if (failure.kind === "groupGone") return placementGroupGone({ ...failure, site });
    return taskCancelled({ ...failure, site, how: placesIn(failure.how) });
  });
}
