// Whether this process may map one more part. The system lets each have so many mappings and no more (vm.max_map_count, 65530 mostly), V8
// makes its own heap of them, and ends the process when it gets none. So parts are read, not mapped, before that.
//
// Nobody can watch when a mapping goes: the C library gives it back. So it is counted, and that takes a look at a list with a line for each
// of them: seldom where there are few, more often the fewer may be made still, and never for most parts.
import { readFileSync } from "node:fs";

/** Kept free for V8, and for all else in the process. */
const OTHERS_SHARE = 1 / 8;
/** Of what may still be made, so much is made before the next look: other threads and V8 make some meanwhile. */
const LOOK_SHARE = 1 / 4;
/** No look before so many, of the limit: less than a tenth of what is kept free. */
const LOOK_SHARE_MIN = 1 / 64;
const LINE_END = 10;

export class MapRoom {
  readonly #limit: () => number;
  readonly #count: () => number;
  #isOpen = true;
  /** Parts before the next look. */
  #left: number | undefined;

  /** `count`: how many mappings there are. Both throw where nobody knows, and then there is always room. */
  constructor(limit: () => number = mappingsMax, count: () => number = mappings) {
    this.#limit = limit;
    this.#count = count;
  }

  /** For one more part. */
  take(): boolean {
    if (this.#left === undefined || this.#left === 0) this.#look();
    else this.#left -= 1;
    return this.#isOpen;
  }

  #look(): void {
    try {
      const limit = this.#limit();
      const room = limit * (1 - OTHERS_SHARE) - this.#count();
      this.#isOpen = room > 0;
      this.#left = Math.ceil(Math.max(room * LOOK_SHARE, limit * LOOK_SHARE_MIN));
    } catch {
      this.#isOpen = true;
      this.#left = Infinity;
    }
  }
}

/** Lines are two for each part, mostly: a page of its own, and the rest. */
function mappings(): number {
  const lines = readFileSync("/proc/self/maps");
  let count = 0;
  for (let at = lines.indexOf(LINE_END); at >= 0; at = lines.indexOf(LINE_END, at + 1)) count += 1;
  return count;
}

function mappingsMax(): number {
  const limit = Number(readFileSync("/proc/sys/vm/max_map_count", "utf8"));
  if (!(limit > 0)) throw new Error("no limit is known");
  return limit;
}
