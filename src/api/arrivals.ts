// What has come, on its way to a value: first the modules that it names are imported, then it is decoded.
import { decode, decodeOnce, prepare } from "../codec/value.ts";
import { ObjectLostError } from "../domain/errors.ts";
import type { Payload } from "../domain/object.ts";
import { slot, type Session } from "./slot.ts";

/** Undefined when there is nothing to wait for. In a worker, top-level code of what is imported must not act as a driver. */
export function importsFor(payload: Payload): Promise<void> | undefined {
  if (!payload.modules) return undefined;
  return slot.worker ? slot.calls.run("importing", () => prepare(payload)) : prepare(payload);
}

/** Whether this is why the payload could not be opened, and no error of code that ran when it was decoded. */
export function isUnreadable({ stored }: Payload, error: unknown): boolean {
  return stored !== undefined && error instanceof ObjectLostError && error.objectId === stored.id;
}

/** The value, made anew. Throws ObjectLostError when the store has lost its large parts. */
export function valueOf(payload: Payload, { backend }: Session): unknown {
  return payload.stored === undefined ? decode(payload) : decodeOnce(backend.open(payload));
}
