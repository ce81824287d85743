// Calls of an actor that wait there, in line, until somebody wakes them.
import { getRuntimeContext } from "../index.ts";
import { startAlarm } from "../std/clock.ts";

/** Somebody waits. */
export interface Waiter<T> {
  /** He leaves the line, and goes on with this. */
  readonly wake: (value: T) => void;
}

/**
 * `enter` is given what wakes it, and gives how it leaves the line, which happens once. Undefined: its time was over. A call that nobody
 * waits for any more leaves the line, and rejects.
 */
export function untilWoken<T>(
  enter: (wake: (value: T) => void) => () => void,
  timeoutMs: number | undefined,
): Promise<T | undefined> {
  const { signal } = getRuntimeContext();
  return new Promise((resolve, reject) => {
    const over = (): void => {
      leave();
      timer?.cancel();
      signal.removeEventListener("abort", gone);
    };
    const gone = (): void => {
      over();
      reject(signal.reason as Error);
    };
    const go = (value: T | undefined): void => {
      over();
      resolve(value);
    };
    const leave = enter(go);
    const timer = timeoutMs === undefined ? undefined : startAlarm(timeoutMs, () => go(undefined));
    signal.addEventListener("abort", gone);
  });
}

/** At the end of the line. */
export function waitIn<T>(line: Waiter<T>[], timeoutMs: number | undefined): Promise<T | undefined> {
  return untilWoken<T>((wake) => {
    const waiter = { wake };
    line.push(waiter);
    return () => void line.splice(line.indexOf(waiter), 1);
  }, timeoutMs);
}

/** Those who have waited longest; each leaves the line as he is woken. How many there were. */
export function wakeFirst(line: readonly Waiter<true>[], count: number): number {
  const first = line.slice(0, count);
  for (const { wake } of first) wake(true);
  return first.length;
}
