// The large parts of payloads as files, in a folder in memory and one on a disk: written once, by whoever makes the payload, and read or
// mapped by whoever decodes it. Who still needs which is counted elsewhere; here is only how they are written and read.
import { Buffer } from "node:buffer";
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import { objectLost, outOfDisk } from "../../domain/object-failures.ts";
import type { ObjectId, ProcessId } from "../../domain/id.ts";
import type { Payload, Stored } from "../../domain/object.ts";
import type { StorePlaces } from "../../domain/store.ts";
import { messageOf } from "../../std/message-of.ts";
import { HEAD_BYTES, headOf, offsetsOf, readHead, type Medium } from "./layout.ts";
import { mapPart } from "./map.ts";

/** Below, to read a part is quicker than to map it and to touch its pages one by one. */
const MAPPED_BYTES_MIN = 1024 * 1024;
/** The system takes and gives no more than 2 GB at once. */
const PIECE_BYTES = 1024 * 1024 * 1024;

export class Store {
  /** In the order in which they are tried. */
  readonly #places: readonly (readonly [Medium, string])[];

  constructor({ memory, disk }: StorePlaces) {
    this.#places =
      memory === undefined
        ? [["disk", disk]]
        : [
            ["memory", memory],
            ["disk", disk],
          ];
  }

  /** Throws OutOfDiskError when there is no room for them anywhere. */
  write(id: ObjectId, parts: readonly Uint8Array[]): void {
    let failure: unknown;
    for (const [medium, folder] of this.#places) {
      const file = path.join(folder, id);
      try {
        if (medium === "disk") mkdirSync(folder, { recursive: true, mode: 0o700 });
        return writeFile(file, parts, medium);
      } catch (error) {
        rmSync(file, { force: true });
        failure = error;
      }
    }
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    throw outOfDisk({ bytes, folders: this.#places.map(([, folder]) => folder), reason: messageOf(failure) });
  }

  /** The payload with all of its parts, in memory that is nobody else's. Throws ObjectLostError when they are not there. */
  read(payload: Payload, { id, sizes, body }: Stored): Payload {
    const parts = this.#open(id, (file) => readParts(file, sizes));
    const bytes = body ? (parts.pop() as Uint8Array) : payload.bytes;
    return { bytes, buffers: parts, refs: payload.refs, modules: payload.modules };
  }

  remove(id: ObjectId): void {
    for (const [, folder] of this.#places) rmSync(path.join(folder, id), { force: true });
  }

  /** What this process has written and nobody has heard of, since it has ended. */
  sweep(process: ProcessId, known: ReadonlySet<ObjectId>): void {
    for (const [, folder] of this.#places)
      for (const name of namesIn(folder))
        if (name.startsWith(process) && !known.has(name)) rmSync(path.join(folder, name), { force: true });
  }

  #open<T>(id: ObjectId, use: (file: number) => T): T {
    let failure: unknown;
    for (const [, folder] of this.#places) {
      let file: number;
      try {
        file = openSync(path.join(folder, id), "r");
      } catch (error) {
        failure ??= error;
        continue;
      }
      try {
        return use(file);
      } catch (error) {
        throw objectLost({ id, reason: `its part of the object store cannot be read (${messageOf(error)})` });
      } finally {
        closeSync(file);
      }
    }
    throw objectLost({ id, reason: `its part of the object store is gone (${messageOf(failure)})` });
  }
}

function writeFile(name: string, parts: readonly Uint8Array[], medium: Medium): void {
  const offsets = offsetsOf(parts.map((part) => part.length));
  const file = openSync(name, "wx", 0o600);
  try {
    for (const [index, part] of parts.entries()) {
      const checksum = medium === "disk" ? crc32(part) : 0;
      writeAll(file, [headOf({ medium, checksum, bytes: part.length }), part], offsets[index] as number);
    }
    // So that pages can be mapped to the end of the last one.
    ftruncateSync(file, offsets.at(-1));
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, buffers: readonly Uint8Array[], at: number): void {
  let position = at;
  for (const buffer of buffers) {
    for (let from = 0; from < buffer.length;) {
      const piece = buffer.subarray(from, from + PIECE_BYTES);
      const written = writeSync(file, piece, 0, piece.length, position);
      from += written;
      position += written;
    }
  }
}

function readParts(file: number, sizes: readonly number[]): Uint8Array[] {
  const offsets = offsetsOf(sizes);
  if (fstatSync(file).size !== offsets.at(-1)) throw new Error("its file has another size");
  return sizes.map((size, index) => readPart(file, offsets[index] as number, size));
}

function readPart(file: number, at: number, bytes: number): Uint8Array {
  const raw = Buffer.alloc(HEAD_BYTES);
  readAll(file, raw, at);
  const head = readHead(raw);
  if (head?.bytes !== bytes) throw new Error("its file is damaged");
  // What has a checksum is read as a whole anyway.
  if (head.medium === "memory" && bytes >= MAPPED_BYTES_MIN) {
    const mapped = mapPart(file, at, bytes);
    if (mapped !== undefined) return new Uint8Array(mapped);
  }
  const part = new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
  readAll(file, part, at + HEAD_BYTES);
  if (head.medium === "disk" && crc32(part) !== head.checksum) throw new Error("its file is damaged");
  return part;
}

function readAll(file: number, into: Uint8Array, at: number): void {
  for (let from = 0; from < into.length;) {
    const read = readSync(file, into, from, Math.min(PIECE_BYTES, into.length - from), at + from);
    if (read === 0) throw new Error("its file is cut off");
    from += read;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
