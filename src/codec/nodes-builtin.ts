// Objects of the language with something inside that properties do not show: dates, expressions, boxed primitives, maps, errors.
import { types } from "node:util";
import type { In, NodeKind, Out } from "./graph.ts";
import { readExtras, writeExtras } from "./nodes-object.ts";

/** Node kinds that are a few primitives and, for the rest, an object like others. */
function simple<T extends object>(
  prototype: object,
  write: (value: T, out: Out) => void,
  read: (from: In) => T,
  own?: (key: PropertyKey) => boolean,
): NodeKind<T> {
  return {
    head: write,
    body: (value, out) => writeExtras(value, out, own === undefined ? { prototype } : { prototype, own }),
    make: read,
    fill: readExtras,
  };
}

export const dateNode: NodeKind<Date> = simple(
  Date.prototype,
  (value, out) => out.to.double(Date.prototype.getTime.call(value)),
  ({ from }) => new Date(from.double()),
);

const regexpSource = Object.getOwnPropertyDescriptor(RegExp.prototype, "source")?.get as (this: RegExp) => string;
const regexpFlags: readonly (readonly [string, (this: RegExp) => boolean])[] = Object.entries({
  d: "hasIndices",
  g: "global",
  i: "ignoreCase",
  m: "multiline",
  s: "dotAll",
  u: "unicode",
  v: "unicodeSets",
  y: "sticky",
}).map(([flag, name]) => [
  flag,
  Object.getOwnPropertyDescriptor(RegExp.prototype, name)?.get as (this: RegExp) => boolean,
]);

export const regexpNode: NodeKind<RegExp> = {
  ...simple<RegExp>(
    RegExp.prototype,
    (value, out) => {
      out.to.text(regexpSource.call(value));
      // The getter of `flags` asks the properties, which a subclass may have changed.
      out.to.text(regexpFlags.map(([flag, has]) => (has.call(value) ? flag : "")).join(""));
    },
    ({ from }) => new RegExp(from.text(), from.text()),
    (key) => key === "lastIndex",
  ),
  body(value, out) {
    const { value: lastIndex, writable } = Object.getOwnPropertyDescriptor(value, "lastIndex") as PropertyDescriptor;
    out.value(lastIndex, "lastIndex");
    out.to.byte(writable === true ? 1 : 0);
    writeExtras(value, out, { prototype: RegExp.prototype, own: (key) => key === "lastIndex" });
  },
  fill(made, from) {
    const value = from.value();
    Object.defineProperty(made, "lastIndex", { value, writable: from.from.byte() === 1 });
    readExtras(made, from);
  },
};

type Boxed = number | string | boolean | bigint | symbol;

export const boxedNode: NodeKind = {
  head: (value, out) => out.value(unboxed(value), { text: "<boxed>" }),
  body(value, out) {
    const prototype = Object.getPrototypeOf(Object(unboxed(value))) as object;
    writeExtras(value, out, { prototype, own: isTextOf(value) });
  },
  make: (from) => Object(from.value()) as object,
  fill: readExtras,
};

function unboxed(value: object): Boxed {
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value);
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value);
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  if (types.isBigIntObject(value)) return BigInt.prototype.valueOf.call(value);
  return Symbol.prototype.valueOf.call(value as symbol & object);
}

/** The characters of a boxed string are own properties that come with it. */
function isTextOf(value: object): (key: PropertyKey) => boolean {
  if (!types.isStringObject(value)) return () => false;
  const { length } = String.prototype.valueOf.call(value);
  return (key) =>
    key === "length" ||
    (typeof key === "string" && /^\d+$/.test(key) && String(Number(key)) === key && Number(key) < length);
}

const mapEntries = Map.prototype.entries;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, "size")?.get as (this: Map<unknown, unknown>) => number;
const setValues = Set.prototype.values;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, "size")?.get as (this: Set<unknown>) => number;

export const mapNode: NodeKind<Map<unknown, unknown>> = {
  head() {},
  body(value, out) {
    out.to.uint(mapSize.call(value));
    let index = 0;
    for (const [key, part] of mapEntries.call(value)) {
      out.value(key, { text: `<map key ${index++}>` });
      out.value(part, {
        text:
          typeof key === "string" || typeof key === "number"
            ? `.get(${JSON.stringify(key)})`
            : `<map value ${index - 1}>`,
      });
    }
    writeExtras(value, out, { prototype: Map.prototype });
  },
  make: () => new Map<unknown, unknown>(),
  fill(made, from) {
    for (let left = from.from.count(2); left > 0; left--) {
      const key = from.value();
      Map.prototype.set.call(made, key, from.value());
    }
    readExtras(made, from);
  },
};

export const setNode: NodeKind<Set<unknown>> = {
  head() {},
  body(value, out) {
    out.to.uint(setSize.call(value));
    let index = 0;
    for (const part of setValues.call(value)) out.value(part, { text: `<set item ${index++}>` });
    writeExtras(value, out, { prototype: Set.prototype });
  },
  make: () => new Set<unknown>(),
  fill(made, from) {
    for (let left = from.from.count(); left > 0; left--) Set.prototype.add.call(made, from.value());
    readExtras(made, from);
  },
};

const urlHref = Object.getOwnPropertyDescriptor(URL.prototype, "href")?.get as (this: URL) => string;

/** Whether it is one inside, and not only by its prototype. */
export function isUrl(value: object): value is URL {
  try {
    return urlHref.call(value as URL) !== undefined;
  } catch {
    return false;
  }
}

export const urlNode: NodeKind<URL> = {
  head: (value, out) => out.to.text(urlHref.call(value)),
  body: (value, out) => writeExtras(value, out, { prototype: URL.prototype, own: isInternal }),
  make: ({ from }) => new URL(from.text()),
  fill: readExtras,
};

/** On some versions of Node an URL keeps its parts under symbols of its own. */
function isInternal(key: PropertyKey): boolean {
  return typeof key === "symbol" && /^(context|query)$/.test(key.description ?? "");
}
