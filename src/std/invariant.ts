// Claims that the code makes about itself. A broken one is our bug, never the user's: users get errors from domain/errors.

const reportHint = "This is a bug in ray-ts: please report it with this text.";

/** `message` may be a function when building it costs something: invariants stand on hot paths. */
export function invariant(condition: unknown, message: string | (() => string)): asserts condition {
  if (condition) return;
  const text = typeof message === "string" ? message : message();
  throw new Error(`Broken invariant: ${text} ${reportHint}`);
}

/** Ends an exhaustive `switch`: the compiler proves that nothing is left, and a message from a newer version says what it was. */
export function unreachable(value: never, where = "this place"): never {
  let shown: string;
  try {
    shown = JSON.stringify(value) ?? String(value);
  } catch {
    // Cycles and BigInts: the type is all that can be said of them in one line.
    shown = Object.prototype.toString.call(value);
  }
  throw new Error(`Broken invariant: ${where} does not know ${shown.slice(0, 200)}. ${reportHint}`);
}
