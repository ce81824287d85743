// Whether this process is a worker: for programs that guard their start with it.
import { slot } from "./slot.ts";

/** True in a process that runs tasks for a driver, false in the driver. `if (!isWorker) await main()`. */
export let isWorker: boolean = slot.worker;

export function markWorker(): void {
  slot.worker = true;
  isWorker = true;
}
