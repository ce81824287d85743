// Large buffers of a payload are views of the user's memory at first; what is kept, or sent later, must not change under the reader.
import type { Payload } from "../domain/object.ts";

/** The payload with buffers of its own. The same one when it has none, as nearly all. */
export function owned(payload: Payload): Payload {
  if (payload.buffers.length === 0) return payload;
  return { ...payload, buffers: payload.buffers.map((buffer) => new Uint8Array(buffer)) };
}
