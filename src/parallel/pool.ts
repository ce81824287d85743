// ActorPool: work for a fixed set of actors, each of which has one call at a time.
import { ActorDiedError, actorHandle, get, GetTimeoutError, type ActorHandle, type ObjectRef } from "../index.ts";
import { startTimer } from "../std/clock.ts";
import { deferred } from "../std/deferred.ts";
import { assertLimit, assertOptions, type WaitLimit } from "./given.ts";
import { Turnstile } from "./turnstile.ts";

export interface ActorPoolOptions<T> {
  /** Makes an actor in the place of one that has died. Without it the pool goes on with those that are left. */
  replace?: () => ActorHandle<T>;
}

type Method<T, V, R> = (actor: ActorHandle<T>, value: V) => ObjectRef<R>;

interface Job {
  readonly index: number;
  /** Of the map that it belongs to. */
  readonly round: number;
  readonly begin: (actor: ActorHandle<unknown>) => ObjectRef<unknown>;
  readonly result: Promise<unknown>;
  readonly settle: (ended: { readonly value: unknown } | { readonly error: unknown }) => void;
}

/** Of work that is submitted by map: so much for each actor. */
const AHEAD = 2;

/**
 * Actors that share work: each has one call at a time, and the next as soon as it has ended. An actor that dies leaves the pool; the
 * call that it had fails, as calls of dead actors do. When the last has died, what waits fails too, with an ActorDiedError that says that
 * it did not run. Ray: `ray.util.ActorPool`.
 */
export class ActorPool<T> {
  readonly #idle: ActorHandle<T>[] = [];
  #busy = 0;
  readonly #replace: (() => ActorHandle<T>) | undefined;
  #waiting: Job[] = [];
  /** Whose results nobody has asked for, by their number. */
  readonly #jobs = new Map<number, Job>();
  #submitted = 0;
  #next = 0;
  #round = 0;
  #ended = new Turnstile<Job>();
  /** Why there is nobody left. Undefined: because those that were there have been taken out, and others may come. */
  #lastDeath: unknown;

  /** TypeError for what is no actor, and for none at all. */
  constructor(actors: readonly ActorHandle<T>[], options: ActorPoolOptions<T> = {}) {
    if (!Array.isArray(actors) || actors.length === 0)
      throw new TypeError(
        "new ActorPool() takes an array of actors: new ActorPool([Worker.remote(), Worker.remote()]).",
      );
    assertOptions("new ActorPool()", options, ["replace"]);
    this.#replace = options.replace;
    for (const actor of actors) this.push(actor);
  }

  /** `fn(actor, value)` for every value, results in the order of the values. Earlier work of this pool that nobody has asked for is forgotten. */
  map<V, R>(fn: Method<T, V, R>, values: Iterable<V>): AsyncIterableIterator<R> {
    return this.#results(fn, values, () => this.getNext() as Promise<R>);
  }

  /** The same, results as they become ready. */
  mapUnordered<V, R>(fn: Method<T, V, R>, values: Iterable<V>): AsyncIterableIterator<R> {
    return this.#results(fn, values, () => this.getNextUnordered() as Promise<R>);
  }

  #results<V, R>(fn: Method<T, V, R>, values: Iterable<V>, next: () => Promise<R>): AsyncGenerator<R, void> {
    const given: unknown = values;
    if (given === null || given === undefined || !(Symbol.iterator in Object(given)))
      throw new TypeError(
        "The maps of an ActorPool take an iterable of values, for example an array: pool.map((actor, value) => actor.work.remote(value), values).",
      );
    return this.#read(fn, values, next);
  }

  async *#read<V, R>(fn: Method<T, V, R>, values: Iterable<V>, next: () => Promise<R>): AsyncGenerator<R, void> {
    this.#forget();
    const source = values[Symbol.iterator]();
    let exhausted = false;
    const fill = (): void => {
      while (!exhausted && this.#jobs.size < AHEAD * Math.max(1, this.#idle.length + this.#busy)) {
        const item = source.next();
        if (item.done === true) exhausted = true;
        else this.submit(fn, item.value);
      }
    };
    try {
      for (fill(); this.hasNext(); fill()) yield await next();
    } finally {
      if (!exhausted) source.return?.();
      this.#forget();
    }
  }

  /** Work for the next actor that is free. */
  submit<V, R>(fn: Method<T, V, R>, value: V): void {
    if (typeof fn !== "function")
      throw new TypeError(
        "submit() takes a function first: submit((actor, value) => actor.work.remote(value), value).",
      );
    let settle: Job["settle"] = () => {};
    const result = new Promise<unknown>((resolve, reject) => {
      settle = (ended) => ("error" in ended ? reject(ended.error) : resolve(ended.value));
    });
    // Whoever asks for it hears of its failure.
    result.catch(() => {});
    const begin = (actor: ActorHandle<unknown>): ObjectRef<unknown> => fn(actor as ActorHandle<T>, value);
    const job: Job = { index: this.#submitted, round: this.#round, begin, result, settle };
    this.#submitted += 1;
    this.#jobs.set(job.index, job);
    this.#waiting.push(job);
    this.#assign();
  }

  /** Whether there are results that nobody has asked for. */
  hasNext(): boolean {
    return this.#jobs.size > 0;
  }

  /** The result of the earliest work that nobody has asked for. Rejects with its error, with GetTimeoutError (and it can be asked for again), with RangeError when there is none. */
  async getNext(options: WaitLimit = {}): Promise<unknown> {
    const timeoutMs = assertLimit("getNext()", options);
    this.#assertNext();
    while (!this.#jobs.has(this.#next)) this.#next += 1;
    const job = this.#jobs.get(this.#next) as Job;
    await within(timeoutMs, settled(job.result));
    this.#jobs.delete(job.index);
    return job.result;
  }

  /** The result of whichever work has ended first. Errors as for `getNext`. */
  async getNextUnordered(options: WaitLimit = {}): Promise<unknown> {
    const timeoutMs = assertLimit("getNextUnordered()", options);
    this.#assertNext();
    for (;;) {
      const coming = this.#ended.next();
      const job = await within(timeoutMs, coming, () => void coming.then((late) => this.#ended.push(late)));
      if (!this.#jobs.delete(job.index)) continue;
      return job.result;
    }
  }

  #assertNext(): void {
    if (this.hasNext()) return;
    throw new RangeError(
      "There is no more work in this ActorPool to get the results of. Ask hasNext() first, or submit() some.",
    );
  }

  /** Whether some actor has nothing to do. */
  hasFree(): boolean {
    return this.#idle.length > 0 && this.#waiting.length === 0;
  }

  /** Takes an actor that has nothing to do out of the pool. Undefined: all are busy. What is submitted to a pool that has none waits for `push`. */
  popIdle(): ActorHandle<T> | undefined {
    if (!this.hasFree()) return undefined;
    this.#lastDeath = undefined;
    return this.#idle.pop();
  }

  /** Puts an actor into the pool. TypeError for what is no actor, and for one that it has. */
  push(actor: ActorHandle<T>): void {
    assertActor(actor, "An ActorPool is made of actors");
    if (this.#idle.some((other) => idOf(other) === idOf(actor)))
      throw new TypeError(`The actor ${idOf(actor)} is in the pool already.`);
    this.#idle.push(actor);
    this.#assign();
  }

  #assign(): void {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const job = this.#waiting.shift() as Job;
      const actor = this.#idle.shift() as ActorHandle<T>;
      this.#busy += 1;
      void this.#run(job, actor);
    }
    if (this.#lastDeath === undefined || this.#idle.length + this.#busy > 0) return;
    for (const job of this.#waiting.splice(0)) this.#end(job, { error: nobodyLeft(this.#lastDeath) });
  }

  async #run(job: Job, actor: ActorHandle<T>): Promise<void> {
    let back: ActorHandle<T> | undefined = actor;
    try {
      this.#end(job, { value: await get(refOf(job.begin(actor))) });
    } catch (error) {
      if (error instanceof ActorDiedError && error.actorId === idOf(actor)) back = this.#another(error);
      this.#end(job, { error });
    }
    this.#busy -= 1;
    if (back !== undefined) this.#idle.push(back);
    this.#assign();
  }

  /** In the place of one that has died. What goes wrong with that is told to the work that waits, if nobody is left to do it. */
  #another(death: ActorDiedError): ActorHandle<T> | undefined {
    this.#lastDeath = death;
    try {
      const made = this.#replace?.();
      if (made !== undefined) assertActor(made, "The replace of an ActorPool gives an actor");
      return made;
    } catch (error) {
      this.#lastDeath = error;
      return undefined;
    }
  }

  #end(job: Job, ended: Parameters<Job["settle"]>[0]): void {
    job.settle(ended);
    if (job.round === this.#round) this.#ended.push(job);
  }

  /** What was submitted and nobody has asked for: it goes on, and nobody hears of it. */
  #forget(): void {
    this.#round += 1;
    this.#waiting = [];
    this.#jobs.clear();
    this.#ended = new Turnstile();
  }
}

function assertActor(given: unknown, rule: string): void {
  if ((typeof given === "object" || typeof given === "function") && given !== null && actorHandle in given) return;
  throw new TypeError(`${rule}: pass what Class.remote() gave.`);
}

/** For work that nobody has begun: unlike the call under which the last actor died, it has had no effect. */
function nobodyLeft(why: unknown): ActorDiedError {
  const died = why instanceof ActorDiedError;
  const [first] = (why instanceof Error ? why.message : String(why)).split("\n");
  return new ActorDiedError(
    `All actors of the ActorPool are dead: this work did not run.\n` +
      `    ${died ? "the last of them" : "the last of them could not be replaced"}:\n      | ${first}\n` +
      "  Push other actors into the pool, make it with replace, or its actors with maxRestarts.",
    { actorId: died ? why.actorId : "" },
    { cause: why },
  );
}

function idOf(actor: ActorHandle<never>): string {
  return (actor as { readonly [actorHandle]: { readonly id: string } })[actorHandle].id;
}

/** Who forgets the return, or waits for the result himself, is told what the pool wanted of him. */
function refOf<R>(given: ObjectRef<R>): ObjectRef<R> {
  const value: unknown = given;
  if (typeof value === "object" && !("then" in Object(value))) return given;
  const got = value === undefined ? "nothing" : typeof value === "object" ? "a promise" : `a ${typeof value}`;
  throw new TypeError(
    `The function of an ActorPool gives the ref of a call, (actor, value) => actor.work.remote(value), but this one gave ${got}. The pool waits for the result itself.`,
  );
}

function settled(result: Promise<unknown>): Promise<unknown> {
  return result.catch(() => {});
}

/** `late`: what to do with it when it comes after its time. */
async function within<V>(timeoutMs: number | undefined, coming: Promise<V>, late?: () => void): Promise<V> {
  if (timeoutMs === undefined) return coming;
  const over = deferred<never>();
  const timer = startTimer(timeoutMs, () => {
    late?.();
    const message = `The next result of the ActorPool did not come within ${timeoutMs} ms. The work goes on: ask again.`;
    over.reject(new GetTimeoutError(message));
  });
  try {
    return await Promise.race([coming, over.promise]);
  } finally {
    timer.cancel();
  }
}
