// Which file descriptors Node itself has opened in this process: for its event loops, and to wake them.
import { readdirSync, readlinkSync } from "node:fs";

const OF_NODE = /^(?:anon_inode:\[event|pipe:)/;

/** None where there is no /proc. */
export function descriptorsOfNode(): number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number).filter(isOfNode);
  } catch {
    return [];
  }
}

function isOfNode(descriptor: number): boolean {
  try {
    return OF_NODE.test(readlinkSync(`/proc/self/fd/${descriptor}`));
  } catch {
    // It was open for the look into the folder only.
    return false;
  }
}
