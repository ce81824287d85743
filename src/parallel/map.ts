// map: a function over many items, with so much work in flight and no more, tiny items together.
import { types } from "node:util";
import { checkedOptions, wrongCall } from "../api/checked.ts";
import {
  cancel,
  clusterResources,
  get,
  getRuntimeContext,
  isInitialized,
  remote,
  SessionClosedError,
  type ObjectRef,
  type TaskOptions,
} from "../index.ts";
import { monotonicMs } from "../std/clock.ts";
import { deferred } from "../std/deferred.ts";
import { lengthened } from "../std/lengthened.ts";
import { textOf } from "../std/text-of.ts";
import { aTurn } from "../std/turns.ts";
import { assertPlain } from "./given.ts";

export interface MapOptions extends TaskOptions {
  /** Calls in flight at once. Default: twice as many as the CPUs of the cluster have room for, so that none is ever idle. */
  concurrency?: number | undefined;
  /** Results in the order of the items; false: as they become ready. Default true. */
  ordered?: boolean | undefined;
  /** Items per call. "auto", the default: one at first, then as many as take about 20 ms. */
  batchSize?: number | "auto" | undefined;
}

/** Read it with `for await`, or await it as an array, as often as you like: of what was read before it has nothing. It has one reader. Leaving the loop cancels what is in flight. */
export type MapStream<R> = AsyncIterableIterator<R> & PromiseLike<R[]>;

/** What a batch should take: many times what a call costs, and short enough to be spread evenly. */
const BATCH_MS = 20;
const BATCH_MAX = 10_000;
/** A batch grows by so much at most: one quick item says little of the next. */
const GROWTH = 8;
/** Batches that are done and wait for their turn, for each that may be in flight. */
const UNREAD = 3;

const OWN_OPTIONS: readonly (keyof MapOptions)[] = ["concurrency", "ordered", "batchSize"];

/** What came of a batch, and how long its items took, in milliseconds. */
interface Done<R> {
  readonly values: R[];
  readonly ms: number;
}

interface Batch<R> {
  readonly ref: ObjectRef<Done<R>>;
  /** The index of its first item. */
  readonly first: number;
  readonly count: number;
  done: Done<R> | undefined;
  failed: { readonly error: unknown } | undefined;
}

type Run<T, R> = (items: T[], first: number) => ObjectRef<Done<R>>;

/**
 * Calls `fn(item, index)` for every item, in worker processes, and gives the results. Items are taken from the iterable as there is room
 * for them, so that it may be endless; results that nobody reads stop it. All options of a remote function hold, for each call.
 *
 * The first error ends it: what is in flight is cancelled, and the error is thrown where the results are read, after those of the calls
 * before it; it says which items the call had. A call of several fails, and is tried again, as a whole: `batchSize: 1` where that matters.
 *
 * TypeError for what is no function or a generator function, for no iterable, and for options that are wrong.
 */
export function map<T, R>(
  fn: (item: T, index: number) => R,
  items: Iterable<T> | AsyncIterable<T>,
  options: MapOptions = {},
): MapStream<Awaited<R>> {
  if (typeof fn !== "function" || "remote" in fn)
    throw wrongCall(
      `map() takes the function itself${typeof fn === "function" ? ", not remote(fn)" : ""}: map(fn, items).`,
    );
  if (/^class\b/.test(textOf(fn)))
    throw wrongCall(
      `map() takes a function to call, and ${fn.name || "this"} is a class: map((item) => new ${fn.name || "Class"}(item), items).`,
    );
  if (types.isGeneratorFunction(fn))
    throw wrongCall(
      `map() takes a function that gives one result, and ${fn.name || "this"} is a generator function. Let it return an array of its values; or remote(${fn.name || "fn"}) gives a stream of them for each item.`,
    );
  assertPlain("map()", options);
  const { concurrency, ordered = true, batchSize = "auto", ...task } = options;
  if (task.numReturns !== undefined) throw wrongCall("map() has one result for each item: leave out numReturns.");
  checkedOptions("task", task, "map()", map, { besides: OWN_OPTIONS, without: ["numReturns", "backpressure"] });
  assertWhole("concurrency", concurrency);
  if (batchSize !== "auto") assertWhole("batchSize", batchSize);
  if (typeof ordered !== "boolean") throw wrongCall("map(): the option ordered should be true or false.");
  const runBatch = remote(
    async (batch: T[], first: number): Promise<Done<Awaited<R>>> => {
      const begun = monotonicMs();
      const values: Awaited<R>[] = [];
      for (let offset = 0; offset < batch.length; offset += 1)
        values.push(await fn(batch[offset] as T, first + offset));
      return { values, ms: monotonicMs() - begun };
    },
    { name: fn.name || "map", ...task },
  );
  const run: Run<T, Awaited<R>> = (batch, first) => runBatch.remote(batch, first);
  const left = Array.isArray(items) ? items.length : undefined;
  const session = isInitialized() ? getRuntimeContext().jobId : undefined;
  const settings = { concurrency, cpus: task.numCpus ?? 1, ordered, batchSize, left, session };
  return new Mapping(run, sourceOf(items), settings);
}

function assertWhole(option: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw wrongCall(`map(): the option ${option} should be a whole number from 1 on, but got ${String(value)}.`);
}

function sourceOf<T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  const given: unknown = items;
  if (given !== null && given !== undefined) {
    if (Symbol.asyncIterator in Object(given)) return (items as AsyncIterable<T>)[Symbol.asyncIterator]();
    if (Symbol.iterator in Object(given)) return (items as Iterable<T>)[Symbol.iterator]();
  }
  throw wrongCall("map() takes an iterable of items, for example an array: map(fn, items).");
}

interface MappingOptions {
  readonly concurrency: number | undefined;
  readonly cpus: number;
  readonly ordered: boolean;
  readonly batchSize: number | "auto";
  /** Items, when that is known. */
  readonly left: number | undefined;
  /** Undefined: the one that it begins. */
  readonly session: string | undefined;
}

class Mapping<T, R> implements AsyncIterableIterator<R>, PromiseLike<R[]> {
  readonly #run: Run<T, R>;
  readonly #source: Iterator<T> | AsyncIterator<T>;
  readonly #options: MappingOptions;
  #concurrency: number | undefined;
  #size: number;
  #taken = 0;
  #exhausted = false;
  #over = false;
  #inFlight = 0;
  /** Begun and not handed out, in the order of their items. */
  #batches: Batch<R>[] = [];
  /** Those of them that are over, as they became so. */
  #ready: Batch<R>[] = [];
  /** What the source was asked for, and has not given. */
  #coming: IteratorResult<T> | Promise<IteratorResult<T>> | undefined;
  /** Calls are being begun. */
  #filling = false;
  /** Why no more can be; what was begun before is read first. */
  #broken: { readonly error: unknown } | undefined;
  #session: string | undefined;
  #changed = deferred<void>();
  #values: R[] = [];
  #at = 0;
  /** What it is when it is awaited, once or more often. */
  #array: Promise<R[]> | undefined;
  /** Whoever reads waits for those who read before. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(run: Run<T, R>, source: Iterator<T> | AsyncIterator<T>, options: MappingOptions) {
    this.#run = run;
    this.#source = source;
    this.#options = options;
    this.#concurrency = options.concurrency;
    this.#session = options.session;
    this.#size = options.batchSize === "auto" ? 1 : options.batchSize;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<R, undefined>> {
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => {});
    return next;
  }

  async return(): Promise<IteratorResult<R, undefined>> {
    await this.#end();
    return { done: true, value: undefined };
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaited, it is all of its results: that is half of what it is for
  then<A = R[], B = never>(
    fulfilled?: ((value: R[]) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#array ??= this.#all();
    return this.#array.then(fulfilled, rejected);
  }

  async #all(): Promise<R[]> {
    const values: R[] = [];
    for (let next = await this.next(); next.done !== true; next = await this.next()) values.push(next.value);
    return values;
  }

  async #next(): Promise<IteratorResult<R, undefined>> {
    while (!this.#over && this.#at === this.#values.length) await this.#more();
    if (this.#over) return { done: true, value: undefined };
    const value = this.#values[this.#at] as R;
    this.#at += 1;
    return { done: false, value };
  }

  /** The values of the next batch. */
  async #more(): Promise<void> {
    try {
      const batch = await this.#nextBatch();
      if (batch === undefined) return void (this.#over = true);
      if (batch.failed !== undefined) throw batch.failed.error;
      this.#values = batch.done?.values ?? [];
      this.#at = 0;
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  /** Undefined: there is none any more. */
  async #nextBatch(): Promise<Batch<R> | undefined> {
    while (!this.#over) {
      this.#fill();
      const batch = this.#takeReady();
      if (batch !== undefined) return batch;
      if (!this.#filling && this.#batches.length === 0) {
        if (this.#broken !== undefined) throw this.#broken.error;
        if (this.#exhausted) return undefined;
      }
      this.#changed = deferred();
      await this.#changed.promise;
    }
    return undefined;
  }

  #takeReady(): Batch<R> | undefined {
    const [first] = this.#batches;
    const ready = this.#options.ordered ? first && isOver(first) && first : this.#ready[0];
    if (ready === undefined || ready === false) return undefined;
    for (const list of [this.#batches, this.#ready]) list.splice(list.indexOf(ready), 1);
    return ready;
  }

  /** Begins as many calls as may be in flight, while others look at what has come: the source may be slow. */
  #fill(): void {
    if (this.#filling || !this.#mayBegin) return;
    this.#filling = true;
    const over = (error?: { readonly error: unknown }): void => {
      this.#broken ??= error;
      this.#filling = false;
      this.#changed.resolve();
    };
    this.#fillUp().then(
      () => over(),
      (error: unknown) => over({ error }),
    );
  }

  get #mayBegin(): boolean {
    if (this.#over || this.#exhausted || this.#broken !== undefined) return false;
    const most = this.#concurrency ?? 1;
    return this.#inFlight < most && this.#unread < UNREAD * most;
  }

  async #fillUp(): Promise<void> {
    this.#assertSession();
    this.#concurrency ??= await defaultConcurrency(this.#options.cpus);
    while (this.#mayBegin) {
      const first = this.#taken;
      const items = await this.#take(this.#sizeNow(this.#concurrency));
      if (items.length > 0 && !this.#over) this.#begin(items, first);
    }
  }

  get #unread(): number {
    return this.#batches.length - this.#inFlight;
  }

  /** Towards the end every process should have something to do. */
  #sizeNow(concurrency: number): number {
    const { left, batchSize } = this.#options;
    if (left === undefined || batchSize !== "auto") return this.#size;
    return Math.max(1, Math.min(this.#size, Math.ceil((left - this.#taken) / concurrency)));
  }

  /** So many, or those that are there at once: they do not wait for others. What the source throws comes after what it gave. */
  async #take(count: number): Promise<T[]> {
    const items: T[] = [];
    let turn: Promise<undefined> | undefined;
    try {
      while (items.length < count) {
        const coming = (this.#coming ??= this.#source.next());
        const isFirst = items.length === 0;
        const next = "then" in coming ? await (isFirst ? coming : Promise.race([coming, (turn ??= aTurn())])) : coming;
        if (next === undefined) break;
        this.#coming = undefined;
        if (next.done === true) {
          this.#exhausted = true;
          break;
        }
        items.push(next.value);
      }
    } catch (error) {
      this.#exhausted = true;
      this.#broken = { error };
    }
    this.#taken += items.length;
    return items;
  }

  #begin(items: T[], first: number): void {
    this.#assertSession();
    const ref = naming(first, items.length, () => this.#run(items, first));
    const batch: Batch<R> = { ref, first, count: items.length, done: undefined, failed: undefined };
    this.#batches.push(batch);
    this.#inFlight += 1;
    void this.#settle(batch);
  }

  /** It begins one if there was none; but no other by itself. */
  #assertSession(): void {
    this.#session ??= getRuntimeContext().jobId;
    if (isInitialized() && getRuntimeContext().jobId === this.#session) return;
    throw new SessionClosedError("map(): the session that it began in has ended. Read its results before shutdown().");
  }

  async #settle(batch: Batch<R>): Promise<void> {
    try {
      batch.done = await get(batch.ref);
      this.#learn(batch.count, batch.done.ms);
    } catch (error) {
      batch.failed = { error: named(error, batch.first, batch.count) };
    }
    this.#inFlight -= 1;
    this.#ready.push(batch);
    this.#changed.resolve();
  }

  #learn(count: number, ms: number): void {
    if (this.#options.batchSize !== "auto") return;
    const fitting = Math.floor((BATCH_MS * count) / Math.max(ms, 0.000_1));
    this.#size = Math.max(1, Math.min(fitting, this.#size * GROWTH, BATCH_MAX));
  }

  async #end(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#changed.resolve();
    const begun = this.#batches.filter((batch) => !isOver(batch));
    this.#batches = [];
    this.#ready = [];
    await Promise.all(
      begun.map(({ ref }) => cancel(ref, { reason: "nobody reads the results of its map() any more" })),
    );
    if (this.#exhausted) return;
    const returned = this.#source.return?.();
    // One that has not given what it was asked for returns after it, and nobody waits for that.
    if (this.#coming === undefined) await returned;
    else Promise.resolve(returned).catch(() => {});
  }
}

/** Says in the error of a call which items it had. */
function named(error: unknown, first: number, count: number): unknown {
  if (!(error instanceof Error)) return error;
  const which = count === 1 ? `item ${first}` : `one of the items ${first} to ${first + count - 1}`;
  return lengthened(error, `of map(): ${which}, counted from 0`);
}

function naming<V>(first: number, count: number, call: () => V): V {
  try {
    return call();
  } catch (error) {
    throw named(error, first, count);
  }
}

function isOver({ done, failed }: Batch<unknown>): boolean {
  return done !== undefined || failed !== undefined;
}

async function defaultConcurrency(cpusEach: number): Promise<number> {
  const { CPU = 1 } = await clusterResources();
  return Math.max(2, Math.ceil((2 * CPU) / Math.max(cpusEach, 0.25)));
}
