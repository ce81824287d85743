// How full the memory of the store is, known to every process at once and without a message: a file with a number for each process,
// which only that process writes. Their sum is what there is: each says how much it has put there, and the daemon, below zero, how much
// has gone.
import { closeSync, constants, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import path from "node:path";

const NUMBER_BYTES = 8;
/** Of the file, which is read at once: for more processes than any session has. */
const FILE_BYTES = 2048 * NUMBER_BYTES;
/** What was read last. */
const numbers = new Float64Array(FILE_BYTES / NUMBER_BYTES);

export class Levels {
  readonly #name: string;
  readonly #own: number;
  /** This process's; undefined before the first look: whoever had the place before has left something in it. */
  #value: number | undefined;

  /** `own`: which of the numbers is this process's. */
  constructor(name: string, own: number) {
    this.#name = name;
    this.#own = own;
  }

  /** Takes so many bytes, if there are no more than `most` then. */
  take(bytes: number, most: number): boolean {
    return this.#opened((file) => {
      const before = (this.#value ??= numberIn(file, this.#own));
      write(file, this.#own, before + bytes);
      const fits = sumOf(file) <= most;
      if (fits) this.#value = before + bytes;
      else write(file, this.#own, before);
      return fits;
    });
  }

  /** Takes back what was taken for nothing. */
  giveBack(bytes: number): void {
    this.#value = (this.#value ?? 0) - bytes;
    try {
      this.set(this.#own, this.#value);
    } catch {
      // It is said with what is taken next.
    }
  }

  sum(): number {
    return this.#opened(sumOf);
  }

  at(index: number): number {
    return this.#opened((file) => numberIn(file, index));
  }

  /** Of this process, or of one that has ended. */
  set(index: number, value: number): void {
    this.#opened((file) => write(file, index, value));
  }

  /** Its folder is made when there is none. */
  #open(): number {
    const flags = constants.O_RDWR | constants.O_CREAT;
    try {
      return openSync(this.#name, flags, 0o600);
    } catch {
      mkdirSync(path.dirname(this.#name), { recursive: true, mode: 0o700 });
      return openSync(this.#name, flags, 0o600);
    }
  }

  /** Opened each time: code of a task may close what it has not opened, and open another file under that number. */
  #opened<T>(use: (file: number) => T): T {
    const file = this.#open();
    try {
      return use(file);
    } finally {
      closeSync(file);
    }
  }
}

function sumOf(file: number): number {
  const count = readSync(file, numbers, 0, FILE_BYTES, 0) / NUMBER_BYTES;
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += numbers[index] as number;
  return sum;
}

/** 0 where nobody has written yet. */
function numberIn(file: number, index: number): number {
  const one = new Float64Array(1);
  readSync(file, one, 0, NUMBER_BYTES, index * NUMBER_BYTES);
  return one[0] as number;
}

function write(file: number, index: number, value: number): void {
  writeSync(file, new Float64Array([value]), 0, NUMBER_BYTES, index * NUMBER_BYTES);
}
