// What stands at the foot of a terminal and is drawn anew, a row for each of its owners, while lines are printed above it.
//
//   line that was printed            erase: back to the first row, and away with all that follows
//   row                              then what is printed, and the rows once more
//   row                              all in one write
//   the cursor, at the beginning of a line: what anybody writes by himself stands there, and not behind a row
//
// Pure, but for who else has written: the texts are for others to write, at once.
import { Buffer } from "node:buffer";
import { stripVTControlCharacters } from "node:util";

/** Of the terminal; undefined, or 0, where that does not say. */
export interface ScreenSize {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const TO_LINE_START = "\r";
const ERASE_BELOW = "\u001b[J";
const up = (rows: number): string => `\u001b[${rows}A`;

export class Footer {
  readonly #written: () => number;
  /** In the order in which their owners came. Undefined: nothing is shown yet. */
  readonly #rows = new Map<object, string | undefined>();
  /** So many rows have room. */
  #most = Infinity;
  /** So many rows are on the terminal, and the cursor is below the last. */
  #drawn = 0;
  /** What had been written before the last text from here, and how long that was. */
  #before = 0;
  #length = 0;

  /** `written`: how many bytes anybody has written to the terminal so far. 0 for ever: nobody knows. */
  constructor(written: () => number = () => 0) {
    this.#written = written;
  }

  /** Where the row of this owner will be: below those that are there. */
  join(owner: object): void {
    this.#rows.set(owner, this.#rows.get(owner));
  }

  /** The row of this owner, cut to what fits. */
  show(owner: object, row: string, { columns, rows }: ScreenSize = {}): string {
    const erased = this.#erase();
    this.#rows.set(owner, fitting(row, columns || Infinity));
    this.#most = Math.max(1, (rows || Infinity) - 1);
    return this.#told(erased + this.#draw());
  }

  /** The owner has no row any more: its last, cut in the same way, stays as a line above the others. */
  end(owner: object, last: string, { columns }: ScreenSize = {}): string {
    const erased = this.#erase();
    this.#rows.delete(owner);
    return this.#told(`${erased}${fitting(last, columns || Infinity)}\n${this.#draw()}`);
  }

  /** Whole lines, above the rows. */
  above(lines: string): string {
    if (this.#rows.size === 0) return lines;
    return this.#told(this.#erase() + lines + this.#draw());
  }

  /** For whoever writes by himself next: the rows are gone until one of them is shown. */
  lift(): string {
    if (this.#drawn === 0) return "";
    return this.#told(this.#erase());
  }

  #erase(): string {
    const moved = this.#written() - this.#before;
    // Somebody has printed a line of his own below the rows. It is not to be erased: they begin anew below it.
    if (moved !== 0 && moved !== this.#length) this.#drawn = 0;
    const drawn = this.#drawn;
    this.#drawn = 0;
    return drawn === 0 ? "" : TO_LINE_START + up(drawn) + ERASE_BELOW;
  }

  /** Those that fit, with a line for the cursor: rows that have left the screen cannot be erased. */
  #draw(): string {
    const rows = [...this.#rows.values()].filter((row) => row !== undefined).slice(0, this.#most);
    this.#drawn = rows.length;
    return rows.map((row) => `${row}\n`).join("");
  }

  #told(text: string): string {
    this.#before = this.#written();
    this.#length = Buffer.byteLength(text);
    return text;
  }
}

/** In a full last column some terminals begin another line. */
function fitting(row: string, columns: number): string {
  const line = row.replaceAll(/[\r\n]+/g, " ");
  if (line.length < columns) return line;
  return stripVTControlCharacters(line).slice(0, Math.max(0, columns - 1));
}
