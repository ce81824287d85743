// A line that many workers print is shown at once when the first of them does, and the others as one line more, with their number.
//
// The second of them is held back for a moment only: when its process goes on, it is shown in its place. So of two workers that print alike,
// each is shown in its order, and of many what the others said is still one line.
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
  /** That are not shown. */
  repeats: number;
  /** One that was held back has been shown. */
  shownTwice: boolean;
}

export class Folding {
  /** In the order of their `until`. */
  readonly #known = new Map<string, Known>();
  /** Their repeats are counted no more, and have not been told. */
  #over: Known[] = [];
  /** The only repeat so far of a line, by the stream and process that it came from. */
  readonly #held = new Map<string, Known>();

  /** What to show now of it, and of what stood before it. What is not shown is counted. */
  shown(line: Line, now: number): Line[] {
    const key = keyOf(line);
    const before = this.#release(line, key);
    return this.#shows(line, key, now) ? [...before, line] : before;
  }

  #shows(line: Line, key: string, now: number): boolean {
    if (line.text.length > LENGTH_MAX || line.text.trim() === "") return true;
    const known = this.#known.get(key);
    if (known === undefined || known.until <= now) {
      if (known !== undefined) this.#end(key, known);
      if (this.#known.size >= KNOWN_MAX) this.#endOldest();
      this.#known.set(key, { until: now + FOLD_MS, pid: line.pid, last: line, repeats: 0, shownTwice: false });
      return true;
    }
    if (known.repeats === 0 && !known.shownTwice && known.pid === line.pid) return true;
    this.#forgetHeld(known);
    if (known.repeats === 0 && !known.shownTwice) this.#held.set(streamOf(line), known);
    known.last = line;
    known.repeats += 1;
    return false;
  }

  /** Its process goes on, with another line. */
  #release(line: Line, key: string): Line[] {
    const stream = streamOf(line);
    const held = this.#held.get(stream);
    if (held === undefined || keyOf(held.last) === key) return [];
    this.#held.delete(stream);
    held.repeats = 0;
    held.shownTwice = true;
    return [held.last];
  }

  /** It is one of several now, or told. */
  #forgetHeld(known: Known): void {
    const stream = streamOf(known.last);
    if (this.#held.get(stream) === known) this.#held.delete(stream);
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
    const told = this.#over.filter(({ repeats }) => repeats > 0);
    this.#over = [];
    for (const known of told) this.#forgetHeld(known);
    return told.map(inOneLine);
  }

  #endOldest(): void {
    for (const [key, known] of this.#known) return this.#end(key, known);
  }

  #end(key: string, known: Known): void {
    this.#known.delete(key);
    if (known.repeats > 0) this.#over.push(known);
  }
}

function keyOf({ to, name, text }: Line): string {
  return `${to} ${name}\n${text}`;
}

function streamOf({ to, pid }: Line): string {
  return `${to} ${pid}`;
}

function inOneLine({ last, repeats, shownTwice }: Known): Line {
  if (repeats === 1 && !shownTwice) return last;
  return { ...last, text: `${last.text} [repeated ${repeats}× across workers]` };
}
