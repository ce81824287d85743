// What may want to interrupt things before they have come to their end: a time for each, and signals of the user's, many of which may
// have the same one.
import { startAlarm, type Timer } from "./clock.ts";

export class Alarms<Key> {
  readonly #timers = new Map<Key, Timer>();
  readonly #signals = new Map<Key, AbortSignal>();
  /** One listener for each signal, however many things it may interrupt. */
  readonly #listeners = new Map<AbortSignal, { readonly keys: Set<Key>; readonly listener: () => void }>();
  readonly #aborted: (key: Key, reason: unknown) => void;

  constructor(aborted: (key: Key, reason: unknown) => void) {
    this.#aborted = aborted;
  }

  /**
   * Calls back after this time, unless `clear` comes first, also by what has come in it and was not heard yet. One for each key. The
   * process does not stay alive for it.
   */
  time(key: Key, ms: number, over: () => void): void {
    const timer = startAlarm(
      ms,
      () => {
        this.#timers.delete(key);
        over();
      },
      { keepsAlive: false },
    );
    this.#timers.set(key, timer);
  }

  /** Tells when this signal aborts, unless `clear` comes first. It has not yet. */
  listen(key: Key, signal: AbortSignal): void {
    this.#signals.set(key, signal);
    const known = this.#listeners.get(signal);
    if (known !== undefined) return void known.keys.add(key);
    const keys = new Set([key]);
    const listener = (): void => {
      this.#listeners.delete(signal);
      for (const each of keys) this.#signals.delete(each);
      for (const each of keys) this.#aborted(each, signal.reason);
    };
    this.#listeners.set(signal, { keys, listener });
    signal.addEventListener("abort", listener, { once: true });
  }

  clear(key: Key): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    const signal = this.#signals.get(key);
    if (signal === undefined) return;
    this.#signals.delete(key);
    const known = this.#listeners.get(signal);
    known?.keys.delete(key);
    if (known === undefined || known.keys.size > 0) return;
    this.#listeners.delete(signal);
    signal.removeEventListener("abort", known.listener);
  }

  clearAll(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    for (const [signal, { listener }] of this.#listeners) signal.removeEventListener("abort", listener);
    this.#listeners.clear();
    this.#signals.clear();
  }
}
