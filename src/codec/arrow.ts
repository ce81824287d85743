// Columns of Apache Arrow. Its classes are imported where their instances arrive, like any other's, and the buffers of a table go
// into the object store like any other buffer. Only a vector that remembers the values it has read cannot be copied: it has methods of
// its own that hold it. It travels as the vector it reads from, and remembers anew.
import { isObject } from "../std/is-object.ts";

interface Vector {
  memoize(): object;
}

interface Memoized extends Vector {
  unmemoize(): object;
}

/** By its own properties: there may be several copies of the library, or none. */
function isMemoized(value: unknown): value is Memoized {
  if (!isObject(value) || Object.getOwnPropertyDescriptor(value, "isMemoized")?.value !== true) return false;
  return ["memoize", "unmemoize"].every(
    (name) => typeof Object.getOwnPropertyDescriptor(value, name)?.value === "function",
  );
}

/** A kind of its own for travelling. */
export const memoizedVector = {
  name: "memoized vector of Apache Arrow",
  matches: (value: unknown): boolean => isMemoized(value),
  encode: (value: object): object => (value as Memoized).unmemoize(),
  decode: (vector: unknown): object => (vector as Vector).memoize(),
};
