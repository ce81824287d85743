// asCompleted: refs in the order in which they become ready.
import { Deque } from "../std/deque.ts";
import { calledAt } from "../std/own-frames.ts";
import type { AnyRef } from "./lift.ts";
import { described } from "./mistakes.ts";
import { holdFor } from "./objects.ts";
import { atCaller } from "./own-frames.ts";
import { lend } from "./pending.ts";
import type { Hold } from "./ref.ts";
import { throwIfStopped } from "./stop.ts";

type Step<R> = IteratorResult<R, undefined>;

/** Somebody who waits for the next one. */
interface Asked<R> {
  readonly resolve: (step: Step<R>) => void;
  readonly reject: (error: Error) => void;
}

interface Watched {
  readonly hold: Hold;
  readonly onOutcome: () => void;
}

/** Watches all of its refs from the start and hands each out once. Leaving the loop stops it. */
class Completed<R> implements AsyncIterableIterator<R> {
  readonly #ready = new Deque<R>();
  readonly #asked = new Deque<Asked<R>>();
  readonly #watched = new Set<Watched>();
  /** To be called when nobody waits for a next one any more. */
  #goOn: (() => void) | undefined;

  constructor(refs: readonly R[], holds: readonly Hold[]) {
    for (const [index, hold] of holds.entries()) {
      const ref = refs[index] as R;
      if (hold.session.backend.read(hold.id) === undefined) this.#watch(ref, hold);
      else this.#ready.push(ref);
    }
  }

  #watch(ref: R, hold: Hold): void {
    const onOutcome = (): void => {
      this.#forget(watched);
      this.#ready.push(ref);
      this.#answer();
    };
    const watched: Watched = { hold, onOutcome };
    hold.enter();
    this.#watched.add(watched);
    hold.session.backend.watch(hold.id, onOutcome);
  }

  #forget(watched: Watched): void {
    if (this.#watched.delete(watched)) watched.hold.leave();
  }

  next(): Promise<Step<R>> {
    return new Promise((resolve, reject) => {
      throwIfStopped();
      this.#asked.push({ resolve, reject });
      if (this.#ready.size === 0 && this.#watched.size > 0)
        this.#goOn ??= lend(
          () => [...this.#watched].map(({ hold }) => hold.id),
          (error) => this.#interrupted(error),
        );
      this.#answer();
    });
  }

  #interrupted(error: Error): void {
    for (let asked = this.#asked.shift(); asked !== undefined; asked = this.#asked.shift()) asked.reject(error);
    // A loop that ends by an error does not say that it ends.
    void this.return();
  }

  return(): Promise<Step<R>> {
    for (const watched of this.#watched) {
      const { hold, onOutcome } = watched;
      hold.session.backend.unwatch(hold.id, onOutcome);
      this.#forget(watched);
    }
    this.#ready.clear();
    this.#answer();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #answer(): void {
    while (this.#asked.size > 0) {
      const ref = this.#ready.shift();
      if (ref === undefined && this.#watched.size > 0) return;
      this.#asked.shift()?.resolve(ref === undefined ? { done: true, value: undefined } : { done: false, value: ref });
    }
    this.#goOn?.();
    this.#goOn = undefined;
  }
}

/**
 * Refs in the order in which they become ready, those that are ready already first and in input order; failed ones are ready too.
 * Ray: `ray.util.as_completed`. TypeError for what is no iterable of refs.
 */
export function asCompleted<R extends AnyRef>(refs: Iterable<R>): AsyncIterableIterator<R> {
  const iterable: unknown = refs;
  if (typeof iterable !== "object" || iterable === null || !(Symbol.iterator in iterable)) {
    const text = `asCompleted() takes an array or another iterable of refs, but got ${described(refs)}.`;
    throw calledAt(asCompleted, new TypeError(text));
  }
  const list = [...refs];
  const holds = atCaller(asCompleted, () =>
    list.map((ref, index) => holdFor("asCompleted()", ref, ` at index ${index}`)),
  );
  return new Completed(list, holds);
}
