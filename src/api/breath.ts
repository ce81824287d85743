// A loop that only awaits what is here already never lets the event loop turn: timers and sockets would wait for its end, and so would
// the refs that were collected, and with them the values that they keep.
import { aTurn } from "../std/turns.ts";

/** Values that are handed out in one go. A turn of the loop costs some microseconds. */
const VALUES_MAX = 64;
const BYTES_MAX = 8_000_000;

let values = 0;
let bytes = 0;

/** A value of this size was here already, and is handed out: resolves at once, or now and then in the next turn. */
export function breath(size: number): Promise<void> | undefined {
  values += 1;
  bytes += size;
  if (values < VALUES_MAX && bytes < BYTES_MAX) return undefined;
  values = 0;
  bytes = 0;
  return aTurn();
}
