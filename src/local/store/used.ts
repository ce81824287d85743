// Files of the store in memory that nobody needs any more, kept for a while for whoever writes next: to write into memory that was used
// before takes half of what it takes to get more from the system.
//
// A file may still be mapped where it was read, and must not change there. Nobody has to keep account of that: the system knows whether
// anybody else has the file, and whoever is about to write asks.
import { ftruncateSync, mkdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { namesIn } from "../../std/names-in.ts";
import { removeFile, writeParts, type Written } from "./files.ts";
import { isNobodyElses } from "./map.ts";

/** Below, looking for one takes longer than it saves. */
const BYTES_MIN = 1024 * 1024;
const FILES_MAX = 16;
const KEPT_MS = 5_000;

export class UsedFiles {
  readonly #folder: string;
  readonly #bytesMax: number;
  #next = 0;
  /** One was added since there was none: without, nobody needs to look. */
  #mayHave = false;

  /** `bytesMax`: all of them together. */
  constructor(memory: string, bytesMax: number) {
    this.#folder = path.join(memory, "used");
    this.#bytesMax = bytesMax;
  }

  /** Gives up a file: kept here, or removed. By one process only. */
  add(file: string): void {
    try {
      const { size } = statSync(file);
      const all = size < BYTES_MIN ? [] : this.#all();
      const bytes = all.reduce((sum, used) => sum + used.bytes, size);
      if (size < BYTES_MIN || bytes > this.#bytesMax || all.length >= FILES_MAX) return removeFile(file);
      this.#mayHave = true;
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      renameSync(file, path.join(this.#folder, `${size}-${(this.#next += 1)}`));
    } catch {
      removeFile(file);
    }
  }

  /** Writes into one of them, under this name. Whether there was one that could be had. `bytes`: of the whole file. */
  write(file: string, bytes: number, written: Written): boolean {
    if (bytes < BYTES_MIN) return false;
    const close = this.#all().filter((used) => used.bytes <= bytes * 2 && used.bytes >= bytes / 2);
    const [best] = close.toSorted((one, other) => Math.abs(one.bytes - bytes) - Math.abs(other.bytes - bytes));
    if (best === undefined) return false;
    try {
      // Whoever is the first has it.
      renameSync(path.join(this.#folder, best.name), file);
      writeParts(file, written, (descriptor) => {
        if (!isNobodyElses(descriptor)) throw new Error("it is mapped where it was read");
        ftruncateSync(descriptor, bytes);
      });
      return true;
    } catch {
      removeFile(file);
      return false;
    }
  }

  /** Nobody needs memory for what nobody writes. */
  tidy(nowMs: number): void {
    if (!this.#mayHave) return;
    const all = this.#all();
    this.#mayHave = all.length > 0;
    for (const { name } of all) {
      const file = path.join(this.#folder, name);
      try {
        if (nowMs - statSync(file).ctimeMs > KEPT_MS) removeFile(file);
      } catch {
        // Somebody has taken it.
      }
    }
  }

  #all(): { readonly name: string; readonly bytes: number }[] {
    return namesIn(this.#folder).map((name) => ({ name, bytes: Number.parseInt(name, 10) }));
  }
}
