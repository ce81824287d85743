// The lines that tell of calls which are tried again: one at once for each place and reason, and how many more there were a moment later.
//
// Bounded where each has a reason of its own: of a few kinds at a time each has its line, and what is beyond them is counted together.
import { thrownInBrief } from "../codec/thrown.ts";
import { howItEnded, isOutOfMemory, submittedThere, workerEnded } from "../domain/failures.ts";
import type { Retry } from "../domain/news.ts";
import type { WorkerLoss } from "../domain/object.ts";
import { startTimer, type Timer } from "../std/clock.ts";
import { notice } from "./notice.ts";

/** Lines of one kind come this far apart. */
const QUIET_MS = 1_000;
/** So many kinds are told apart at a time. */
const KINDS_MAX = 20;
/** The kind of those that are not. */
const OTHERS = "";

interface Kind {
  readonly timer: Timer;
  /** That are not told yet. */
  more: number;
  last: Retry;
}

export class RetryLines {
  readonly #kinds = new Map<string, Kind>();

  tell(retry: Retry): void {
    const own = kindOf(retry);
    const key = this.#kinds.has(own) || this.#kinds.size < KINDS_MAX ? own : OTHERS;
    const kind = this.#kinds.get(key);
    if (kind !== undefined) {
      kind.more += 1;
      kind.last = retry;
      return;
    }
    if (key !== OTHERS) notice(lineOf(retry));
    this.#watch(key, key === OTHERS ? 1 : 0, retry);
  }

  /** The session ends, or the process. */
  readonly end = (): void => {
    for (const key of this.#kinds.keys()) this.#tellRest(key);
  };

  #watch(key: string, more: number, last: Retry): void {
    const over = (): void => {
      const rest = this.#tellRest(key);
      if (rest !== undefined) this.#watch(key, 0, rest);
    };
    this.#kinds.set(key, { timer: startTimer(QUIET_MS, over, { keepsAlive: false }), more, last });
  }

  /** What was counted; forgets the kind. Gives the last of those that it tells of. */
  #tellRest(key: string): Retry | undefined {
    const kind = this.#kinds.get(key);
    this.#kinds.delete(key);
    kind?.timer.cancel();
    if (kind === undefined || kind.more === 0) return undefined;
    const { more, last } = kind;
    if (more === 1) notice(lineOf(last));
    else if (key === OTHERS)
      notice(`calls were tried again ${more} times more, for other reasons; the last: ${told(last)}`);
    else notice(told(last, ` was tried again ${more} times more`));
    return last;
  }
}

/** What has the same is folded: by whom, where, and why. */
function kindOf({ name, site, loss, thrown }: Retry): string {
  return [name, site.text, loss === undefined ? whyOf({ loss, thrown }) : endOf(loss)].join("\n");
}

/** But for the process and its size. */
function endOf(loss: WorkerLoss): string {
  return isOutOfMemory(loss) ? "out of memory" : (loss.reason ?? howItEnded(loss));
}

function lineOf(retry: Retry): string {
  const { attempt, attemptsMax } = retry;
  const which = attemptsMax === undefined ? `attempt ${attempt}` : `attempt ${attempt} of ${attemptsMax}`;
  return told(retry, ` is tried again (${which})`);
}

function told(retry: Retry, what = ""): string {
  const there = submittedThere(retry.site.text);
  return `task ${retry.name}${there}${what === "" || there === "" ? "" : ","}${what}: ${whyOf(retry)}`;
}

function whyOf({ loss, thrown }: Pick<Retry, "loss" | "thrown">): string {
  if (loss !== undefined) return workerEnded(loss);
  return thrown === undefined ? "what it had made is lost" : thrownInBrief(thrown);
}
