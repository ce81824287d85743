// What is plain enough for the short way: objects and arrays in which nothing is hidden that the short way would lose.
import { inspect } from "node:util";
import { takeLast } from "./lists.ts";

/** Looks like a plain object and is none. */
const environment = process.env;

/**
 * The keys of an object made by a literal, if it has nothing else: no accessor, no symbol, nothing hidden, read-only or sealed. Its
 * values are added to `values`. No getter is called. Objects with methods are left to the long way: some stand for modules of Node.
 */
export function plainKeys(value: object, values: unknown[]): string[] | undefined {
  const keys = Object.getOwnPropertyNames(value);
  if (Object.getOwnPropertySymbols(value).length > 0 || !Object.isExtensible(value)) return undefined;
  const before = values.length;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as string;
    const descriptor = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    const part: unknown = descriptor.value;
    const isUsual = descriptor.writable === true && descriptor.configurable === true && descriptor.enumerable === true;
    if (!isUsual || typeof part === "function" || key === "__proto__") {
      takeLast(values, values.length - before);
      return undefined;
    }
    values.push(part);
  }
  if (value !== environment) return keys;
  takeLast(values, keys.length);
  return undefined;
}

/** Asking for the keys of more elements than this costs more than printing none of them. */
const LISTED_MAX = 12;

/** How the elements of an array can be written; "odd" when it has holes, further properties or is sealed. */
export type Denseness = "bytes" | "words" | "doubles" | "mixed" | "odd";

/**
 * Elements are read, as structured cloning reads them: an accessor among the elements of an array is the one thing that is not
 * seen.
 */
export function denseness(value: readonly unknown[]): Denseness {
  const { length } = value;
  if (!Object.isExtensible(value)) return "odd";
  if (length > LISTED_MAX) {
    if (hasMore(value)) return "odd";
  } else if (Reflect.ownKeys(value).length !== length + 1) return "odd";
  if (Object.getOwnPropertyDescriptor(value, "length")?.writable !== true) return "odd";
  return typeof value[0] === "number" && length > 3 ? kindOfNumbers(value) : dense(value, 0);
}

function dense(value: readonly unknown[], from: number): "mixed" | "odd" {
  for (let index = from; index < value.length; index++) {
    if (value[index] === undefined && !Object.hasOwn(value, index)) return "odd";
  }
  return "mixed";
}

function kindOfNumbers(value: readonly unknown[]): Denseness {
  let bits = 0;
  let whole = true;
  for (let index = 0; index < value.length; index++) {
    const element = value[index];
    if (typeof element !== "number") return dense(value, index);
    if (!whole) continue;
    const int = element | 0;
    // Minus zero is no integer here.
    if (int !== element || (element === 0 && 1 / element < 0)) whole = false;
    else bits |= int;
  }
  if (!whole) return "doubles";
  return bits >>> 0 > 0xff ? "words" : "bytes";
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
