// Queue: first in, first out, shared by all who hold it. It lives in an actor; whoever has the queue has a handle of that.
import { wrongCall } from "../api/checked.ts";
import { get, QueueEmptyError, QueueFullError, remote, type ActorHandle, type ActorOptions } from "../index.ts";
import { actorOptions, assertLimit, type WaitLimit } from "./given.ts";
import { inTurn, takeOrUndo, Turns, type Turn } from "./turns.ts";
import { waitIn, wakeFirst, type Waiter } from "./waiting.ts";

/** How long to wait. */
export type QueueWait = WaitLimit;

/** Calls that wait at once, of each kind: no wait for an item may keep the item from coming in. */
const WAITING_MAX = 10_000;

interface Entry {
  readonly item: unknown;
  /** The how manyth it is of all that came: what is put back takes its place again. */
  readonly place: number;
}

type Got = Entry[] | "closed";

class QueueActor {
  readonly #maxSize: number;
  readonly #items: Entry[] = [];
  #came = 0;
  /** Once it is closed all may come, and hear that. */
  readonly #getters = new Turns(() => (this.#closed ? Infinity : this.#items.length));
  readonly #putters: Waiter<true>[] = [];
  /** Of these, those who were woken and have not put yet: there is room for each. */
  #coming = 0;
  #closed = false;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** False: there was no room in time. */
  async put(item: unknown, timeoutMs: number | undefined): Promise<"done" | "full" | "closed"> {
    if (!this.#closed && this.#room(1) < 0) {
      if ((await waitIn(this.#putters, timeoutMs)) === undefined) return "full";
      this.#coming -= 1;
    }
    if (this.#closed) return "closed";
    this.#add([item]);
    return "done";
  }

  /** What is left when so many more come, after those that wait. */
  #room(count: number): number {
    return this.#maxSize - this.#items.length - this.#coming - this.#putters.length - count;
  }

  /** All of them or none. */
  putNow(items: readonly unknown[]): "done" | "full" | "closed" {
    if (this.#closed) return "closed";
    if (this.#room(items.length) < 0) return "full";
    this.#add(items);
    return "done";
  }

  get(turn: number | undefined): Got | Turn {
    const behind = this.#getters.ask(turn);
    if (typeof behind === "object") return behind;
    return behind < this.#items.length ? this.#take(1, behind) : "closed";
  }

  wait(timeoutMs: number | undefined, turn: number): Promise<true | undefined> {
    return this.#getters.wait(timeoutMs, turn);
  }

  getNow(count: number): Got | "empty" {
    if (this.size() >= count) return this.#take(count, this.#getters.called);
    return this.#closed && this.#items.length === 0 ? "closed" : "empty";
  }

  /** What was taken, and reached nobody. There was room for it. */
  putBack(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const next = this.#items.findIndex(({ place }) => place > entry.place);
      this.#items.splice(next < 0 ? this.#items.length : next, 0, entry);
    }
    this.#getters.more();
  }

  /** Without those that others were called for. */
  size(): number {
    return Math.max(0, this.#items.length - this.#getters.called);
  }

  /** Calls that wait, for an item or for room. */
  waiting(): number {
    return this.#getters.waiting + this.#putters.length;
  }

  isFull(): boolean {
    return this.#items.length >= this.#maxSize;
  }

  close(): void {
    this.#closed = true;
    this.#getters.more();
    this.#wake(Infinity);
  }

  #add(items: readonly unknown[]): void {
    for (const item of items) this.#items.push({ item, place: (this.#came += 1) });
    this.#getters.more();
  }

  #take(count: number, from = 0): Entry[] {
    const taken = this.#items.splice(from, count);
    this.#wake(taken.length);
    return taken;
  }

  #wake(count: number): void {
    this.#coming += wakeFirst(this.#putters, count);
  }
}

const QUEUE_OPTIONS: ActorOptions<typeof QueueActor> = {
  numCpus: 0,
  concurrencyGroups: { get: WAITING_MAX, put: WAITING_MAX },
  methods: { wait: { concurrencyGroup: "get" }, put: { concurrencyGroup: "put" } },
};

/**
 * A first-in first-out queue. It travels: whoever gets it puts into, and takes from, the same one. It lives as long as anybody holds it,
 * and no longer than the process that made it. What is put is handed over as arguments and results are: once at most, and an item that is on
 * its way to a process which crashes is gone with it. Who waits is served in order; one whose process computes for more than a second
 * without a turn of its event loop may come after some that wait behind it. Ray: `ray.util.queue.Queue`.
 *
 * Errors: QueueEmptyError when nothing came in time, or when it was closed and nothing is left; QueueFullError when there was no room in
 * time, or when it was closed; ActorDiedError when its actor is gone.
 */
export class Queue<T> implements AsyncIterable<T> {
  /** What it lives in. It is all that a queue is, so that it travels as any object does. */
  readonly actor: ActorHandle<QueueActor>;

  /** `maxSize`: items that may be in it at once; 0, the default: any number. `options`: those of its actor. */
  constructor(maxSize: number = 0, options: ActorOptions = {}) {
    if (!Number.isSafeInteger(maxSize) || maxSize < 0)
      throw wrongCall(
        `new Queue() takes the most items that may be in it, 0 for any number, but got ${String(maxSize)}.`,
      );
    const own = actorOptions("new Queue()", options);
    this.actor = remote(QueueActor, { ...QUEUE_OPTIONS, ...own }).remote(maxSize === 0 ? Infinity : maxSize);
  }

  /** Resolves when the item is in. */
  async put(item: T, options: QueueWait = {}): Promise<void> {
    const timeoutMs = assertLimit("put()", options);
    expectIn(await get(this.actor.put.remote(item, timeoutMs)), 1, timeoutMs);
  }

  /** The first item, when there is one. */
  async get(options: QueueWait = {}): Promise<T> {
    const timeoutMs = assertLimit("get()", options);
    const got = await next(this.actor, timeoutMs);
    if (typeof got === "string") throw empty(got, timeoutMs);
    return got[0]?.item as T;
  }

  /** At once, or QueueFullError. */
  putNowait(item: T): Promise<void> {
    return this.putNowaitBatch([item]);
  }

  /** At once, or QueueEmptyError. What a `get` that waits is about to have is not taken from it. */
  async getNowait(): Promise<T> {
    const [item] = await this.getNowaitBatch(1);
    return item as T;
  }

  /** All of them, or none and QueueFullError. */
  async putNowaitBatch(items: T[]): Promise<void> {
    if (!Array.isArray(items)) throw wrongCall("putNowaitBatch() takes an array of items.");
    expectIn(await get(this.actor.putNow.remote(items)), items.length, 0);
  }

  /** So many, or none and QueueEmptyError. */
  async getNowaitBatch(count: number): Promise<T[]> {
    if (!Number.isSafeInteger(count) || count < 0)
      throw wrongCall(`getNowaitBatch() takes a number of items, but got ${String(count)}.`);
    const got = await takeOrUndo(
      () => this.actor.getNow.remote(count),
      (taken) => putBack(this.actor, taken),
    );
    if (typeof got === "string") throw empty(got, 0);
    return got.map(({ item }) => item as T);
  }

  /** How many items are in it now, without those that a `get` that waits is about to have. */
  size(): Promise<number> {
    return get(this.actor.size.remote());
  }

  async empty(): Promise<boolean> {
    return (await this.size()) === 0;
  }

  async full(): Promise<boolean> {
    return get(this.actor.isFull.remote());
  }

  /** Nothing more comes in. What is in it can still be taken; loops over it end then. */
  async close(): Promise<void> {
    await get(this.actor.close.remote());
  }

  /** Item after item, until it is closed and nothing is left. Several loops share the items. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const got = await next(this.actor, undefined);
      if (typeof got === "string") return;
      yield got[0]?.item as T;
    }
  }
}

async function next(actor: ActorHandle<QueueActor>, timeoutMs: number | undefined): Promise<Got | "empty"> {
  const got = await inTurn<Got>(timeoutMs, {
    take: (turn) => actor.get.remote(turn),
    wait: (leftMs, turn) => actor.wait.remote(leftMs, turn),
    giveBack: (taken) => putBack(actor, taken),
  });
  return got ?? "empty";
}

function putBack(actor: ActorHandle<QueueActor>, got: Got | "empty"): void {
  if (typeof got === "object") actor.putBack.options({ numReturns: 0 }).remote(got);
}

function expectIn(result: "done" | "full" | "closed", count: number, timeoutMs: number | undefined): void {
  if (result === "done") return;
  const what = count === 1 ? "an item" : `${count} items`;
  if (result === "closed")
    throw new QueueFullError(`The queue was closed, and takes no more: ${what} could not be put.`);
  const when = timeoutMs === undefined || timeoutMs === 0 ? "" : ` within ${timeoutMs} ms`;
  throw new QueueFullError(
    `There was no room for ${what} in the queue${when}. Take some out, wait longer, or give it a larger maxSize.`,
  );
}

function empty(result: "empty" | "closed", timeoutMs: number | undefined): QueueEmptyError {
  if (result === "closed") return new QueueEmptyError("The queue was closed, and nothing is left in it.");
  const when = timeoutMs === undefined || timeoutMs === 0 ? "" : ` within ${timeoutMs} ms`;
  return new QueueEmptyError(`There was not enough in the queue${when}. Wait longer, or use get() without a timeout.`);
}
