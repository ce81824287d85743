// The worker of piscina for large arrays.
import { move } from "piscina";
import { made } from "../tasks.ts";

export { lookAt, made } from "../tasks.ts";

/** As `made`, for those who pass on memory instead of copying it. */
export function madeToMove(bytes: number): unknown {
  return move(made(bytes));
}

export function madeShared(bytes: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(bytes)).fill(1);
}
