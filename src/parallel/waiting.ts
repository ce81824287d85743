// Calls of an actor that wait there, in line, until somebody wakes them.
import { getRuntimeContext } from "../index.ts";
import { startTimer } from "../std/clock.ts";

/** Somebody waits. */
export interface Waiter {
  /** He leaves the line, and goes on. */
  readonly wake: () => void;
}

/** At the end of the line. False: its time was over. A call that nobody waits for any more leaves the line, and rejects. */
export function waitIn(line: Waiter[], timeoutMs: number | undefined): Promise<boolean> {
  const { signal } = getRuntimeContext();
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      line.splice(line.indexOf(waiter), 1);
      timer?.cancel();
      signal.removeEventListener("abort", gone);
    };
    const gone = (): void => {
      leave();
      reject(signal.reason as Error);
    };
    const go = (inTime: boolean): void => {
      leave();
      resolve(inTime);
    };
    const waiter: Waiter = { wake: () => go(true) };
    const timer = timeoutMs === undefined ? undefined : startTimer(timeoutMs, () => go(false));
    line.push(waiter);
    signal.addEventListener("abort", gone);
  });
}

/** Those who have waited longest; each leaves the line as he is woken. */
export function wakeFirst(line: readonly Waiter[], count: number): void {
  for (const { wake } of line.slice(0, count)) wake();
}
