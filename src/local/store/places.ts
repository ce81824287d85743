// Where the store of a session is, and how much may be there.
import { mkdirSync, statfsSync } from "node:fs";
import path from "node:path";
import type { StorePlaces } from "../../domain/store.ts";
import { totalMemory } from "../../std/memory.ts";
import { messageOf } from "../../std/message-of.ts";
import { createBeside } from "../folder.ts";

/** Where Linux has files in memory. */
const MEMORY = "/dev/shm";
/** Of the memory of the machine, as in Ray. */
const MACHINE_SHARE = 0.3;
/** Of what the system lets be in there: others have files there too. */
const SYSTEM_SHARE = 0.9;
/** Containers have 64 MB there, mostly: too little to be of use. */
const SYSTEM_BYTES_MIN = 256 * 1024 * 1024;

export interface StoreWish {
  /** Undefined: a share of the memory of the machine. */
  readonly objectStoreMemory: number | undefined;
  /** Undefined: in the folder of the session. */
  readonly spillDirectory: string | undefined;
}

/** Made, and marked as the session's. Where there is no shared memory, or too little, files that are in memory lie beside those on the disk. */
export function createPlaces(folder: string, { objectStoreMemory, spillDirectory }: StoreWish): StorePlaces {
  const disk = spillDirectory === undefined ? path.join(folder, "objects") : createSpill(folder, spillDirectory);
  const beside = path.join(disk, "memory");
  const wished = objectStoreMemory ?? Math.floor(totalMemory() * MACHINE_SHARE);
  if (wished === 0) return { memory: undefined, memoryBytesMax: 0, disk, isSlow: false };
  const most = Math.floor(bytesIn(MEMORY) * SYSTEM_SHARE);
  const enough = objectStoreMemory === undefined ? most >= SYSTEM_BYTES_MIN : most >= objectStoreMemory;
  if (!enough) mkdirSync(beside, { recursive: true, mode: 0o700 });
  if (!enough) return { memory: beside, memoryBytesMax: wished, disk, isSlow: true };
  try {
    return { memory: createBeside(folder, MEMORY), memoryBytesMax: Math.min(wished, most), disk, isSlow: false };
  } catch {
    return { memory: beside, memoryBytesMax: wished, disk, isSlow: true };
  }
}

function createSpill(folder: string, spillDirectory: string): string {
  try {
    return createBeside(folder, path.resolve(spillDirectory));
  } catch (error) {
    throw new Error(`spillDirectory ${JSON.stringify(spillDirectory)} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function bytesIn(folder: string): number {
  try {
    const { bsize, blocks } = statfsSync(folder);
    return bsize * blocks;
  } catch {
    return 0;
  }
}
