// Who may take of what there is little of: in the order in which they came, and nothing goes to a call that is gone.
//
//   asks ─► there is some that nobody was called for: it takes
//       └─► in line ─► called: it is told so, and asks again, in time ─► it takes
//
// A call that was cancelled may hear of it after its turn has come. What it took then would be lost with its result.
import { get, type ObjectRef } from "../index.ts";
import { monotonicMs, startTimer, type Timer } from "../std/clock.ts";
import { waitIn, type Waiter } from "./waiting.ts";

/** Said to one that has waited: it is to ask again, with this. */
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

  /** Whether one that asks may take. `turn`: it was called. */
  admits(turn: number | undefined): boolean {
    if (turn !== undefined) this.#came(turn);
    return this.#there() > this.#called.size;
  }

  /** Undefined: its time was over. One that was called, and came too late, is the next. */
  wait(timeoutMs: number | undefined, turn: number | undefined): Promise<Turn | undefined> {
    return waitIn(this.#line, timeoutMs, turn !== undefined);
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

/** Asks until the answer is no turn. */
export async function inTurn<T>(
  timeoutMs: number | undefined,
  ask: (leftMs: number | undefined, turn: number | undefined) => ObjectRef<T | Turn>,
): Promise<T> {
  const endMs = timeoutMs === undefined ? undefined : monotonicMs() + timeoutMs;
  let answer = await get(ask(timeoutMs, undefined));
  while (isTurn(answer)) {
    const leftMs = endMs === undefined ? undefined : Math.max(0, endMs - monotonicMs());
    answer = await get(ask(leftMs, answer.turn));
  }
  return answer;
}

function isTurn(answer: unknown): answer is Turn {
  return typeof answer === "object" && answer !== null && "turn" in answer;
}
