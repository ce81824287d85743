// The driver waits for a call that is queued at its actor behind a stream which has paused until the driver reads on. Told when the driver
// reads nothing for some time: it may be about to.
import { startTicker } from "../std/clock.ts";
import type { Hold } from "./ref.ts";
import { currentCall } from "./slot.ts";

const LOOKS_MS = 5_000;

/** Of streams that are read outside of calls: how many there are, and how many items were read of them. */
let open = 0;
let read = 0;

export function streamBegun(): void {
  open += 1;
}

export function streamOver(): void {
  open -= 1;
}

export function itemRead(): void {
  read += 1;
}

/** These are waited for, until the function returned here is called. Calls that wait are looked at where they run. */
export function lookOut(holds: readonly Hold[]): () => void {
  if (open === 0 || currentCall() !== undefined) return () => {};
  let before = read;
  const look = (): void => {
    const moved = read !== before;
    before = read;
    const stuck = moved ? undefined : holds.find(({ id, session }) => session.backend.progress(id) === "paused");
    if (stuck?.origin === undefined) return;
    stuck.session.stuck?.tell(stuck.origin);
    ticker.cancel();
  };
  const ticker = startTicker(LOOKS_MS, look, { keepsAlive: false });
  return () => ticker.cancel();
}
