// What belongs to no call, although a call does it.
import { slot } from "./slot.ts";

/** What is submitted in it is not cancelled with the call that the code runs in, and what waits in it goes on when that is. */
export function outsideOfCalls<R>(callback: () => R): R {
  return slot.calls.exit(callback);
}
