// What Node keeps under a stream and does not show: the handle that stands for it in libuv.
import { isObject } from "./is-object.ts";

/** A part of it; undefined when there is none, or no handle. */
export function handlePart(stream: object, name: string): unknown {
  const handle: unknown = Reflect.get(stream, "_handle");
  return isObject(handle) ? Reflect.get(handle, name) : undefined;
}

/** Bytes that were written and that the kernel has not taken; undefined for a stream that cannot say. */
export function writeQueueSize(stream: object): number | undefined {
  const size = handlePart(stream, "writeQueueSize");
  return typeof size === "number" ? size : undefined;
}
