// The object store of the machine: its files, in memory and on the disk, and what must hold of them. What lies in a file is known by
// how large it is.
import { ownerOf, type ObjectId, type ProcessId } from "#src/domain/id.js";
import type { Stored } from "#src/domain/object.js";
import type { Medium } from "#src/domain/store.js";
import { must } from "./violation.ts";

interface StoredFile {
  readonly bytes: number;
  readonly medium: Medium;
  /** Somebody has removed it, or it is damaged. */
  readonly lost?: true;
}

/** The cluster brain, as far as it knows of files. */
export interface FilesKnown {
  storedBy(process: ProcessId): readonly ObjectId[];
  /** What it was told of and has not freed, of what is in memory. */
  readonly residentBytes: number;
  /** It has heard that this process is gone. */
  isGone(process: ProcessId): boolean;
}

export class Files {
  readonly #there = new Map<ObjectId, StoredFile>();
  /** On their way to the disk: what of them has been read. */
  readonly #moving = new Map<ObjectId, number>();
  readonly #makers = new Set<ProcessId>();
  readonly #memoryBytesMax: number;
  readonly #count: (what: string) => void;

  constructor(memoryBytesMax: number, count: (what: string) => void) {
    this.#memoryBytesMax = memoryBytesMax;
    this.#count = count;
  }

  ids(): Iterable<ObjectId> {
    return this.#there.keys();
  }

  write(id: ObjectId, bytes: number): Medium {
    const medium = this.#bytesIn(this.#there.keys()) + bytes > this.#memoryBytesMax ? "disk" : "memory";
    this.#there.set(id, { bytes, medium });
    this.#makers.add(ownerOf(id));
    this.#count(`files written, ${medium}`);
    return medium;
  }

  /** A file goes, or breaks. One that is on its way to the disk may have been read by then. */
  lose(id: ObjectId, late: boolean): void {
    const file = this.#there.get(id);
    if (file === undefined || file.lost === true) return;
    this.#there.set(id, { ...file, lost: true });
    this.#count(this.#moving.has(id) ? "files lost while they were moved" : "files lost");
    if (!late) this.#moving.delete(id);
  }

  isLost(id: ObjectId): boolean {
    return this.#there.get(id)?.lost === true;
  }

  /** Somebody decodes a payload. */
  open({ id, sizes }: Stored, makerLives: boolean): void {
    const file = this.#there.get(id);
    must(file !== undefined, "whoever decodes a value finds its file", () => `${id} is not there`);
    must(file.bytes === sizes[0], "a file has what was put there", () => `${id} has ${file.bytes}, not ${sizes[0]}`);
    this.#count(`files opened, ${file.medium}`);
    if (!makerLives) this.#count("files opened after their maker had ended");
  }

  remove(id: ObjectId): void {
    must(this.#there.delete(id), "a file is removed once", () => `${id} is not there`);
    this.#count("files removed");
    if (this.#moving.has(id)) this.#count("files removed while they were moved");
  }

  /** What it has written and nobody knows. */
  straysOf(process: ProcessId, known: ReadonlySet<ObjectId>): ObjectId[] {
    return [...this.#there.keys()].filter((id) => ownerOf(id) === process && !known.has(id));
  }

  /** With them goes what is half moved, of all that it has written. */
  sweep(process: ProcessId, strays: readonly ObjectId[]): void {
    for (const id of strays) {
      this.#there.delete(id);
      this.#count("files swept");
    }
    for (const id of [...this.#moving.keys()]) if (ownerOf(id) === process) this.#moving.delete(id);
  }

  beginMove(id: ObjectId): void {
    const file = this.#there.get(id);
    must(file?.medium === "memory", "what is moved is in memory", () => id);
    this.#moving.set(id, file.bytes);
  }

  /** Whether it is on the disk now. It may have been removed from memory meanwhile. */
  endMove(id: ObjectId, works: boolean): boolean {
    const bytes = this.#moving.get(id);
    this.#moving.delete(id);
    const moved = works && bytes !== undefined;
    if (moved) this.#there.set(id, { bytes, medium: "disk" });
    this.#count(moved ? "files moved" : "files not moved");
    return moved;
  }

  /** At any time: what the cluster keeps is there, and what is there it knows, unless whoever has made it could still say so. */
  check(cluster: FilesKnown): void {
    const known = new Set([...this.#makers].flatMap((maker) => cluster.storedBy(maker)));
    for (const id of known) must(this.#there.has(id), "what is kept has its file", () => `${id} is not there`);
    for (const id of this.#there.keys())
      must(
        known.has(id) || !cluster.isGone(ownerOf(id)),
        "files that nobody can know of are removed",
        () => `${id} is there`,
      );
    const bytes = this.#bytesIn(known);
    must(
      bytes === cluster.residentBytes,
      "the cluster knows how much is in memory",
      () => `${bytes} bytes are there, ${cluster.residentBytes} are counted`,
    );
  }

  #bytesIn(ids: Iterable<ObjectId>): number {
    let bytes = 0;
    for (const id of ids) {
      const file = this.#there.get(id);
      if (file?.medium === "memory") bytes += file.bytes;
    }
    return bytes;
  }
}
