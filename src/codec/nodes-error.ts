// Errors: made by the engine, so that they are errors to it too, with everything that they were born with taken away again.
import type { In, NodeKind, Out } from "./graph.ts";
import { readExtrasOfError, writeExtras } from "./nodes-object.ts";
import { stackHere } from "./places.ts";
import { setTraceLimit } from "../std/traces.ts";

/** An error without own properties. Its own trace would only be made to be thrown away. */
function bareError(): Error {
  const before = Error.stackTraceLimit;
  try {
    setTraceLimit(0);
    const error = new Error();
    for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
    return error;
  } finally {
    setTraceLimit(before);
  }
}

/** The classes of errors that the language has, by their names. */
export const languageErrors: readonly string[] = [
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "AggregateError",
];

export const errorNode: NodeKind<Error> = {
  head() {},
  body: (value, out) => writeExtras(value, out, { prototype: Error.prototype }),
  make: bareError,
  fill: readError,
};

/** Its stack as users want to read it here. */
export function readError(error: object, from: In): void {
  readExtrasOfError(error, from, stackHere);
}

const domName = Object.getOwnPropertyDescriptor(DOMException.prototype, "name")?.get as (this: DOMException) => string;
const domMessage = Object.getOwnPropertyDescriptor(DOMException.prototype, "message")?.get as (
  this: DOMException,
) => string;

export function isDomException(value: object): value is DOMException {
  try {
    return typeof domName.call(value as DOMException) === "string";
  } catch {
    return false;
  }
}

/** What aborts and platform functions throw. */
export const domExceptionNode: NodeKind<DOMException> = {
  head(value, out: Out) {
    out.to.text(domMessage.call(value));
    out.to.text(domName.call(value));
  },
  body: (value, out) => writeExtras(value, out, { prototype: DOMException.prototype, own: isInternal }),
  make({ from }: In) {
    const error = new DOMException(from.text(), from.text());
    for (const key of Reflect.ownKeys(error)) if (!isInternal(key)) Reflect.deleteProperty(error, key);
    return error;
  },
  fill: readError,
};

const internal = new Set(Reflect.ownKeys(new DOMException("", "")).filter((key) => typeof key === "symbol"));
const isInternal = (key: PropertyKey): boolean => typeof key === "symbol" && internal.has(key);
