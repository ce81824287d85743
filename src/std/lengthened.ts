// An error that says more than it did.

/** With one more line in its message, and at the head of its stack. */
export function lengthened(error: Error, line: string): Error {
  // Where it is made when it is read, it has the message of that moment.
  const { message: before, stack } = error;
  error.message = `${before}\n  ${line}`;
  if (stack !== undefined) error.stack = stack.replace(before, () => error.message);
  return error;
}
