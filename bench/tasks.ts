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

const PAGE_BYTES = 4096;

/** One look at each page. */
export function lookAt(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) sum += bytes[at] as number;
  return sum;
}

export function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

/** Of ones, so that a look at it gives the number of its pages. */
export function made(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes).fill(1);
}

export type TaskName = "addOne" | "burn" | "whoAmI";
