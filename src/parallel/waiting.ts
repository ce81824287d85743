// Calls of an actor that wait there, in line, until somebody wakes them.
import { getRuntimeContext } from "../index.ts";
import { startTimer } from "../std/clock.ts";

/** Somebody waits. */
export interface Waiter<T> {
  /** He leaves the line, and goes on with this. */
  readonly wake: (value: T) => void;
}

/**
 * At the end of the line, or ahead of all. Undefined: its time was over. A call that nobody waits for any more leaves the line, and
 * rejects.
 */
export function waitIn<T>(line: Waiter<T>[], timeoutMs: number | undefined, ahead = false): Promise<T | undefined> {
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
    const go = (value: T | undefined): void => {
      leave();
      resolve(value);
    };
    const waiter: Waiter<T> = { wake: go };
    const timer = timeoutMs === undefined ? undefined : startTimer(timeoutMs, () => go(undefined));
    if (ahead) line.unshift(waiter);
    else line.push(waiter);
    signal.addEventListener("abort", gone);
  });
}

/** Those who have waited longest; each leaves the line as he is woken. */
export function wakeFirst(line: readonly Waiter<true>[], count: number): void {
  for (const { wake } of line.slice(0, count)) wake(true);
}
