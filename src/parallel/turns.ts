// Who may take of what there is little of: in the order in which they came, and nothing goes to a call that is gone.
//
//   take ─► there is some that nobody was called for: it has it
//       └─► a place in line ─► waits there ─► called: it is told so, and takes, in time
//
// A call that was cancelled may hear of it after its turn has come, and one whose process has died never does: what it took would be
// lost. So who has waited comes for it himself, and who hears while he takes that he is cancelled gives it back.
import { outsideOfCalls } from "../api/outside.ts";
import { get, type ObjectRef } from "../index.ts";
import { monotonicMs, startTimer, type Timer } from "../std/clock.ts";
import { Expected } from "./expected.ts";
import { untilWoken } from "./waiting.ts";

/** Said to one for whom there is nothing: its place in line. */
export interface Turn {
  readonly turn: number;
}

interface Place extends Turn {
  /** Undefined: nobody waits in it yet. */
  wake: (() => void) | undefined;
}

export class Turns {
  readonly #there: () => number;
  /** By their turns. */
  readonly #line: Place[] = [];
  /** To wait in their places: those that do not are given up. */
  readonly #toWait = new Coming((turn) => this.#leave(turn));
  /** They were called: when they do not come the next ones are. */
  readonly #called = new Coming(() => this.more());
  #last = 0;

  /** `there`: how much there is. When it has become more, that is told by `more()`. */
  constructor(there: () => number) {
    this.#there = there;
  }

  /** Calls that wait in line. */
  get waiting(): number {
    return this.#line.filter(({ wake }) => wake !== undefined).length;
  }

  /** For each of them there was one when they were called. */
  get called(): number {
    return this.#called.size;
  }

  /**
   * Its place in line, or that it may take: behind so many who were called before it and have not come yet, and for whom as much is left.
   * `turn`: it was called, or comes again because it was called and came too late.
   */
  ask(turn: number | undefined): Turn | number {
    if (turn !== undefined) this.#called.came(turn);
    const before = this.#called.countBefore(turn ?? Infinity);
    // Who was too late once, and those after him were called meanwhile, is still before them: what there is then may be too little for them.
    if (this.#there() > before) return before;
    return { turn: this.#enter(turn ?? (this.#last += 1)).turn };
  }

  /** In its place. True when it is called; undefined: its time was over. */
  wait(timeoutMs: number | undefined, turn: number): Promise<true | undefined> {
    if (this.#called.has(turn)) return Promise.resolve(true);
    const place = this.#line.find((each) => each.turn === turn) ?? this.#enter(turn);
    this.#toWait.came(turn);
    const called = untilWoken<true>((wake) => {
      place.wake = () => wake(true);
      return () => this.#leave(turn);
    }, timeoutMs);
    this.more();
    return called;
  }

  more(): void {
    for (let [first] = this.#line; first !== undefined; [first] = this.#line) {
      const { turn, wake } = first;
      if (this.#there() <= this.#called.countBefore(turn)) return;
      this.#line.shift();
      this.#toWait.came(turn);
      this.#called.add(turn);
      wake?.();
    }
  }

  /** Ahead of all who came later. */
  #enter(turn: number): Place {
    const place: Place = { turn, wake: undefined };
    this.#toWait.add(turn);
    const behind = this.#line.findLastIndex((each) => each.turn < turn);
    this.#line.splice(behind + 1, 0, place);
    return place;
  }

  #leave(turn: number): void {
    const at = this.#line.findIndex((each) => each.turn === turn);
    if (at >= 0) this.#line.splice(at, 1);
  }
}

/** Those who are expected, and what becomes of who is late. */
class Coming extends Expected {
  readonly #late: (turn: number) => void;
  #timer: Timer | undefined;

  constructor(late: (turn: number) => void) {
    super();
    this.#late = late;
  }

  override add(turn: number, nowMs: number = monotonicMs()): void {
    super.add(turn, nowMs);
    this.#watch(nowMs);
  }

  override came(turn: number, nowMs: number = monotonicMs()): void {
    super.came(turn, nowMs);
    if (this.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #watch(nowMs: number): void {
    if (this.dueMs !== undefined) this.#timer ??= startTimer(this.dueMs - nowMs, () => this.#look());
  }

  #look(): void {
    const nowMs = monotonicMs();
    this.#timer = undefined;
    for (const turn of this.takeLate(nowMs)) this.#late(turn);
    this.#watch(nowMs);
  }
}

/** What calls of an actor take of, each in its turn. `T` is no object with a turn, and never undefined. */
export interface Line<T> {
  /** At once, or else there is a place in line. `turn`: it was called. */
  readonly take: (turn: number | undefined) => ObjectRef<T | Turn>;
  /** Waits until it is called. Undefined: its time was over. */
  readonly wait: (timeoutMs: number | undefined, turn: number) => ObjectRef<true | undefined>;
  /** Makes what was taken there again, for others. */
  readonly giveBack: (taken: T) => void;
}

/** Takes when its turn has come. Undefined: its time was over. */
export async function inTurn<T>(
  timeoutMs: number | undefined,
  { take, wait, giveBack }: Line<T>,
): Promise<T | undefined> {
  const endMs = timeoutMs === undefined ? undefined : monotonicMs() + timeoutMs;
  const undo = (taken: T | Turn): void => {
    if (!isTurn(taken)) giveBack(taken);
  };
  for (let turn: number | undefined; ;) {
    const asked = turn;
    const taken = await takeOrUndo(() => take(asked), undo);
    if (!isTurn(taken)) return taken;
    turn = taken.turn;
    const leftMs = endMs === undefined ? undefined : Math.max(0, endMs - monotonicMs());
    if ((await get(wait(leftMs, turn))) === undefined) return undefined;
  }
}

function isTurn(taken: unknown): taken is Turn {
  return typeof taken === "object" && taken !== null && "turn" in taken;
}

/**
 * What an actor gives. A call that is cancelled on the way will not see it: then it is undone. So the actor's call goes on when the call
 * that takes is cancelled, and ends at once by itself.
 */
export async function takeOrUndo<T>(take: () => ObjectRef<T>, undo: (taken: T) => void): Promise<T> {
  const ref = outsideOfCalls(take);
  try {
    return await get(ref);
  } catch (error) {
    // When the actor is gone, so is what it would take back.
    void outsideOfCalls(() => get(ref)).then(undo, () => undefined);
    throw error;
  }
}
