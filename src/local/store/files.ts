// The files of the store: written and read as layout.ts says.
import { Buffer } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import path from "node:path";
import type { Medium } from "../../domain/store.ts";
import { checksumOf, isWhole } from "./checksum.ts";
import {
  HEAD_BYTES,
  headOf,
  LABEL_BYTES,
  labelOf,
  offsetsOf,
  PAGE_BYTES,
  readHead,
  readLabel,
  type PartHead,
  type PartKind,
  type PartPlace,
} from "./layout.ts";
import { mapPart } from "./map.ts";

/** Below, to read a part is quicker than to map it and to touch its pages one by one. */
const MAPPED_BYTES_MIN = 512 * 1024;
/** The system takes and gives no more than 2 GB at once. */
const PIECE_BYTES = 1024 * 1024 * 1024;

/** What is written. */
export interface Written {
  readonly parts: readonly Uint8Array[];
  /** The last of them is the body of a value. */
  readonly body: boolean;
  readonly medium: Medium;
  /** Whose parts they are, for messages. */
  readonly label: string;
}

/** A new file; or, with `prepare`, one that there is, which is looked at first. */
export function writeParts(name: string, written: Written, prepare?: (file: number) => void): void {
  const { parts, label } = written;
  const offsets = offsetsOf(parts.map((part) => part.length));
  withFile(name, prepare === undefined ? "wx" : "r+", (file) => {
    prepare?.(file);
    for (const [index, part] of parts.entries()) {
      const at = offsets[index] as number;
      const kind = kindOf(written, index);
      const head = { kind, checksum: checksumOf(part, kind), bytes: part.length };
      writeAll(file, headOf(head, { id: path.basename(name), at }), at);
      writeAll(file, part, at + HEAD_BYTES);
    }
    writeAll(file, labelOf(label), offsets.at(-1) as number);
  });
}

function kindOf({ parts, body, medium }: Written, index: number): PartKind {
  if (medium === "disk") return "onDisk";
  return body && index === parts.length - 1 ? "body" : "buffer";
}

/** In memory that is nobody else's. Throws when they are not those that were written. */
export function readParts(name: string, sizes: readonly number[]): Uint8Array[] {
  const offsets = offsetsOf(sizes);
  return withFile(name, "r", (file) => {
    if (fstatSync(file).size !== (offsets.at(-1) as number) + LABEL_BYTES) throw new Error("its file has another size");
    const id = path.basename(name);
    return sizes.map((size, index) => readPart(file, { id, at: offsets[index] as number }, size));
  });
}

/** How large a file is, and whose; undefined for one that is still being written. */
export function describe(name: string): { bytes: number; label: string } | undefined {
  return withFile(name, "r", (file) => {
    const bytes = fstatSync(file).size;
    if (bytes % PAGE_BYTES !== LABEL_BYTES) return undefined;
    const raw = Buffer.alloc(LABEL_BYTES);
    readSync(file, raw, 0, LABEL_BYTES, bytes - LABEL_BYTES);
    const label = readLabel(raw);
    return label === "" ? undefined : { bytes, label };
  });
}

/** As far as there is one. */
export function removeFile(name: string): void {
  try {
    unlinkSync(name);
  } catch {
    // It is gone, or its folder is.
  }
}

const { O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
/** What somebody has put in the place of a file may be a pipe: to open that would wait for its other end. */
export const READING: number = O_RDONLY | O_NONBLOCK;
const FLAGS = { r: READING, "r+": O_RDWR | O_NONBLOCK, wx: O_WRONLY | O_CREAT | O_EXCL };

function withFile<T>(name: string, how: keyof typeof FLAGS, use: (file: number) => T): T {
  const file = openSync(name, FLAGS[how], 0o600);
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

function readPart(file: number, place: PartPlace, bytes: number): Uint8Array {
  const { at } = place;
  const raw = Buffer.alloc(HEAD_BYTES);
  readAll(file, raw, at);
  const head = readHead(raw, place);
  if (head?.bytes !== bytes) throw new Error("its file is damaged");
  const part = contentOf(file, at, head);
  if (!isWhole(part, head.kind, head.checksum)) throw new Error("its file is damaged");
  return part;
}

/** From a disk it is read: all of it is looked at anyway. */
function contentOf(file: number, at: number, { kind, bytes }: PartHead): Uint8Array {
  const mapped = kind !== "onDisk" && bytes >= MAPPED_BYTES_MIN ? mapPart(file, at, bytes) : undefined;
  if (mapped !== undefined) return new Uint8Array(mapped);
  const part = new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
  readAll(file, part, at + HEAD_BYTES);
  return part;
}

function writeAll(file: number, bytes: Uint8Array, at: number): void {
  for (let from = 0; from < bytes.length;)
    from += writeSync(file, bytes, from, Math.min(PIECE_BYTES, bytes.length - from), at + from);
}

function readAll(file: number, into: Uint8Array, at: number): void {
  for (let from = 0; from < into.length;) {
    const read = readSync(file, into, from, Math.min(PIECE_BYTES, into.length - from), at + from);
    if (read === 0) throw new Error("its file is cut off");
    from += read;
  }
}
