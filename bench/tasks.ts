// The work that every contender does. Piscina and tinypool load this file itself as their worker; the others wrap it.
import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";

/** Nothing but the way there and back. */
export function addOne(x: number): number {
  return x + 1;
}

/** One millisecond of a processor: punishes whoever polls while others work. */
export function burn(x: number): number {
  const end = performance.now() + 1;
  while (performance.now() < end);
  return x + 1;
}

export const whoAmIMs = 10;

/** A number for the thread or process this ran in. Takes a while, so that calls made together land on different workers. */
export async function whoAmI(_x: number): Promise<number> {
  await sleep(whoAmIMs);
  return process.pid * 1000 + threadId;
}

export type TaskName = "addOne" | "burn" | "whoAmI";
