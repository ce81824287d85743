// Semaphore, Event, Barrier: what makes calls wait for each other. Each lives in an actor, and travels.
import { wrongCall } from "../api/checked.ts";
import { get, GetTimeoutError, remote, type ActorHandle, type ActorOptions } from "../index.ts";
import { actorOptions, assertLimit, type WaitLimit } from "./given.ts";
import { inTurn, Turns, type Turn } from "./turns.ts";
import { waitIn, type Waiter } from "./waiting.ts";

/** Calls that wait at once. Those that let others go on are in a group of their own. */
const WAITING_MAX = 10_000;

/** So many at once, the others in line. */
class SemaphoreActor {
  #tokens: number;
  readonly #turns = new Turns(() => this.#tokens);

  constructor(tokens: number) {
    this.#tokens = tokens;
  }

  take(turn: number | undefined): "taken" | Turn {
    const behind = this.#turns.ask(turn);
    if (typeof behind === "object") return behind;
    this.#tokens -= 1;
    return "taken";
  }

  wait(timeoutMs: number | undefined, turn: number): Promise<true | undefined> {
    return this.#turns.wait(timeoutMs, turn);
  }

  give(): void {
    this.#tokens += 1;
    this.#turns.more();
  }

  waiting(): number {
    return this.#turns.waiting;
  }
}

/** An event and a barrier are one: a number of tokens that calls wait for. Nobody misses what goes to one that is gone. */
class GateActor {
  #tokens = 0;
  readonly #line: Waiter<true>[] = [];

  /** Takes one, when its turn has come. False: its time was over. */
  async take(timeoutMs: number | undefined): Promise<boolean> {
    if (this.#tokens === 0 || this.#line.length > 0) return (await waitIn(this.#line, timeoutMs)) === true;
    this.#tokens -= 1;
    return true;
  }

  give(count: number): void {
    this.#tokens += count;
    while (this.#tokens > 0 && this.#line.length > 0) {
      this.#tokens -= 1;
      this.#line[0]?.wake(true);
    }
  }

  /** Makes it so many, whoever waits. */
  set(tokens: number): void {
    this.#tokens = 0;
    this.give(tokens);
  }

  get(): number {
    return this.#tokens;
  }

  /** The last of so many lets all go on. */
  async arrive(parties: number, timeoutMs: number | undefined): Promise<boolean> {
    if (this.#line.length + 1 < parties) return this.take(timeoutMs);
    this.give(parties - 1);
    return true;
  }
}

const IN_LINE = { concurrencyGroup: "waits" };

type Gate = ActorHandle<GateActor>;

function gateOf(caller: string, options: ActorOptions): Gate {
  return remote(GateActor, { ...waits(caller, options), methods: { take: IN_LINE, arrive: IN_LINE } }).remote();
}

function semaphoreOf(count: number, options: ActorOptions): ActorHandle<SemaphoreActor> {
  const own = waits("new Semaphore()", options);
  return remote(SemaphoreActor, { ...own, methods: { wait: IN_LINE } }).remote(count);
}

/** What the user wishes, and how its calls wait. */
function waits(caller: string, options: ActorOptions): Omit<ActorOptions, "methods"> {
  return { numCpus: 0, ...actorOptions(caller, options), concurrencyGroups: { waits: WAITING_MAX } };
}

function tooLate(what: string, timeoutMs: number | undefined): GetTimeoutError {
  return new GetTimeoutError(`${what} within ${timeoutMs} ms.`);
}

function assertCount(what: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw wrongCall(`${what} takes a whole number from 1 on, but got ${String(count)}.`);
}

/**
 * So many holders at once; the others wait in the order in which they came. It travels, and lives as long as anybody has it. A holder
 * that is cancelled gives its place back by `using`, or in a `finally`; the place of one whose process crashes is gone.
 *
 *     using slot = await semaphore.acquire();
 */
export class Semaphore {
  readonly actor: ActorHandle<SemaphoreActor>;

  constructor(count: number, options: ActorOptions = {}) {
    assertCount("new Semaphore()", count);
    this.actor = semaphoreOf(count, options);
  }

  /** Waits for its turn. What it gives is given back by `using`, or else by `release()` of the semaphore. GetTimeoutError when its time is over. */
  async acquire(options: WaitLimit = {}): Promise<Disposable> {
    const timeoutMs = assertLimit("acquire()", options);
    const taken = await inTurn<"taken">(timeoutMs, {
      take: (turn) => this.actor.take.remote(turn),
      wait: (leftMs, turn) => this.actor.wait.remote(leftMs, turn),
      giveBack: () => this.release(),
    });
    if (taken === undefined) throw tooLate("The semaphore was not free", timeoutMs);
    let held = true;
    const giveBack = (): void => {
      if (held) this.release();
      held = false;
    };
    return { [Symbol.dispose]: giveBack };
  }

  /** Gives back what an `acquire` has taken. Each time there is one more: who gives back twice lets one more in. */
  release(): void {
    this.actor.give.options({ numReturns: 0 }).remote();
  }
}

/** Something that happens, or has: who waits for it goes on as soon as it is set, and at once until it is cleared. It travels. */
export class Event {
  readonly actor: Gate;

  constructor(options: ActorOptions = {}) {
    this.actor = gateOf("new Event()", options);
  }

  async set(): Promise<void> {
    await get(this.actor.set.remote(Infinity));
  }

  async clear(): Promise<void> {
    await get(this.actor.set.remote(0));
  }

  async isSet(): Promise<boolean> {
    return (await get(this.actor.get.remote())) > 0;
  }

  /** GetTimeoutError when its time is over. */
  async wait(options: WaitLimit = {}): Promise<void> {
    const timeoutMs = assertLimit("wait()", options);
    if (!(await get(this.actor.take.remote(timeoutMs)))) throw tooLate("The event was not set", timeoutMs);
  }
}

/** So many have to arrive before all go on; then it begins anew. It travels. */
export class Barrier {
  readonly actor: Gate;
  readonly parties: number;

  constructor(parties: number, options: ActorOptions = {}) {
    assertCount("new Barrier()", parties);
    this.parties = parties;
    this.actor = gateOf("new Barrier()", options);
  }

  /** GetTimeoutError when its time is over: then it has not arrived. */
  async wait(options: WaitLimit = {}): Promise<void> {
    const timeoutMs = assertLimit("wait()", options);
    const arrived = await get(this.actor.arrive.remote(this.parties, timeoutMs));
    if (!arrived) throw tooLate(`Not all of the ${this.parties} parties arrived`, timeoutMs);
  }
}
