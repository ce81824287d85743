// What was submitted to an ActorPool, and whose turn it is to be given out. Each map has results of its own, and so has what was
// submitted one by one: whoever shares a pool gets what he asked for, and nothing of the others.
import { GetTimeoutError, type ActorHandle, type ObjectRef } from "../index.ts";
import { startAlarm } from "../std/clock.ts";
import { deferred } from "../std/deferred.ts";
import { Turnstile } from "./turnstile.ts";

export interface Job {
  readonly index: number;
  readonly results: Results;
  readonly begin: (actor: ActorHandle<unknown>) => ObjectRef<unknown>;
  readonly result: Promise<unknown>;
  readonly end: (ended: Ended) => void;
}

type Ended = { readonly value: unknown } | { readonly error: unknown };

export class Results {
  /** Those that nobody has asked for by their place, by their number. */
  readonly #jobs = new Map<number, Job>();
  #submitted = 0;
  #next = 0;
  /** Those that have ended, and some that were given out since. */
  readonly #ended = new Turnstile<Job>();
  /** Whoever waits for the first that ends: one of `#jobs` is theirs. */
  #waiting = 0;

  add(begin: Job["begin"]): Job {
    const { promise: result, resolve, reject } = deferred<unknown>();
    // Whoever asks for it hears of its failure.
    result.catch(() => {});
    const end = (ended: Ended): void => {
      if ("error" in ended) reject(ended.error);
      else resolve(ended.value);
      this.#ended.push(job);
    };
    const job: Job = { index: this.#submitted, results: this, begin, result, end };
    this.#submitted += 1;
    this.#jobs.set(job.index, job);
    return job;
  }

  /** How many nobody has asked for. */
  get left(): number {
    return this.#jobs.size - this.#waiting;
  }

  has(job: Job): boolean {
    return this.#jobs.get(job.index) === job;
  }

  /** Of the earliest. It is taken at once, so that whoever asks meanwhile gets the one after it. */
  async next(timeoutMs?: number): Promise<unknown> {
    while (!this.#jobs.has(this.#next)) this.#next += 1;
    const job = this.#jobs.get(this.#next) as Job;
    this.#jobs.delete(job.index);
    try {
      await within(
        timeoutMs,
        job.result.catch(() => {}),
      );
    } catch (tooLate) {
      this.#jobs.set(job.index, job);
      // It may have ended by now, and been passed over as somebody's.
      const again = (): void => this.#ended.push(job);
      job.result.then(again, again);
      this.#next = Math.min(this.#next, job.index);
      throw tooLate;
    }
    return job.result;
  }

  /** Of the first that ends. */
  async nextUnordered(timeoutMs?: number): Promise<unknown> {
    this.#waiting += 1;
    for (;;) {
      const coming = this.#ended.next();
      const job = await within(timeoutMs, coming).catch((tooLate: unknown) => {
        this.#waiting -= 1;
        void coming.then((late) => this.#ended.push(late));
        throw tooLate;
      });
      if (!this.#jobs.delete(job.index)) continue;
      this.#waiting -= 1;
      return job.result;
    }
  }
}

async function within<V>(timeoutMs: number | undefined, coming: Promise<V>): Promise<V> {
  if (timeoutMs === undefined) return coming;
  const over = deferred<never>();
  const timer = startAlarm(timeoutMs, () => {
    const message = `The next result of the ActorPool did not come within ${timeoutMs} ms. The work goes on: ask again.`;
    over.reject(new GetTimeoutError(message));
  });
  try {
    return await Promise.race([coming, over.promise]);
  } finally {
    timer.cancel();
  }
}
