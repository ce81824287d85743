// A file of the store: the large parts of one payload, one after another. Each begins with a head on a page of its own, and goes on
// where the memory that the C library gives for a large buffer begins within its page: so all other pages can be mapped over those of
// such a buffer, and it is an ArrayBuffer like any other. See map.ts.
//
//   page 0                         page 1       page 2          page 3
//   | head | first bytes of part 0 | part 0 … | part 0 … | pad | head | first bytes of part 1 | …
import { Buffer } from "node:buffer";

/** Of the file; where pages of memory have another size, nothing is mapped. */
export const PAGE_BYTES = 4096;
export const HEAD_BYTES = 16;

/** Of a part whose file is in memory, and of one that is on a disk and has a checksum. */
const MAGIC = { memory: 0x6d73_7472, disk: 0x6473_7472 } as const;
export type Medium = keyof typeof MAGIC;

export interface PartHead {
  readonly medium: Medium;
  readonly checksum: number;
  readonly bytes: number;
}

/** Where the head of each part stands, and last where the file ends. */
export function offsetsOf(sizes: readonly number[]): number[] {
  const offsets = [0];
  let end = 0;
  for (const size of sizes) offsets.push((end += pagesOf(HEAD_BYTES + size)));
  return offsets;
}

/** In bytes: so much that a number of pages is full. */
export function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

export function headOf({ medium, checksum, bytes }: PartHead): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(MAGIC[medium], 0);
  head.writeUInt32LE(checksum, 4);
  head.writeBigUInt64LE(BigInt(bytes), 8);
  return head;
}

/** Undefined when it is none. */
export function readHead(head: Buffer): PartHead | undefined {
  const magic = head.readUInt32LE(0);
  const medium = (Object.keys(MAGIC) as Medium[]).find((each) => MAGIC[each] === magic);
  if (medium === undefined) return undefined;
  return { medium, checksum: head.readUInt32LE(4), bytes: Number(head.readBigUInt64LE(8)) };
}
