// What is plain enough for the short way: objects and arrays in which nothing is hidden that the short way would lose.
import { inspect } from "node:util";

/**
 * The own properties of an object made by a literal, if it has nothing else: no accessor, no symbol, nothing hidden, read-only or
 * sealed. No getter is called. Objects with methods are left to the long way: some of them stand for modules of Node.
 */
export function plainValues(value: object): { keys: string[]; values: unknown[] } | undefined {
  const keys = Object.keys(value);
  if (Object.getOwnPropertyNames(value).length !== keys.length) return undefined;
  if (Object.getOwnPropertySymbols(value).length > 0 || !Object.isExtensible(value)) return undefined;
  const values: unknown[] = [];
  for (const key of keys) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor?.writable !== true || descriptor.configurable !== true) return undefined;
    const part: unknown = descriptor.value;
    if (typeof part === "function" || key === "__proto__") return undefined;
    values.push(part);
  }
  return value === process.env ? undefined : { keys, values };
}

/** Asking for the keys of more elements than this costs more than printing none of them. */
const LISTED_MAX = 12;

/**
 * How the elements of an array can be written, or "odd" when it has holes, further properties or is sealed. (Elements are read, as
 * structured cloning reads them: an accessor among the elements of an array is the one thing that is not seen.)
 */
export function denseness(value: readonly unknown[]): "ints" | "words" | "doubles" | "mixed" | "odd" {
  const { length } = value;
  if (!Object.isExtensible(value)) return "odd";
  if (length > LISTED_MAX) {
    if (hasMore(value)) return "odd";
  } else if (Reflect.ownKeys(value).length !== length + 1) return "odd";
  const numbers = typeof value[0] === "number" && length > 3;
  return numbers ? kindOfNumbers(value) : firstHole(value, 0) < 0 ? "mixed" : "odd";
}

function firstHole(value: readonly unknown[], from: number): number {
  for (let index = from; index < value.length; index++) {
    if (value[index] === undefined && !Object.hasOwn(value, index)) return index;
  }
  return -1;
}

function kindOfNumbers(value: readonly unknown[]): "ints" | "words" | "doubles" | "mixed" | "odd" {
  let bits = 0;
  let whole = true;
  for (let index = 0; index < value.length; index++) {
    const element = value[index];
    if (typeof element !== "number") return firstHole(value, index) < 0 ? "mixed" : "odd";
    if (!whole) continue;
    const int = element | 0;
    // Minus zero is no integer here.
    if (int !== element || (element === 0 && 1 / element < 0)) whole = false;
    else bits |= int;
  }
  if (!whole) return "doubles";
  return bits >>> 0 > 0xff ? "words" : "ints";
}

/**
 * Whether a long array has properties that are no elements. There is no cheaper way to ask: the printer of Node lists them, and
 * needs not look at the elements for it. It calls nothing of the user's, once there is no symbol that it would ask for.
 */
function hasMore(value: readonly unknown[]): boolean {
  if (Object.getOwnPropertySymbols(value).length > 0) return true;
  return inspect(value, printNothing) !== `[ ... ${value.length} more items, [length]: ${value.length} ]`;
}

const printNothing = {
  maxArrayLength: 0,
  depth: 0,
  customInspect: false,
  showHidden: true,
  breakLength: Infinity,
  compact: 3,
} as const;
