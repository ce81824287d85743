// How stacks are noted: properties of Error, which are set for a moment and then put back. In a program that has frozen Error they stay
// as they are, and so do the stacks.

export function setTraceLimit(frames: number): void {
  Reflect.set(Error, "stackTraceLimit", frames);
}

/** Who puts stacks into words. */
export function setTraceWriter(writer: typeof Error.prepareStackTrace): void {
  Reflect.set(Error, "prepareStackTrace", writer);
}
