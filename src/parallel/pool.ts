// ActorPool: work for a fixed set of actors, each of which has one call at a time.
import { wrongCall } from "../api/checked.ts";
import { ActorDiedError, actorHandle, get, TaskCancelledError, type ActorHandle, type ObjectRef } from "../index.ts";
import { assertLimit, assertOptions, type WaitLimit } from "./given.ts";
import { Results, type Job } from "./results.ts";

export interface ActorPoolOptions<T> {
  /**
   * Makes an actor in the place of one that has died. Without it the pool goes on with those that are left, and so it does when one that
   * was made so dies before it has run anything.
   */
  replace?: (() => ActorHandle<T>) | undefined;
}

type Method<T, V, R> = (actor: ActorHandle<T>, value: V) => ObjectRef<R>;

type Next<R> = (results: Results) => Promise<R>;

/** Of work that is submitted by map: so much for each actor. */
const AHEAD = 2;

/**
 * Actors that share work: each has one call at a time, and the next as soon as it has ended. An actor that has died leaves the
 * pool with the call that finds it so: one that it had begun fails, as calls of dead actors do, and one that it did not run goes to the
 * next. When the last has died, what waits fails too, with an ActorDiedError that says that it did not run. Ray: `ray.util.ActorPool`.
 */
export class ActorPool<T> {
  readonly #idle: ActorHandle<T>[] = [];
  readonly #busy = new Set<ActorHandle<T>>();
  /** Those that came in the place of others, and have had no call yet. */
  readonly #unproved = new Set<ActorHandle<T>>();
  readonly #replace: (() => ActorHandle<T>) | undefined;
  #waiting: Job[] = [];
  /** Of what was submitted one by one. */
  #own = new Results();
  /** Why there is nobody left. Undefined: because those that were there have been taken out, and others may come. */
  #lastDeath: unknown;

  /** TypeError for what is no actor, and for none at all. */
  constructor(actors: readonly ActorHandle<T>[], options: ActorPoolOptions<T> = {}) {
    if (!Array.isArray(actors) || actors.length === 0)
      throw wrongCall("new ActorPool() takes an array of actors: new ActorPool([Worker.remote(), Worker.remote()]).");
    assertOptions("new ActorPool()", options, ["replace"]);
    this.#replace = options.replace;
    for (const actor of actors) this.push(actor);
  }

  /**
   * `fn(actor, value)` for every value, results in the order of the values. What was submitted to this pool before, and nobody has asked
   * for, is forgotten; other maps of it are not.
   */
  map<V, R>(fn: Method<T, V, R>, values: Iterable<V>): AsyncIterableIterator<R> {
    return this.#results(fn, values, (results) => results.next() as Promise<R>);
  }

  /** The same, results as they become ready. */
  mapUnordered<V, R>(fn: Method<T, V, R>, values: Iterable<V>): AsyncIterableIterator<R> {
    return this.#results(fn, values, (results) => results.nextUnordered() as Promise<R>);
  }

  #results<V, R>(fn: Method<T, V, R>, values: Iterable<V>, next: Next<R>): AsyncGenerator<R, void> {
    assertFunction("The maps of an ActorPool take a function first: map", fn);
    const given: unknown = values;
    if (given === null || given === undefined || !(Symbol.iterator in Object(given)))
      throw wrongCall(
        "The maps of an ActorPool take an iterable of values, for example an array: pool.map((actor, value) => actor.work.remote(value), values).",
      );
    return this.#read(fn, values, next);
  }

  async *#read<V, R>(fn: Method<T, V, R>, values: Iterable<V>, next: Next<R>): AsyncGenerator<R, void> {
    const before = this.#own;
    this.#own = new Results();
    this.#forget(before);
    const results = new Results();
    const source = values[Symbol.iterator]();
    let exhausted = false;
    const fill = (): void => {
      while (!exhausted && results.left < AHEAD * Math.max(1, this.#idle.length + this.#busy.size)) {
        const item = source.next();
        if (item.done === true) exhausted = true;
        else this.#submit(results, fn, item.value);
      }
    };
    try {
      for (fill(); results.left > 0; fill()) yield await next(results);
    } finally {
      if (!exhausted) source.return?.();
      this.#forget(results);
    }
  }

  /** Work for the next actor that is free. */
  submit<V, R>(fn: Method<T, V, R>, value: V): void {
    assertFunction("submit() takes a function first: submit", fn);
    this.#submit(this.#own, fn, value);
  }

  #submit<V, R>(results: Results, fn: Method<T, V, R>, value: V): void {
    this.#waiting.push(results.add((actor) => fn(actor as ActorHandle<T>, value)));
    this.#assign();
  }

  /** Whether there are results of what was submitted that nobody has asked for. */
  hasNext(): boolean {
    return this.#own.left > 0;
  }

  /**
   * The result of the earliest work that nobody has asked for: ask several times, and each is another. Rejects with its error, with
   * GetTimeoutError (and it can be asked for again), with RangeError when there is none.
   */
  async getNext(options: WaitLimit = {}): Promise<unknown> {
    const timeoutMs = assertLimit("getNext()", options);
    this.#assertNext();
    return this.#own.next(timeoutMs);
  }

  /** The result of whichever work has ended first. Errors as for `getNext`. */
  async getNextUnordered(options: WaitLimit = {}): Promise<unknown> {
    const timeoutMs = assertLimit("getNextUnordered()", options);
    this.#assertNext();
    return this.#own.nextUnordered(timeoutMs);
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

  /**
   * Takes an actor that has nothing to do out of the pool; it may have died since its last call. Undefined: all are busy. What is submitted
   * to a pool that has none waits for `push`.
   */
  popIdle(): ActorHandle<T> | undefined {
    if (!this.hasFree()) return undefined;
    this.#lastDeath = undefined;
    return this.#idle.pop();
  }

  /** Puts an actor into the pool. TypeError for what is no actor, and for one that it has. */
  push(actor: ActorHandle<T>): void {
    assertActor(actor, "An ActorPool is made of actors");
    const id = idOf(actor);
    if ([...this.#busy, ...this.#idle].some((other) => idOf(other) === id))
      throw wrongCall(`The actor ${id} is in the pool already.`);
    this.#idle.push(actor);
    this.#assign();
  }

  #assign(): void {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const job = this.#waiting.shift() as Job;
      const actor = this.#idle.shift() as ActorHandle<T>;
      this.#busy.add(actor);
      void this.#run(job, actor);
    }
    if (this.#lastDeath === undefined || this.#idle.length + this.#busy.size > 0) return;
    for (const job of this.#waiting.splice(0)) job.end({ error: nobodyLeft(this.#lastDeath) });
  }

  async #run(job: Job, actor: ActorHandle<T>): Promise<void> {
    let back: ActorHandle<T> | undefined = actor;
    try {
      job.end({ value: await get(refOf(job.begin(actor))) });
    } catch (error) {
      const death = error instanceof ActorDiedError && error.actorId === idOf(actor) ? error : undefined;
      const unrun = death?.begun === false;
      // Of replacements that die before they run anything there may be no end.
      if (death !== undefined) back = this.#another(death, unrun && this.#unproved.has(actor));
      if (unrun) this.#waiting.unshift(job);
      else job.end({ error });
    }
    this.#busy.delete(actor);
    this.#unproved.delete(actor);
    if (back !== undefined) this.#idle.push(back);
    this.#assign();
  }

  /** In the place of one that has died. What goes wrong with that is told to the work that waits, if nobody is left to do it. */
  #another(death: ActorDiedError, inVain: boolean): ActorHandle<T> | undefined {
    this.#lastDeath = death;
    if (inVain) return undefined;
    try {
      const made = this.#replace?.();
      if (made === undefined) return undefined;
      assertActor(made, "The replace of an ActorPool gives an actor");
      this.#unproved.add(made);
      return made;
    } catch (error) {
      this.#lastDeath = error;
      return undefined;
    }
  }

  /** What nobody has asked for: what runs goes on, and nobody hears of it. */
  #forget(results: Results): void {
    const dropped = new Set(this.#waiting.filter((job) => job.results === results && results.has(job)));
    this.#waiting = this.#waiting.filter((job) => !dropped.has(job));
    for (const job of dropped) job.end({ error: new TaskCancelledError(FORGOTTEN) });
  }
}

const FORGOTTEN =
  "This work of the ActorPool did not run: a map of the pool has begun since, which forgets what was submitted before it. Get those results first, or map everything.";

function assertFunction(rule: string, fn: unknown): void {
  if (typeof fn === "function") return;
  throw wrongCall(`${rule}((actor, value) => actor.work.remote(value), …).`);
}

function assertActor(given: unknown, rule: string): void {
  if ((typeof given === "object" || typeof given === "function") && given !== null && actorHandle in given) return;
  throw wrongCall(`${rule}: pass what Class.remote() gave.`);
}

/** For work that nobody has begun: unlike the call under which the last actor died, it has had no effect. */
function nobodyLeft(why: unknown): ActorDiedError {
  const died = why instanceof ActorDiedError;
  const [first] = (why instanceof Error ? why.message : String(why)).split("\n");
  return new ActorDiedError(
    `All actors of the ActorPool are dead: this work did not run.\n` +
      `    ${died ? "the last of them" : "the last of them could not be replaced"}:\n      | ${first}\n` +
      "  Push other actors into the pool, make it with replace, or its actors with maxRestarts.",
    { actorId: died ? why.actorId : "", begun: false },
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
  throw wrongCall(
    `The function of an ActorPool gives the ref of a call, (actor, value) => actor.work.remote(value), but this one gave ${got}. The pool waits for the result itself.`,
  );
}
