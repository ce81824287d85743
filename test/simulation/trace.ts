// The last things that happened, kept cheaply as they were and told only when somebody asks.

const KEPT = 4_096;

interface Entry {
  readonly event: number;
  readonly where: string;
  readonly what: string;
  readonly detail: unknown;
}

export class Trace {
  /** The event that is going on. */
  event = 0;
  /** Called with each entry as it comes, for `--trace`. */
  live: ((line: string) => void) | undefined;
  readonly #entries: Entry[] = [];
  #next = 0;

  add(where: string, what: string, detail: unknown): void {
    const entry = { event: this.event, where, what, detail };
    this.#entries[this.#next % KEPT] = entry;
    this.#next += 1;
    this.live?.(tell(entry));
  }

  /** The last lines; with `about`, only those that mention it. */
  last(count: number, about?: string): string[] {
    const lines: string[] = [];
    for (let index = this.#next - 1; index >= Math.max(0, this.#next - KEPT) && lines.length < count; index -= 1) {
      const entry = this.#entries[index % KEPT];
      if (entry === undefined) continue;
      const line = tell(entry);
      if (about === undefined || line.includes(shorten(about))) lines.unshift(line);
    }
    return lines;
  }
}

function tell(entry: Entry): string {
  const detail = typeof entry.detail === "string" ? entry.detail : JSON.stringify(entry.detail, replaced);
  return shorten(`${String(entry.event).padStart(6)} ${entry.where.padEnd(4)} ${entry.what}: ${detail}`);
}

/** `d00000000000000100000000000a3` reads better as `d1#a3`. */
export function shorten(text: string): string {
  return text.replace(
    /([dw])([0-9a-f]{15})([0-9a-f]{12})?/g,
    (_, letter: string, process: string, number: string | undefined) => {
      const name = letter + process.replace(/^0+/, "");
      return number === undefined ? name : `${name}#${number.replace(/^0+/, "")}`;
    },
  );
}

const decoder = new TextDecoder();

function replaced(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? decoder.decode(value) : value;
}
