// A file of the store: the large parts of one payload, one after another. Each begins with a head on a page of its own, and goes on
// where the memory that the C library gives for a large buffer begins within its page: so all other pages can be mapped over those of
// such a buffer, and it is an ArrayBuffer like any other. See map.ts.
//
//   page 0                         page 1     page 2           page 3                               last page
//   | head | first bytes of part 0 | part 0 … | part 0 … | pad | head | first bytes of part 1 | …  | label
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** Of the file; where pages of memory have another size, nothing is mapped. */
export const PAGE_BYTES = 4096;
export const HEAD_BYTES = 16;

/** In memory, contents of a buffer, or the body of a value, which says what there is; or either of them on a disk. */
const partKinds = ["buffer", "body", "onDisk"] as const;
export type PartKind = (typeof partKinds)[number];

const MAGIC: Readonly<Record<PartKind, number>> = { buffer: 0x6d73_7472, body: 0x6273_7472, onDisk: 0x6473_7472 };

/** Which part of the store it is: what stands there instead, though whole, is another. */
export interface PartPlace {
  /** Of the object that the file is named by. */
  readonly id: string;
  /** In the file. */
  readonly at: number;
}

export interface PartHead {
  readonly kind: PartKind;
  /** See checksum.ts. */
  readonly checksum: number;
  readonly bytes: number;
}

/** Whose it is, in words: for those who look what takes all the room. */
export const LABEL_BYTES = 256;

/** Where the head of each part stands, and last where the label does. */
export function offsetsOf(sizes: readonly number[]): number[] {
  const offsets = [0];
  let end = 0;
  for (const size of sizes) offsets.push((end += pagesOf(HEAD_BYTES + size)));
  return offsets;
}

/** Of the whole file. */
export function fileBytes(sizes: readonly number[]): number {
  return (offsetsOf(sizes).at(-1) as number) + LABEL_BYTES;
}

/** In bytes: so much that a number of pages is full. */
export function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

export function headOf({ kind, checksum, bytes }: PartHead, place: PartPlace): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE((MAGIC[kind] ^ sealOf(place)) >>> 0, 0);
  head.writeUInt32LE(checksum, 4);
  head.writeBigUInt64LE(BigInt(bytes), 8);
  return head;
}

export function labelOf(text: string): Buffer {
  const label = Buffer.alloc(LABEL_BYTES);
  label.write(text);
  return label;
}

export function readLabel(label: Buffer): string {
  const end = label.indexOf(0);
  return label.toString("utf8", 0, end < 0 ? LABEL_BYTES : end);
}

function sealOf({ id, at }: PartPlace): number {
  return crc32(`${id} ${at}`);
}

/** Undefined when it is none, or not that of this part. */
export function readHead(head: Buffer, place: PartPlace): PartHead | undefined {
  const magic = (head.readUInt32LE(0) ^ sealOf(place)) >>> 0;
  const kind = partKinds.find((each) => MAGIC[each] === magic);
  if (kind === undefined) return undefined;
  return { kind, checksum: head.readUInt32LE(4), bytes: Number(head.readBigUInt64LE(8)) };
}
