// Keeps the process alive while somebody waits for a result: sockets of ours do not, and a wait that the process forgets is a hang.
import { startTimer, type Timer } from "../std/clock.ts";

let waiting = 0;
let timer: Timer | undefined;

/** Matched by one `letGo`. */
export function stayAlive(): void {
  waiting += 1;
  timer ??= startTimer(Number.POSITIVE_INFINITY, () => {});
}

export function letGo(): void {
  waiting -= 1;
  if (waiting > 0) return;
  timer?.cancel();
  timer = undefined;
}
