// Deep comparison of what came back with what a local call gave: kind, prototype, descriptors, contents and identity.
//
// Two values are equal when a walk over both finds the same graph: an object seen twice on one side must be seen at the
// same two places on the other. Works with a list of pairs instead of recursion, so that depth does not matter.
import { types } from "node:util";

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
const isBuiltinFunction = (fn) => /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn));
const isTypedArray = (value) => ArrayBuffer.isView(value) && !(types.isDataView?.(value) ?? value instanceof DataView);
const tagOf = (value) => Object.prototype.toString.call(value);

/** The kind of an object by its internal slots, which a prototype or a symbol cannot fake. */
function kindOf(value) {
  if (typeof value === "function") return "function";
  if (Array.isArray(value)) return "array";
  if (types.isNativeError(value)) return "error";
  if (types.isMap(value)) return "map";
  if (types.isSet(value)) return "set";
  if (types.isWeakMap(value)) return "weakmap";
  if (types.isWeakSet(value)) return "weakset";
  if (types.isDate(value)) return "date";
  if (types.isRegExp(value)) return "regexp";
  if (types.isBoxedPrimitive(value)) return "boxed";
  if (types.isPromise(value)) return "promise";
  if (types.isAnyArrayBuffer(value)) return "buffer";
  if (ArrayBuffer.isView(value)) return isTypedArray(value) ? value[Symbol.toStringTag] : "DataView";
  if (value instanceof URL) return "url";
  return "object";
}

const show = (value) => {
  if (typeof value === "symbol" || typeof value === "function") return String(value).slice(0, 80);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (types.isNativeError(value)) return `an error ${safeJson([value.name, value.message]) ?? ""}`;
  if (isObject(value)) {
    const text = safeJson(value);
    return text === undefined ? tagOf(value) : `${kindOf(value)} ${text.slice(0, 200)}`;
  }
  return typeof value === "string" ? JSON.stringify(value).slice(0, 200) : String(value);
};

function safeJson(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Test runners run the cases in a realm of their own, where Node's own objects still come from the main one. */
const twoRealms = JSON.parse(process.env.RAY_TS_SUITE_ENVIRONMENT ?? "{}").framework !== undefined;

/** A builtin function or prototype and its counterpart of another realm. */
function isSameBuiltin(a, e) {
  if (typeof a === "function")
    return typeof e === "function" && isBuiltinFunction(a) && isBuiltinFunction(e) && a.name === e.name;
  const [one, other] = [a, e].map((value) => Object.getOwnPropertyDescriptor(value, "constructor")?.value);
  if (typeof one !== "function" || typeof other !== "function") return false;
  return one.prototype === a && other.prototype === e && isSameBuiltin(one, other);
}

class Walk {
  pairs = [];
  there = new Map();
  back = new Map();

  push(actual, expected, path) {
    this.pairs.push([actual, expected, path]);
  }

  /** True the first time that a pair of objects or unique symbols is met; a string when it clashes with an earlier pair. */
  meet(actual, expected, path) {
    const known = this.there.get(actual);
    if (known !== undefined)
      return known === expected ? false : `${path}: is shared with another place, but must not be`;
    if (this.back.has(expected)) return `${path}: must be the same object as at an earlier place, but is another one`;
    this.there.set(actual, expected);
    this.back.set(expected, actual);
    return true;
  }
}

/** The first difference found, as text with the path to it; undefined when there is none. */
export function difference(actual, expected, what = "value") {
  const walk = new Walk();
  walk.push(actual, expected, what);
  while (walk.pairs.length > 0) {
    const [a, e, path] = walk.pairs.pop();
    const found = differ(a, e, path, walk);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differ(a, e, path, walk) {
  if (typeof a !== typeof e || (a === null) !== (e === null)) return `${path}: got ${show(a)}, expected ${show(e)}`;
  if (typeof e === "symbol") return differSymbols(a, e, path, walk);
  if (!isObject(e)) return Object.is(a, e) ? undefined : `${path}: got ${show(a)}, expected ${show(e)}`;
  // Of builtins in two realms, each may meet the other's and its own.
  if (twoRealms && isSameBuiltin(a, e)) return undefined;
  const first = walk.meet(a, e, path);
  if (typeof first === "string") return first;
  if (!first || a === e) return undefined;
  if (kindOf(a) !== kindOf(e)) return `${path}: got a ${kindOf(a)} ${show(a)}, expected a ${kindOf(e)} ${show(e)}`;
  if (typeof e === "function" && (isBuiltinFunction(e) || isBuiltinFunction(a)) && !isBound(e)) {
    return `${path}: is not the builtin ${e.name}`;
  }
  return differContents(a, e, path, walk) ?? differShape(a, e, path, walk);
}

const isBound = (fn) => fn.name.startsWith("bound ");

function differSymbols(a, e, path, walk) {
  if (a === e) return undefined;
  if (Symbol.keyFor(e) !== undefined || Symbol.keyFor(a) !== undefined || a.description !== e.description) {
    return `${path}: got ${show(a)}, expected ${show(e)}`;
  }
  const met = walk.meet(a, e, path);
  return typeof met === "string" ? met : undefined;
}

const bytesOf = (value) =>
  ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(value);

/** What lives in internal slots. */
function differContents(a, e, path, walk) {
  const kind = kindOf(e);
  switch (kind) {
    case "date":
      return differ(a.getTime(), e.getTime(), `${path}<time>`, walk);
    case "regexp":
      return differ(`/${a.source}/${a.flags}`, `/${e.source}/${e.flags}`, path, walk);
    case "url":
      return differ(a.href, e.href, `${path}.href`, walk);
    case "boxed":
      return differ(a.valueOf(), e.valueOf(), `${path}<boxed>`, walk);
    case "map":
    case "set":
      return differEntries(a, e, path, walk, kind);
    case "buffer":
      return bytesOf(a).equals(bytesOf(e)) ? undefined : `${path}: bytes differ`;
    default:
      return ArrayBuffer.isView(e) ? differViews(a, e, path, walk) : undefined;
  }
}

function differViews(a, e, path, walk) {
  if (!bytesOf(a).equals(bytesOf(e))) return `${path}: bytes differ`;
  // Where a Buffer lies in which pool is nobody's business; other views must go on sharing.
  if (Buffer.isBuffer(e)) return Buffer.isBuffer(a) ? undefined : `${path}: is not a Buffer`;
  walk.push(a.buffer, e.buffer, `${path}.buffer`);
  return differ(a.byteOffset, e.byteOffset, `${path}.byteOffset`, walk);
}

/** Map and Set keep insertion order, so the n-th entry is compared with the n-th. */
function differEntries(a, e, path, walk, kind) {
  if (a.size !== e.size) return `${path}.size: got ${a.size}, expected ${e.size}`;
  const base = kind === "map" ? Map.prototype : Set.prototype;
  const actual = [...base.entries.call(a)];
  [...base.entries.call(e)].forEach(([key, value], index) => {
    walk.push(actual[index][0], key, `${path}<key ${index}>`);
    if (kind === "map") walk.push(actual[index][1], value, `${path}.get(${show(key)})`);
  });
  return undefined;
}

/** Prototype, own keys in order, descriptors, and whether it can grow. */
function differShape(a, e, path, walk) {
  walk.push(Object.getPrototypeOf(a), Object.getPrototypeOf(e), `${path}<prototype>`);
  for (const test of [Object.isExtensible, Object.isFrozen, Object.isSealed]) {
    if (test(a) !== test(e)) return `${path}: ${test.name} gives ${test(a)}, expected ${test(e)}`;
  }
  const [keys, actualKeys] = [keysOf(e), keysOf(a)];
  const found = differKeys(actualKeys, keys, path, walk);
  if (found !== undefined) return found;
  for (const [index, key] of keys.entries()) {
    const here = typeof key === "symbol" ? `${path}[${String(key)}]` : `${path}.${key}`;
    const one = Object.getOwnPropertyDescriptor(a, actualKeys[index]);
    const other = Object.getOwnPropertyDescriptor(e, key);
    for (const part of ["writable", "enumerable", "configurable"]) {
      if (one[part] !== other[part]) return `${here}: ${part} is ${one[part]}, expected ${other[part]}`;
    }
    for (const part of ["value", "get", "set"])
      walk.push(one[part], other[part], part === "value" ? here : `${here}<${part}>`);
  }
  return undefined;
}

function keysOf(value) {
  const keys = Reflect.ownKeys(value);
  // The bytes of a view and the text of a boxed string are compared as contents; the stack of an error never is.
  if (isTypedArray(value)) return keys.filter((key) => typeof key === "symbol" || !/^\d+$/.test(key));
  if (types.isNativeError(value)) return keys.filter((key) => key !== "stack");
  // Sloppy functions have own `arguments` and `caller` on some versions of Node; functions are not compared by text.
  if (typeof value === "function") return keys.filter((key) => !["arguments", "caller"].includes(key)).sort(byName);
  return keys;
}

const byName = (one, other) => (String(one) < String(other) ? -1 : 1);

function differKeys(actual, expected, path, walk) {
  const list = (keys) => keys.map(String).join(", ");
  if (actual.length !== expected.length || list(actual) !== list(expected)) {
    return `${path}: has the keys [${list(actual)}], expected [${list(expected)}]`;
  }
  for (const [index, key] of expected.entries()) {
    const found = typeof key === "symbol" ? differSymbols(actual[index], key, `${path}<key>`, walk) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
