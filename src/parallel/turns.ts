// Who may take of what there is little of: in the order in which they came, and nothing goes to a call that is gone.
//
//   take ─► there is some that nobody was called for: it has it
//       └─► wait, in line ─► called: it is told so, and takes, in time
//
// A call that was cancelled may hear of it after its turn has come, and one whose process has died never does: what it took would be
// lost. So who has waited comes for it himself, and who hears while he takes that he is cancelled gives it back.
import { outsideOfCalls } from "../api/outside.ts";
import { get, type ObjectRef } from "../index.ts";
import { monotonicMs, startTimer, type Timer } from "../std/clock.ts";
import { waitIn, type Waiter } from "./waiting.ts";

/** Said to one that has waited: it is to take, with this. */
export interface Turn {
  readonly turn: number;
}

/** Who is called has so long to come, many times what it takes; then the next one is called. */
const COMING_MS = 250;

export class Turns {
  readonly #there: () => number;
  readonly #line: Waiter<Turn>[] = [];
  /** Called, and not come yet. */
  readonly #called = new Map<number, Timer>();
  #last = 0;

  /** `there`: how much there is. When it has become more, that is told by `more()`. */
  constructor(there: () => number) {
    this.#there = there;
  }

  /** Calls in line. */
  get waiting(): number {
    return this.#line.length;
  }

  /** Whether one may take. `turn`: it was called. */
  admits(turn: number | undefined): boolean {
    if (turn !== undefined) this.#came(turn);
    return this.#there() > this.#called.size;
  }

  /** Undefined: its time was over. One that was called, and came too late, is the next. */
  wait(timeoutMs: number | undefined, turn: number | undefined): Promise<Turn | undefined> {
    const called = waitIn(this.#line, timeoutMs, turn !== undefined);
    this.more();
    return called;
  }

  more(): void {
    while (this.#line.length > 0 && this.#there() > this.#called.size) {
      this.#last += 1;
      const turn = this.#last;
      const late = (): void => {
        this.#came(turn);
        this.more();
      };
      this.#called.set(turn, startTimer(COMING_MS, late));
      this.#line[0]?.wake({ turn });
    }
  }

  #came(turn: number): void {
    this.#called.get(turn)?.cancel();
    this.#called.delete(turn);
  }
}

/** What calls of an actor take of, each in its turn. `T` is never undefined. */
export interface Line<T> {
  /** At once. "wait": there is none for this call. `turn`: it was called. */
  readonly take: (turn: number | undefined) => ObjectRef<T | "wait">;
  /** Waits until it is called. Undefined: its time was over. `turn`: it was called before, and came too late. */
  readonly wait: (timeoutMs: number | undefined, turn: number | undefined) => ObjectRef<Turn | undefined>;
  /** Makes what was taken there again, for others. */
  readonly giveBack: (taken: T) => void;
}

/** Takes when its turn has come. Undefined: its time was over. */
export async function inTurn<T>(
  timeoutMs: number | undefined,
  { take, wait, giveBack }: Line<T>,
): Promise<T | undefined> {
  const endMs = timeoutMs === undefined ? undefined : monotonicMs() + timeoutMs;
  const undo = (taken: T | "wait"): void => {
    if (taken !== "wait") giveBack(taken);
  };
  for (let turn: number | undefined; ;) {
    const asked = turn;
    const taken = await takeOrUndo(() => take(asked), undo);
    if (taken !== "wait") return taken;
    const leftMs = endMs === undefined ? undefined : Math.max(0, endMs - monotonicMs());
    const called = leftMs === 0 ? undefined : await get(wait(leftMs, asked));
    if (called === undefined) return undefined;
    turn = called.turn;
  }
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
