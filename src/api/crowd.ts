// Has garbage collected when a program has made very many refs, which V8 itself would do too late.
//
// A ref goes in two steps. V8 finds it, and some turns later its finalizer lets go of what stands behind it, a value and a call, some hundred
// bytes that the next collection finds. So each collection of V8's meets what the refs since the last one have left, takes it for what the
// program needs, and lets the heap grow by a multiple of it before it looks again: a loop of small calls would grow by a gigabyte per million.
import { getHeapStatistics } from "node:v8";
import { startTimer } from "../std/clock.ts";
import { collectGarbage } from "../std/garbage.ts";
import { inNextTurn } from "../std/turns.ts";

/** So few are not worth a collection, which takes some milliseconds. */
const REFS_MIN = 50_000;
/** With a large heap a collection takes long: it must be worth it. More than what stands behind a ref, mostly. */
const HEAP_BYTES_PER_REF = 2_000;
/** After a collection, until finalizers have been called. */
const SETTLED_MS = 50;

export interface CrowdHooks {
  /** Neither at once nor in this turn. */
  soon(run: () => void): void;
  /** When finalizers have been called. */
  settled(run: () => void): void;
  collect(): void;
  heapBytes(): number;
}

const ofThisProcess: CrowdHooks = {
  soon: inNextTurn,
  settled: (run) => void startTimer(SETTLED_MS, run, { keepsAlive: false }),
  collect: collectGarbage,
  heapBytes: () => getHeapStatistics().used_heap_size,
};

export class Crowd {
  readonly #hooks: CrowdHooks;
  #alive = 0;
  #most = REFS_MIN;
  #collecting = false;

  constructor(hooks: CrowdHooks = ofThisProcess) {
    this.#hooks = hooks;
  }

  made(): void {
    this.#alive += 1;
    if (this.#alive > this.#most && !this.#collecting) this.#collect();
  }

  gone(): void {
    this.#alive -= 1;
  }

  #collect(): void {
    this.#collecting = true;
    this.#hooks.soon(() => {
      this.#hooks.collect();
      this.#hooks.settled(() => {
        this.#collecting = false;
        // Those that are left are the program's: as many more may come.
        this.#most = Math.max(REFS_MIN, 2 * this.#alive, this.#hooks.heapBytes() / HEAP_BYTES_PER_REF);
      });
    });
  }
}
