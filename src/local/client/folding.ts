// A line that many workers print is shown at once when the first of them does, and the others as one line more, with their number.
//
// Only what is the same to the letter: lines that differ in a number are different news. What one worker says again and again is its
// own and shown each time, unless others say it too. No clock in here: moments come from outside.
import type { Line } from "./styles.ts";

/** From a line on, its repeats are counted for so long. */
const FOLD_MS = 5_000;
/** So many lines are remembered; where more come at a time, they are hardly the same again and again. */
const KNOWN_MAX = 10_000;
/** A longer line is a text of its own. */
const LENGTH_MAX = 1_000;

interface Known {
  readonly until: number;
  /** Who said it first. */
  readonly pid: number;
  last: Line;
  repeats: number;
}

export class Folding {
  /** In the order of their `until`. */
  readonly #known = new Map<string, Known>();
  /** Their repeats are counted no more, and have not been told. */
  #over: Known[] = [];

  /** Whether to show it now. If not, it is counted. */
  shows(line: Line, now: number): boolean {
    if (line.text.length > LENGTH_MAX || line.text.trim() === "") return true;
    const key = `${line.to} ${line.name}\n${line.text}`;
    const known = this.#known.get(key);
    if (known === undefined || known.until <= now) {
      if (known !== undefined) this.#end(key, known);
      if (this.#known.size >= KNOWN_MAX) this.#endOldest();
      this.#known.set(key, { until: now + FOLD_MS, pid: line.pid, last: line, repeats: 0 });
      return true;
    }
    if (known.repeats === 0 && known.pid === line.pid) return true;
    known.last = line;
    known.repeats += 1;
    return false;
  }

  /** When `due` may have something to tell. */
  get next(): number | undefined {
    if (this.#over.length > 0) return -Infinity;
    for (const { until } of this.#known.values()) return until;
    return undefined;
  }

  /** The repeats of lines whose time is over, a line for each; forgets these lines. */
  due(now: number): Line[] {
    for (const [key, known] of this.#known) {
      if (known.until > now) break;
      this.#end(key, known);
    }
    const told = this.#over.map(inOneLine);
    this.#over = [];
    return told;
  }

  #endOldest(): void {
    for (const [key, known] of this.#known) return this.#end(key, known);
  }

  #end(key: string, known: Known): void {
    this.#known.delete(key);
    if (known.repeats > 0) this.#over.push(known);
  }
}

function inOneLine({ last, repeats }: Known): Line {
  return repeats === 1 ? last : { ...last, text: `${last.text} [repeated ${repeats}× across workers]` };
}
