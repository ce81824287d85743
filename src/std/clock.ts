// The only door to time: the wall clock, the monotonic clock and timers. Brains get time as a value and never come here.
//
// Node's timers may fire up to a millisecond early, and fire at once for delays beyond 2^31 - 1 ms. The ones here do neither:
// a timer that wakes too soon by the monotonic clock goes back to sleep for the rest.
import { performance } from "node:perf_hooks";
import timers from "node:timers";
import { deferred } from "./deferred.ts";
import { aTurn, inNextTurn } from "./turns.ts";

// As they were when this program began: fake timers of a test, or what a task puts in their place, stop only their own.
const { clearTimeout, setTimeout } = timers;
const now: () => number = performance.now.bind(performance);

/** The longest delay that Node's own timers take. */
const nodeDelayMaxMs = 2 ** 31 - 1;

export interface Timer {
  /** No effect when it has fired. */
  cancel(): void;
}

export interface TimerOptions {
  /** Whether the process stays alive for it. Default true. */
  keepsAlive?: boolean;
}

/** Milliseconds since the epoch: for records that people read. It may jump. */
export function wallMs(): number {
  return Date.now();
}

/** Milliseconds since some moment of this process; never goes back: for measuring and for deadlines. */
export function monotonicMs(): number {
  return now();
}

/** Calls back once, after at least `delayMs`. Infinity: never. */
export function startTimer(delayMs: number, callback: () => void, options: TimerOptions = {}): Timer {
  const deadline = monotonicMs() + checkedDelay(delayMs);
  let handle: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const remaining = Math.ceil(deadline - monotonicMs());
    handle = setTimeout(wake, Math.min(Math.max(remaining, 0), nodeDelayMaxMs));
    if (options.keepsAlive === false) handle.unref();
  };
  const wake = (): void => {
    if (monotonicMs() < deadline) arm();
    else callback();
  };
  arm();
  return { cancel: () => clearTimeout(handle) };
}

/**
 * Calls back when the time for something to come is over. A process that was busy, or did not run at all, finds its time over before it
 * finds what has come meanwhile: that is heard first, and may cancel this.
 */
export function startAlarm(delayMs: number, callback: () => void, options: TimerOptions = {}): Timer {
  let wanted = true;
  const lastTurn = (): void =>
    inNextTurn(() => {
      if (wanted) callback();
    });
  const timer = delayMs > 0 ? startTimer(delayMs, lastTurn, options) : undefined;
  if (timer === undefined) lastTurn();
  return {
    cancel: () => {
      wanted = false;
      timer?.cancel();
    },
  };
}

/** Calls back again and again, `periodMs` after the last call ended. */
export function startTicker(periodMs: number, callback: () => void, options: TimerOptions = {}): Timer {
  let cancelled = false;
  let timer: Timer;
  const arm = (): void => {
    timer = startTimer(periodMs, fire, options);
  };
  const fire = (): void => {
    try {
      callback();
    } finally {
      if (!cancelled) arm();
    }
  };
  arm();
  return {
    cancel: () => {
      cancelled = true;
      timer.cancel();
    },
  };
}

/** Resolves after at least `ms`; rejects with the signal's reason when that aborts first. */
export function delay(ms: number, signal?: AbortSignal, options?: TimerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = (): void => {
      timer.cancel();
      // The reason is the aborter's own and may be any value.
      reject(signal?.reason);
    };
    const timer = startTimer(
      ms,
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      options,
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Resolves when `work` does, or after `ms`. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const late = deferred();
  const timer = startTimer(ms, late.resolve);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
  }
}

/** Waits for `work` as long as `left` becomes less: gives up when it has not for `ms`. */
export async function whileProgress(ms: number, work: () => Promise<void>, left: () => number): Promise<void> {
  for (let before = Infinity; left() > 0 && left() < before;) {
    before = left();
    await within(ms, work());
    // On a busy machine a process may wake late, and finds that its time is over before it finds what has come meanwhile.
    if (left() === before) await aTurn();
  }
}

/** A negative delay is one that has passed already; what is no number would wait for ever or not at all. */
function checkedDelay(delayMs: number): number {
  if (typeof delayMs !== "number" || Number.isNaN(delayMs)) {
    throw new TypeError(`A delay is a number of milliseconds, but got ${String(delayMs)}.`);
  }
  return Math.max(0, delayMs);
}
