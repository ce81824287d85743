// The modules that a payload names, imported before it is decoded: for functions and classes that travel by reference.
import { prepare } from "../codec/value.ts";
import type { Payload } from "../domain/object.ts";
import { slot } from "./slot.ts";

/** Undefined when there is nothing to wait for. In a worker, top-level code of what is imported must not act as a driver. */
export function importsFor(payload: Payload): Promise<void> | undefined {
  if (!payload.modules) return undefined;
  return slot.worker ? slot.calls.run("importing", () => prepare(payload)) : prepare(payload);
}
