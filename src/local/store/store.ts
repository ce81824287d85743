// The large parts of payloads as files, in a folder in memory and, when that is full, one on a disk: written once, by whoever makes the
// payload, and read or mapped by whoever decodes it. Who still needs which is counted elsewhere; here is only where they are.
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import {
  fileTooLarge,
  objectLost,
  objectStoreFull,
  outOfDisk,
  storeUnavailable,
  type Holder,
} from "../../domain/object-failures.ts";
import { isObjectId, type ObjectId, type ProcessId } from "../../domain/id.ts";
import type { Payload, Stored } from "../../domain/object.ts";
import type { Medium, StorePlaces } from "../../domain/store.ts";
import { codeOf } from "../../std/code-of.ts";
import { messageOf } from "../../std/message-of.ts";
import { namesIn } from "../../std/names-in.ts";
import { describe, readParts, removeFile, writeParts, type Written } from "./files.ts";
import { fileBytes } from "./layout.ts";
import { Levels } from "./levels.ts";
import { spill } from "./spill.ts";
import { UsedFiles } from "./used.ts";

/** Numbers of processes of the session. */
export const DAEMON = 0;
export const DRIVER = 1;
/** Not an id of an object. */
const LEVELS = "levels";
/** What the system says when a disk has no room: none at all, none for this user. */
const DISK_FULL: readonly unknown[] = ["ENOSPC", "EDQUOT"];
/** What this process or the system lacks to open a file, or to hold what is in it. The file is well. */
const LACKING: readonly unknown[] = ["EMFILE", "ENFILE", "ENOMEM"];
/** Of the memory, for files that are written into again. */
const USED_SHARE = 0.1;
/** Those who have most, in an error. */
const HOLDERS_SHOWN_MAX = 5;

export class Store {
  readonly #memory: string | undefined;
  readonly #disk: string;
  readonly memoryBytesMax: number;
  /** Set where memory is files as any others: see StorePlaces. */
  readonly slowFolder: string | undefined;
  readonly #levels: Levels | undefined;
  readonly #used: UsedFiles | undefined;

  /** `process`: which of the processes of the session this is, counted from 0, the daemon. */
  constructor({ memory, disk, memoryBytesMax, isSlow }: StorePlaces, process: number) {
    this.#memory = memory;
    this.#disk = disk;
    this.slowFolder = isSlow ? memory : undefined;
    this.memoryBytesMax = memoryBytesMax;
    this.#levels = memory === undefined ? undefined : new Levels(path.join(memory, LEVELS), process);
    this.#used = memory === undefined ? undefined : new UsedFiles(memory, memoryBytesMax * USED_SHARE);
  }

  /**
   * How large the file is, and where. `label`: whose they are. `body`: the last of them is. Throws OutOfDiskError or ObjectStoreFullError
   * when there is no room for them anywhere, ObjectStoreUnavailableError when this process cannot write them now.
   */
  write(
    id: ObjectId,
    parts: readonly Uint8Array[],
    label: string,
    body = false,
  ): { readonly bytes: number; readonly medium: Medium } {
    const bytes = fileBytes(parts.map((part) => part.length));
    const given = { parts, body, label };
    if (this.#writeInMemory(id, given, bytes)) return { bytes, medium: "memory" };
    this.#writeOnDisk(id, given);
    return { bytes, medium: "disk" };
  }

  #writeInMemory(id: ObjectId, given: Omit<Written, "medium">, bytes: number): boolean {
    if (this.#memory === undefined || this.#levels === undefined) return false;
    const file = path.join(this.#memory, id);
    const written: Written = { ...given, medium: "memory" };
    let taken = false;
    try {
      taken = this.#levels.take(bytes, this.memoryBytesMax * (1 - USED_SHARE));
      if (taken && this.#used?.write(file, bytes, written) !== true) writeParts(file, written);
      return taken;
    } catch (error) {
      removeFile(file);
      if (taken) this.#levels.giveBack(bytes);
      if (LACKING.includes(codeOf(error))) throw unavailable(`store ${given.label}`, error);
      // Others have files there too, and it may be full before it should be.
      return false;
    }
  }

  #writeOnDisk(id: ObjectId, given: Omit<Written, "medium">): void {
    const { parts, label } = given;
    const file = path.join(this.#disk, id);
    try {
      mkdirSync(this.#disk, { recursive: true, mode: 0o700 });
      writeParts(file, { ...given, medium: "disk" });
    } catch (error) {
      removeFile(file);
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      if (LACKING.includes(codeOf(error))) throw unavailable(`store ${label}`, error);
      if (codeOf(error) === "EFBIG") throw fileTooLarge({ bytes, label, pid: process.pid });
      const hasMemory = this.#memory !== undefined && this.slowFolder === undefined;
      const place = { folder: this.#disk, reason: messageOf(error), hasMemory };
      const noRoom = DISK_FULL.includes(codeOf(error)) ? outOfDisk : objectStoreFull;
      throw noRoom({ bytes, label, ...place, holders: this.#holders() });
    }
  }

  /** The payload with all of its parts, in memory that is nobody else's. Throws as `readParts` does. */
  read(payload: Payload, { id, sizes, body }: Stored): Payload {
    const parts = this.readParts(id, sizes);
    const bytes = body ? (parts.pop() as Uint8Array) : payload.bytes;
    return { bytes, buffers: parts, refs: payload.refs, modules: payload.modules };
  }

  /**
   * What goes to the disk is there before it goes from memory: whoever looks into both, in this order, finds it. Throws ObjectLostError when
   * they are not there or damaged, ObjectStoreUnavailableError when this process cannot read them now.
   */
  readParts(id: ObjectId, sizes: readonly number[]): Uint8Array[] {
    for (const folder of this.#folders) {
      try {
        return readParts(path.join(folder, id), sizes);
      } catch (error) {
        if (codeOf(error) === "ENOENT") continue;
        // V8 has no memory for them.
        const isLacking = LACKING.includes(codeOf(error)) || error instanceof RangeError;
        if (isLacking) throw unavailable("read a large value", error);
        throw objectLost({ id, reason: `its part of the object store cannot be read (${messageOf(error)})` });
      }
    }
    throw objectLost({ id, reason: "its part of the object store was removed" });
  }

  has(id: ObjectId): boolean {
    return this.#folders.some((folder) => existsSync(path.join(folder, id)));
  }

  remove(id: ObjectId): void {
    if (this.#memory !== undefined) this.#used?.add(path.join(this.#memory, id));
    removeFile(path.join(this.#disk, id));
  }

  /** Now and then: what was kept to be written into again goes, when nobody does. */
  tidy(nowMs: number): void {
    this.#used?.tidy(nowMs);
  }

  /** Rejects when it cannot be, or is not there any more. */
  async spill(id: ObjectId): Promise<void> {
    if (this.#memory === undefined) return;
    await spill(path.join(this.#memory, id), this.#disk, path.join(this.#disk, id));
  }

  /** What all have in memory, as a share of what may be there. */
  get fullness(): number {
    try {
      return this.#levels === undefined ? 0 : this.#levels.sum() / this.memoryBytesMax;
    } catch {
      return 0;
    }
  }

  level(process: number): number {
    try {
      return this.#levels?.at(process) ?? 0;
    } catch {
      return 0;
    }
  }

  /** Where nothing can be written any more, nobody else can put anything there either. */
  setLevel(process: number, bytes: number): void {
    try {
      this.#levels?.set(process, bytes);
    } catch {
      // The folder was removed, or its memory is full: whoever writes there finds it out, and goes to the disk.
    }
  }

  /** What this process has written and nobody has heard of, since it has ended. */
  sweep(process: ProcessId, known: ReadonlySet<ObjectId>): void {
    for (const folder of this.#folders)
      for (const name of namesIn(folder))
        if (name.startsWith(process) && !known.has(name)) removeFile(path.join(folder, name));
  }

  get #folders(): readonly string[] {
    return this.#memory === undefined ? [this.#disk] : [this.#memory, this.#disk];
  }

  /** The largest first. */
  #holders(): Holder[] {
    const bytesOf = new Map<string, number>();
    for (const folder of this.#folders) {
      for (const name of namesIn(folder).filter(isObjectId)) {
        try {
          const file = describe(path.join(folder, name));
          if (file !== undefined) bytesOf.set(file.label, (bytesOf.get(file.label) ?? 0) + file.bytes);
        } catch {
          // It has gone meanwhile.
        }
      }
    }
    const holders = [...bytesOf].map(([label, bytes]) => ({ label, bytes }));
    return holders.toSorted((one, other) => other.bytes - one.bytes).slice(0, HOLDERS_SHOWN_MAX);
  }
}

function unavailable(what: string, error: unknown): Error {
  return storeUnavailable({ what, pid: process.pid, reason: messageOf(error) });
}
