// Waiting for objects: get, wait and asCompleted all come through here, so that keeping alive, lending and letting go are right once.
import { Alarms } from "../std/alarms.ts";
import { startAlarm } from "../std/clock.ts";
import type { ObjectId } from "../domain/id.ts";
import type { Outcome } from "../domain/object.ts";
import { letGo, stayAlive } from "./keep-alive.ts";
import type { Hold } from "./ref.ts";
import { currentCall } from "./slot.ts";
import { throwIfStopped } from "./stop.ts";
import { lookOut } from "./stuck.ts";
import { lendCpus, whenStopped } from "./waits.ts";

/**
 * The current call waits for others: its CPU is lent until the function returned here is called. `awaited`: for what. `interrupted`: it
 * is stopped, and must wait no longer.
 */
export function lend(awaited: () => readonly ObjectId[], interrupted: (error: Error) => void): () => void {
  const call = currentCall();
  stayAlive();
  if (call === undefined) return letGo;
  const takeBack = lendCpus(call, awaited);
  const forget = whenStopped(call, interrupted);
  return () => {
    letGo();
    forget();
    takeBack();
  };
}

/** Of all that wait. Many may have the same one, and Node warns of a signal with many listeners. */
const signals = new Alarms<(reason: unknown) => void>((onAbort, reason) => onAbort(reason));

export interface Patience {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Watches objects that are not here yet, until `arrived` says that it has seen enough (true) or time is up (false). Rejects with
 * the signal's reason, or when the call that it is in is stopped. The holds are entered meanwhile, so that their refs may go.
 * Afterwards nothing of it is left behind.
 */
export function watchUntil(
  holds: readonly Hold[],
  arrived: (index: number, outcome: Outcome) => boolean,
  { timeoutMs, signal }: Patience,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    throwIfStopped();
    /** Of those that have not come. */
    const watchers: (((outcome: Outcome) => void) | undefined)[] = [];
    let over = false;
    const onTime = (): void => {
      finish();
      resolve(false);
    };
    // No time at all still lets what has arrived in this process be read: a loop that polls would else never see anything.
    const timer = timeoutMs === undefined ? undefined : startAlarm(timeoutMs, onTime);
    for (const hold of holds) hold.enter();
    const missing = (): ObjectId[] => holds.filter((_, index) => watchers[index] !== undefined).map(({ id }) => id);
    const goOn = lend(missing, (error) => {
      finish();
      reject(error);
    });
    const lookNoMore = lookOut(holds);
    const finish = (): void => {
      over = true;
      lookNoMore();
      for (let index = 0; index < holds.length; index += 1) {
        const { session, id } = holds[index] as Hold;
        const watcher = watchers[index];
        if (watcher !== undefined) session.backend.unwatch(id, watcher);
      }
      for (const hold of holds) hold.leave();
      timer?.cancel();
      signals.clear(onAbort);
      goOn();
    };
    const onAbort = (reason: unknown): void => {
      finish();
      reject(reason);
    };
    // There may be a million of them.
    for (let index = 0; index < holds.length; index += 1) {
      const { session, id } = holds[index] as Hold;
      const watcher = (outcome: Outcome): void => {
        watchers[index] = undefined;
        if (over || !arrived(index, outcome)) return;
        finish();
        resolve(true);
      };
      watchers.push(watcher);
      session.backend.watch(id, watcher);
    }
    if (signal !== undefined) signals.listen(onAbort, signal);
  });
}
