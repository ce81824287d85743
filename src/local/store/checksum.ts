// What shows that a part of a file is not what was written there.
//
// On a disk it is of every byte, which are all read anyway, and of the body of a value too, for the same reason. Of a buffer in memory it is
// of pieces that are spread over it: a buffer is mapped in less time than it takes to look at it, whatever has its file overwritten or emptied
// is found out, and a changed byte in a process's memory is nothing that anybody looks for.
import { crc32 } from "node:zlib";
import type { PartKind } from "./layout.ts";

const PIECES = 16;
const PIECE_BYTES = 1024;
/** Of memory that others may write into while it is copied. */
export const UNKNOWN = 0;

/** Where the pieces begin and end. */
export function piecesOf(bytes: number, kind: PartKind): readonly (readonly [from: number, to: number])[] {
  if (kind !== "buffer" || bytes <= PIECES * PIECE_BYTES) return [[0, bytes]];
  const step = (bytes - PIECE_BYTES) / (PIECES - 1);
  return Array.from({ length: PIECES }, (_, index) => {
    const from = Math.floor(index * step);
    return [from, from + PIECE_BYTES] as const;
  });
}

export function checksumOf(part: Uint8Array, kind: PartKind): number {
  if (part.buffer instanceof SharedArrayBuffer) return UNKNOWN;
  let checksum = 0;
  for (const [from, to] of piecesOf(part.length, kind)) checksum = crc32(part.subarray(from, to), checksum);
  return checksum;
}

export function isWhole(part: Uint8Array, kind: PartKind, checksum: number): boolean {
  return checksum === UNKNOWN || checksum === checksumOf(part, kind);
}
