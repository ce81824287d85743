// Asks the kernel to kill this process when its daemon ends, however it ends: a worker in an endless loop reads no closed socket.
// The only file here that uses koffi. It is loaded after the worker is ready, because it takes longer than anything else at start.
import { createRequire } from "node:module";
import type Koffi from "koffi";

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/** Linux only; elsewhere, or without koffi, workers in an endless loop end with the process group, which their driver kills. */
export function dieWithParent(parent: number, exit: () => void): void {
  if (process.platform !== "linux") return;
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof Koffi;
    const prctl = koffi
      .load(null)
      .func("int prctl(int option, unsigned long value, unsigned long, unsigned long, unsigned long)");
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  } catch {
    return;
  }
  // It may have ended before the kernel was asked.
  if (process.ppid !== parent) exit();
}
