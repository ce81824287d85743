// What memory this machine has, or the container that this process is in.
import { totalmem } from "node:os";

export interface MemoryUse {
  readonly usedBytes: number;
  readonly totalBytes: number;
}

export function memoryUse(): MemoryUse {
  const totalBytes = totalMemory();
  return { usedBytes: Math.max(0, totalBytes - process.availableMemory()), totalBytes };
}

export function totalMemory(): number {
  // More than there is, or 0, where nothing is set.
  const bound = process.constrainedMemory();
  return bound > 0 && bound < totalmem() ? bound : totalmem();
}
