// Objects with all that a literal cannot say: prototypes, accessors, symbols, hidden and read-only properties, sealed ones.
// Also what every other node ends with: its own prototype and properties beyond those that it is born with.
import { isObject } from "../std/is-object.ts";
import { textOf } from "../std/text-of.ts";
import type { In, NodeKind, Out } from "./graph.ts";
import { noteConstructorOf } from "./owners.ts";
import { Damaged } from "./reader.ts";

const ENUMERABLE = 1;
const CONFIGURABLE = 2;
const WRITABLE = 4;
const ACCESSOR = 8;

const HAS_PROTOTYPE = 1;
const HAS_PROPERTIES = 2;
const NOT_EXTENSIBLE = 4;
/** The prototype is null, or that of plain objects: said without a value. */
const NULL_PROTOTYPE = 8;

export interface Extras {
  /** What an object of this sort is born with. */
  readonly prototype: object | null;
  /** Own properties that the node takes care of itself. */
  readonly own?: (key: PropertyKey) => boolean;
}

/** Writes the prototype if it is another than usual, the properties, and whether there may be more. */
export function writeExtras(value: object, out: Out, { prototype, own }: Extras): void {
  const actual: object | null = Object.getPrototypeOf(value);
  const keys = own === undefined ? Reflect.ownKeys(value) : Reflect.ownKeys(value).filter((key) => !own(key));
  let flags = keys.length > 0 ? HAS_PROPERTIES : 0;
  if (actual !== prototype) flags |= actual === null ? NULL_PROTOTYPE : HAS_PROTOTYPE;
  if (!Object.isExtensible(value)) flags |= NOT_EXTENSIBLE;
  out.to.byte(flags);
  if (actual !== null && (flags & HAS_PROTOTYPE) !== 0) noteConstructorOf(value, actual);
  if ((flags & HAS_PROTOTYPE) !== 0) out.value(actual, { text: "<prototype>" });
  if (keys.length > 0) writeProperties(value, keys, out);
}

function writeProperties(value: object, keys: readonly PropertyKey[], out: Out): void {
  out.to.uint(keys.length);
  for (const key of keys) writeProperty(key, descriptorOf(value, key), out);
}

const nativeCode = /\{\s*\[native code\]\s*\}\s*$/;

function isDomain(value: unknown): boolean {
  return isObject(value) && Object.getPrototypeOf(value)?.constructor?.name === "Domain";
}

function descriptorOf(value: object, key: PropertyKey): PropertyDescriptor {
  if (key === "stack") return stackOf(value);
  const descriptor = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
  // In the REPL each emitter belongs to its error domain.
  const isOfRepl = key === "domain" && descriptor.enumerable === false && isDomain(descriptor.value);
  return isOfRepl ? { ...descriptor, value: null } : descriptor;
}

/**
 * From Node 22 on, the stack of an error is an accessor of the engine's: it travels as the text that it gives. The engine writes it when it
 * is first looked at, and asks the user's name and message for it, which may throw.
 */
function stackOf(value: object): PropertyDescriptor {
  const unwritten = {
    value: "",
    writable: !Object.isFrozen(value),
    enumerable: false,
    configurable: !Object.isSealed(value),
  };
  try {
    const descriptor = Object.getOwnPropertyDescriptor(value, "stack") as PropertyDescriptor;
    const { get, enumerable = false, configurable = false } = descriptor;
    if (get === undefined || !nativeCode.test(textOf(get))) return descriptor;
    return { ...unwritten, value: Reflect.get(value, "stack"), enumerable, configurable };
  } catch {
    return unwritten;
  }
}

function writeProperty(key: PropertyKey, descriptor: PropertyDescriptor, out: Out): void {
  const { enumerable, configurable, writable, get, set, value } = descriptor;
  const accessor = get !== undefined || set !== undefined || !("value" in descriptor);
  out.to.byte(
    (enumerable === true ? ENUMERABLE : 0) |
      (configurable === true ? CONFIGURABLE : 0) |
      (writable === true ? WRITABLE : 0) |
      (accessor ? ACCESSOR : 0),
  );
  out.value(key, key);
  if (accessor) {
    out.value(get, key);
    out.value(set, key);
  } else out.value(value, indexed(key));
}

/** Elements of arrays are shown as such. */
function indexed(key: PropertyKey): PropertyKey {
  return typeof key === "string" && /^(0|[1-9]\d{0,9})$/.test(key) ? Number(key) : key;
}

export function readExtras(made: object, from: In): void {
  readExtrasOfError(made, from, undefined);
}

/** `stackText`: what becomes of the stack that it had elsewhere, before it may be frozen here. */
export function readExtrasOfError(made: object, from: In, stackText: ((stack: string) => string) | undefined): void {
  const flags = from.from.byte();
  if ((flags & NULL_PROTOTYPE) !== 0) Object.setPrototypeOf(made, null);
  if ((flags & HAS_PROTOTYPE) !== 0) {
    const prototype = from.value();
    if (!isObject(prototype)) throw new Damaged("has a prototype that is no object");
    Object.setPrototypeOf(made, prototype);
  }
  if ((flags & HAS_PROPERTIES) !== 0) readProperties(made, from, stackText);
  if ((flags & NOT_EXTENSIBLE) !== 0) Object.preventExtensions(made);
}

function readProperties(made: object, from: In, stackText: ((stack: string) => string) | undefined): void {
  for (let left = from.from.count(); left > 0; left--) {
    const flags = from.from.byte();
    const key = from.value();
    if (typeof key !== "string" && typeof key !== "symbol") throw new Damaged("has a key that is none");
    const enumerable = (flags & ENUMERABLE) !== 0;
    const configurable = (flags & CONFIGURABLE) !== 0;
    const descriptor: PropertyDescriptor =
      (flags & ACCESSOR) === 0
        ? { value: from.value(), writable: (flags & WRITABLE) !== 0, enumerable, configurable }
        : { get: from.value() as () => unknown, set: from.value() as () => void, enumerable, configurable };
    if (stackText !== undefined && key === "stack" && typeof descriptor.value === "string")
      descriptor.value = stackText(descriptor.value);
    // A class that is here already may have a property that cannot be defined again: it keeps its own.
    Reflect.defineProperty(made, key, descriptor);
  }
}

export const objectNode: NodeKind = {
  head() {},
  body: (value, out) => writeExtras(value, out, { prototype: Object.prototype }),
  make: () => ({}),
  fill: readExtras,
};

const ARRAY_INDEX_MAX = 0xffff_fffe;

/** An array with holes, further properties, another prototype, or that cannot grow. */
export const arrayNode: NodeKind<unknown[]> = {
  head: (value, out) => out.to.uint(value.length),
  body(value, out) {
    const { writable } = Object.getOwnPropertyDescriptor(value, "length") as PropertyDescriptor;
    out.to.byte(writable === true ? 1 : 0);
    writeExtras(value, out, { prototype: Array.prototype, own: (key) => key === "length" });
  },
  make(from) {
    const length = from.from.uint();
    if (length > 0xffff_ffff) throw new Damaged("has an array that is too long");
    const made: unknown[] = [];
    // Holes need no memory: an array with a far element keeps none for them, also when that has gone again.
    if (length > from.from.left) made[ARRAY_INDEX_MAX] = undefined;
    made.length = length;
    return made;
  },
  fill(made, from) {
    const writable = from.from.byte() === 1;
    readExtras(made, from);
    if (!writable) Object.defineProperty(made, "length", { writable: false });
  },
};

function isUsualIterator(args: IArguments): boolean {
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(args, Symbol.iterator) ?? {};
  return value === Array.prototype.values && writable === true && enumerable === false && configurable === true;
}

/** The `arguments` of a call, as an object. What it shared with the parameters, and who was called, stays behind. */
export const argumentsNode: NodeKind<IArguments> = {
  head() {},
  body: (value, out) =>
    writeExtras(value, out, {
      prototype: Object.prototype,
      own: (key) => key === "callee" || (key === Symbol.iterator && isUsualIterator(value)),
    }),
  make: () =>
    (function () {
      return arguments;
    })(),
  fill: readExtras,
};
