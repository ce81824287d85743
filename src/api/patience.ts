// What a process lacks for the moment, files that it may open or memory, it may soon have again: other calls in it end, and let go of theirs.
// And where there is no room, in memory or on the disk, there may be when all have collected what is garbage, as they are asked to.
import { isForTheMoment } from "../domain/object-failures.ts";
import { delay } from "../std/clock.ts";

/** Between attempts. Whoever still lacks it after a second is told so. */
const PAUSES_MS = [10, 30, 100, 300, 600] as const;

/** The result; a promise of it when it is to be had later. `prepare`: before the first pause. Throws, or rejects, with the last error. */
export function patiently<T>(act: () => T, prepare: () => void = () => {}): T | Promise<T> {
  try {
    return act();
  } catch (error) {
    if (!isForTheMoment(error)) throw error;
    prepare();
    return later(act, error);
  }
}

async function later<T>(act: () => T, first: unknown): Promise<T> {
  let last = first;
  for (const pauseMs of PAUSES_MS) {
    await delay(pauseMs);
    try {
      return act();
    } catch (error) {
      if (!isForTheMoment(error)) throw error;
      last = error;
    }
  }
  throw last;
}
