// What many workers print is shown at once when the first of them does, and the others as one more, with their number. It is a line, or
// several that belong together (blocks.ts): then all of them have to be the same.
//
// The second of them, and then the third, is held back until its process goes on: when nobody else has said it meanwhile, it is shown in
// its place, since folding would save no line. So two workers that print alike are each shown in their order, and three that do so in
// turn, and of many what the others said is still one.
//
// Only what is the same to the letter: lines that differ in a number are different news. What one worker says again and again is its
// own and shown each time, unless others say it too. No clock in here: moments come from outside.
import type { Line } from "./styles.ts";

/** From a line on, its repeats are counted for so long. */
const FOLD_MS = 5_000;
/** So much is remembered; where more comes at a time, it is hardly the same again and again. */
const KNOWN_MAX = 10_000;
const KNOWN_LENGTH_MAX = 10_000_000;
/** What is longer is a text of its own. */
const LENGTH_MAX = 10_000;
/** How often it is shown, where processes go on. */
const SHOWN_MAX = 3;

interface Known {
  readonly until: number;
  /** Who said it first. */
  readonly pid: number;
  last: Line;
  /** That are not shown. */
  repeats: number;
  shown: number;
  /** The process of `last` has gone on. */
  passed: boolean;
}

export class Folding {
  /** In the order of their `until`. */
  readonly #known = new Map<string, Known>();
  /** Of all their texts. */
  #length = 0;
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
      this.#makeRoom(line.text.length);
      const until = now + FOLD_MS;
      this.#known.set(key, { until, pid: line.pid, last: line, repeats: 0, shown: 1, passed: false });
      return true;
    }
    if (known.repeats === 0 && known.shown === 1 && known.pid === line.pid) return true;
    this.#forgetHeld(known);
    if (known.repeats === 0) this.#held.set(streamOf(line), known);
    known.last = line;
    known.repeats += 1;
    known.passed = false;
    return false;
  }

  /** Its process goes on, with another line. */
  #release(line: Line, key: string): Line[] {
    const stream = streamOf(line);
    const held = this.#held.get(stream);
    if (held === undefined || keyOf(held.last) === key) return [];
    this.#held.delete(stream);
    if (held.shown >= SHOWN_MAX) {
      held.passed = true;
      return [];
    }
    held.repeats = 0;
    held.shown += 1;
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

  #makeRoom(length: number): void {
    this.#length += length;
    for (const [key, known] of this.#known) {
      if (this.#known.size < KNOWN_MAX && this.#length <= KNOWN_LENGTH_MAX) return;
      this.#end(key, known);
    }
  }

  #end(key: string, known: Known): void {
    this.#known.delete(key);
    this.#length -= known.last.text.length;
    if (known.repeats > 0) this.#over.push(known);
  }
}

function keyOf({ to, name, text }: Line): string {
  return `${to} ${name}\n${text}`;
}

function streamOf({ to, pid }: Line): string {
  return `${to} ${pid}`;
}

/** A single one that comes late has its number, too: in its place it would stand elsewhere. */
function inOneLine({ last, repeats, passed }: Known): Line {
  if (repeats === 1 && !passed) return last;
  return { ...last, text: `${last.text} [repeated ${repeats}× across workers]` };
}
