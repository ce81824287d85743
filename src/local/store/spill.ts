// Moves a file of the store from memory to the disk, piece by piece, without keeping the process from other work.
import { Buffer } from "node:buffer";
import { mkdirSync, rmSync } from "node:fs";
import { open, rename, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import { piecesOf, UNKNOWN } from "./checksum.ts";
import { READING } from "./files.ts";
import { HEAD_BYTES, headOf, LABEL_BYTES, pagesOf, readHead, type PartHead } from "./layout.ts";

const PIECE_BYTES = 4 * 1024 * 1024;

/** On the disk it has its name when it is whole. Rejects when that cannot be. */
export async function spill(from: string, folder: string, to: string): Promise<void> {
  const unfinished = `${to}.part`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const source = await open(from, READING);
    try {
      const target = await open(unfinished, "w", 0o600);
      try {
        await copy(path.basename(to), source, target);
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
    await rename(unfinished, to);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  rmSync(from, { force: true });
}

async function copy(id: string, source: FileHandle, target: FileHandle): Promise<void> {
  const end = (await source.stat()).size - LABEL_BYTES;
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let at = 0;
  while (at < end) {
    const head = readHead(await readAt(source, piece, HEAD_BYTES, at), { id, at });
    if (head === undefined || !(await isWhole(source, at, head))) throw new Error("its file is damaged");
    let checksum = 0;
    for (let done = 0; done < head.bytes;) {
      const part = await readAt(source, piece, Math.min(PIECE_BYTES, head.bytes - done), at + HEAD_BYTES + done);
      checksum = crc32(part, checksum);
      await writeAt(target, part, at + HEAD_BYTES + done);
      done += part.length;
    }
    await writeAt(target, headOf({ kind: "onDisk", checksum, bytes: head.bytes }, { id, at }), at);
    at += pagesOf(HEAD_BYTES + head.bytes);
  }
  await writeAt(target, await readAt(source, piece, LABEL_BYTES, end), end);
}

/** On the disk the part gets a checksum that fits: what is damaged must not. */
async function isWhole(source: FileHandle, at: number, { kind, bytes, checksum }: PartHead): Promise<boolean> {
  if (checksum === UNKNOWN) return true;
  let found = 0;
  for (const [from, to] of piecesOf(bytes, kind)) {
    const piece = await readAt(source, Buffer.allocUnsafe(to - from), to - from, at + HEAD_BYTES + from);
    found = crc32(piece, found);
  }
  return found === checksum;
}

async function readAt(file: FileHandle, into: Buffer, bytes: number, at: number): Promise<Buffer> {
  const { bytesRead } = await file.read(into, 0, bytes, at);
  if (bytesRead !== bytes) throw new Error("its file is cut off");
  return into.subarray(0, bytes);
}

async function writeAt(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let from = 0; from < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, from, bytes.length - from, at + from);
    from += bytesWritten;
  }
}
