// What a buffer or a view says of itself, whatever properties and prototypes the user has given it.
import { types } from "node:util";
import { detached, outOfBounds, type Problem } from "./problem.ts";

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** Older versions of Node lack some of them. */
function getter(prototype: object, key: PropertyKey): (this: object) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, key)?.get ?? ((): unknown => undefined);
}

const size = getter(ArrayBuffer.prototype, "byteLength") as Count;
const isResizable = getter(ArrayBuffer.prototype, "resizable");
const sizeMax = getter(ArrayBuffer.prototype, "maxByteLength") as Count;
const arrayName = getter(typedArray, Symbol.toStringTag) as (this: object) => string | undefined;
const arrayLength = getter(typedArray, "length") as Count;
const parts = [typedArray, DataView.prototype].map((prototype) => ({
  buffer: getter(prototype, "buffer"),
  byteOffset: getter(prototype, "byteOffset"),
  byteLength: getter(prototype, "byteLength"),
})) as [ViewGetters, ViewGetters];

type Count = (this: object) => number;

interface ViewGetters {
  readonly buffer: (this: object) => ArrayBufferLike;
  readonly byteOffset: Count;
  readonly byteLength: Count;
}

const partsOf = (view: ArrayBufferView): ViewGetters => parts[types.isDataView(view) ? 1 : 0];

export const bufferOf = (view: ArrayBufferView): ArrayBufferLike => partsOf(view).buffer.call(view);
export const offsetOf = (view: ArrayBufferView): number => partsOf(view).byteOffset.call(view);
export const bytesOf = (view: ArrayBufferView): number => partsOf(view).byteLength.call(view);
/** In elements; of a DataView, in bytes. */
export const lengthOf = (view: ArrayBufferView): number =>
  types.isDataView(view) ? bytesOf(view) : arrayLength.call(view);
/** "Uint8Array"; undefined for a DataView. */
export const typedArrayName = (view: ArrayBufferView): string | undefined => arrayName.call(view);

export const sizeOf = (memory: ArrayBuffer): number => size.call(memory);
/** How far it can grow; undefined when it cannot. */
export const growsTo = (memory: ArrayBuffer): number | undefined =>
  isResizable.call(memory) === true ? sizeMax.call(memory) : undefined;

/** Older versions of Node have no question for it, but look at a buffer that is given to a view. */
export function isDetached(memory: ArrayBuffer): boolean {
  if (sizeOf(memory) > 0) return false;
  try {
    return new Uint8Array(memory).byteLength > 0;
  } catch {
    return true;
  }
}

const keysOf = Reflect.get(typedArray, "keys") as (this: ArrayBufferView) => unknown;

/** Of a view that lost its memory, or its part of it: to most questions it is only empty. */
export function problemOfView(view: ArrayBufferView): Problem | undefined {
  try {
    if (bytesOf(view) === 0 && !types.isDataView(view)) keysOf.call(view);
    return undefined;
  } catch {
    return isDetached(bufferOf(view) as ArrayBuffer) ? detached : outOfBounds;
  }
}
