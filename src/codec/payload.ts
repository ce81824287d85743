// What an encoded value is, and from which size on a buffer travels beside the bytes instead of in them.
export type { Payload } from "../domain/object.ts";

/**
 * ArrayBuffers of at least this size go out of band: a view of the caller's own memory, uncopied. Below it, copying into the
 * bytes is cheaper than one more buffer to keep account of.
 */
export const outOfBandBytesMin: number = 32 * 1024;

/** Gives memory for an out-of-band buffer when a value is decoded: a copy, because a payload can be decoded more than once, or its own. */
export type Shelf = (buffer: Uint8Array) => ArrayBuffer;

export const copied: Shelf = (buffer) => {
  const copy = new Uint8Array(buffer.byteLength);
  copy.set(buffer);
  return copy.buffer;
};

export const given: Shelf = (buffer) => buffer.buffer as ArrayBuffer;
