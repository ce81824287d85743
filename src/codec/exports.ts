// From a value back to the module that exports it.
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import { codeFolder } from "../std/code-folder.ts";
import { textOf } from "../std/text-of.ts";
import { ImportRef } from "./import-ref.ts";
import { requestOf } from "./imports.ts";
import { pathOf } from "./intrinsics.ts";
import { isImportable } from "./modules.ts";
import type { Request } from "./module-table.ts";
import type { ScriptInfo } from "./scripts.ts";

/** On a handle of a remote function: the function inside. */
/** The function inside a handle: what `export const f = remote(…)` exports is a handle, what a worker wants is the function. */
export const innerFunctionKey: unique symbol = Symbol.for("ray-ts.function");

interface Loaded {
  readonly exports: unknown;
  /** All that it has required. */
  readonly children?: readonly { readonly filename: string | null }[];
}

const cache: Readonly<Record<string, Loaded | undefined>> = createRequire(codeFolder).cache;

/** All that a CommonJS module exports. */
export function cjsExports(url: string, value: unknown): ImportRef {
  return new ImportRef(requestFor(url), "*", "none", value);
}

/** Of requests that were resolved: every payload that names one asks, and to resolve it is to look at the disk. */
const files = new WeakMap<Request, string>();

/** What `require` gave for this request. */
export function cjsWhole(request: Request): unknown {
  if (request.how !== "require") return undefined;
  let file = files.get(request);
  if (file === undefined) files.set(request, (file = fileOf(request)));
  return cache[file]?.exports;
}

/** "" for what this process cannot resolve: the parent may be no file. */
function fileOf({ specifier, parent }: Request): string {
  try {
    return specifier.startsWith("file:") ? fileURLToPath(specifier) : createRequire(parent).resolve(specifier);
  } catch {
    return "";
  }
}

function requestFor(url: string): Request {
  return { how: "require", specifier: url, parent: url, attribute: undefined };
}

/** The export of the CommonJS module `url` that is this value, or a remote function made of it. */
export function cjsExportOf(value: unknown, url: string): ImportRef | undefined {
  if (!isObject(value)) return undefined;
  const exports = cache[fileURLToPath(url)]?.exports;
  if (!isObject(exports)) return undefined;
  if (exports === value) return new ImportRef(requestFor(url), "*", "none", value);
  for (const key of Object.getOwnPropertyNames(exports)) {
    const part = valueAt(exports, key);
    if (part === value) return new ImportRef(requestFor(url), key, "none", value);
    if (isObject(part) && innerOf(part) === value) return new ImportRef(requestFor(url), key, "none", value, true);
  }
  return undefined;
}

/** A function or class that a module exports, itself or, `wrapped`, inside a remote function. */
export interface Part {
  readonly name: string;
  readonly value: (...args: never[]) => unknown;
  readonly wrapped: boolean;
}

/** The functions and classes that the CommonJS module `url` exports. */
export function cjsParts(url: string): Part[] {
  const exports = cache[fileURLToPath(url)]?.exports;
  if (!isObject(exports)) return [];
  const names = Object.getOwnPropertyNames(exports);
  const parts: [string, unknown][] = [
    ["*", exports],
    ...names.map((key): [string, unknown] => [key, valueAt(exports, key)]),
  ];
  return parts.flatMap(([name, value]) => partFrom(name, value));
}

/** None, if it is no function and none is inside. No trap of a Proxy runs. */
export function partFrom(name: string, value: unknown): Part[] {
  if (!isObject(value) || types.isProxy(value)) return [];
  const inner = innerOf(value) ?? value;
  return typeof inner === "function" ? [{ name, value: inner as Part["value"], wrapped: inner !== value }] : [];
}

/** `() => x`, `function () { return m.x; }`, `get x() { return x; }`, with an index for those that copy a whole module. */
const naming =
  /^(?:(?:function\s*\w*|get\s+[\w$]+)\s*\(\)\s*\{\s*return\s+[\w$.]+(?:\[[\w$.]+\])?;?\s*\}|\(\)\s*=>\s*[\w$.]+(?:\[[\w$.]+\])?)$/;

/** Compilers export through getters that only name a variable; no other getter is called. Undefined too for what is not initialised yet. */
export function valueAt(exports: object, key: string): unknown {
  try {
    const descriptor = Object.getOwnPropertyDescriptor(exports, key);
    if (descriptor?.get === undefined) return descriptor?.value;
    return naming.test(textOf(descriptor.get)) ? Reflect.get(exports, key) : undefined;
  } catch {
    return undefined;
  }
}

export function innerOf(value: object): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, innerFunctionKey);
  if (descriptor === undefined) return undefined;
  return descriptor.get === undefined ? descriptor.value : Reflect.get(value, innerFunctionKey);
}

let modules = new WeakMap<object, string>();
let parts = new WeakMap<object, ImportRef>();
let modulesCounted = 0;

function indexModules(): void {
  const names = Object.keys(cache);
  if (names.length === modulesCounted) return;
  modulesCounted = names.length;
  modules = new WeakMap();
  parts = new WeakMap();
  for (const name of names) {
    const exports = cache[name]?.exports;
    if (!isObject(exports) || modules.has(exports)) continue;
    modules.set(exports, name);
    const request = requestFor(pathToFileURL(name).href);
    for (const key of Object.getOwnPropertyNames(exports)) {
      const part = valueAt(exports, key);
      if (isObject(part) && !parts.has(part)) parts.set(part, new ImportRef(request, key, "none", part));
    }
  }
}

/** An object that some CommonJS module exports: for variables of the REPL, whose declarations are in scripts of their own. */
export function cjsPartOf(value: object): ImportRef | undefined {
  indexModules();
  const found = parts.get(value);
  return found === undefined || !isImportable(found.request.specifier) ? cjsModuleOf(value) : found;
}

/**
 * A class that stands in the module `url`, and that another exports which has loaded it, directly or not. What a module has put into the
 * exports of another no worker would find there.
 */
export function cjsExportElsewhere(cls: object, url: string): ImportRef | undefined {
  const found = cjsPartOf(cls);
  return found !== undefined && hasLoaded(found.request.specifier, url) ? found : undefined;
}

function hasLoaded(url: string, other: string): boolean {
  const wanted = fileURLToPath(other);
  const files = new Set([fileURLToPath(url)]);
  // A set is walked as it grows.
  for (const file of files) {
    if (file === wanted) return true;
    for (const { filename } of cache[file]?.children ?? []) if (filename !== null) files.add(filename);
  }
  return false;
}

/** An object that is all that a CommonJS module exports. */
export function cjsModuleOf(value: object): ImportRef | undefined {
  indexModules();
  const file = modules.get(value);
  if (file === undefined) return undefined;
  const url = pathToFileURL(file).href;
  return isImportable(url) ? new ImportRef(requestFor(url), "*", "none", value) : undefined;
}

/** How a module object can be had elsewhere. `scriptOf`: the script that a function comes from. */
export function namespaceRef(value: object, scriptOf: (fn: object) => ScriptInfo | undefined): ImportRef | undefined {
  const whole = (request: Request): ImportRef => new ImportRef(request, "*", "none", value);
  const from = (specifier: string): ImportRef =>
    whole({ how: "import", specifier, parent: specifier, attribute: undefined });
  const known = requestOf(value);
  if (known !== undefined) return whole(known);
  // `require` of an ES module gives its object too.
  const required = cjsModuleOf(value);
  if (required !== undefined) return required;
  const keys = Object.keys(value);
  const inner = partOf(value, "default");
  if (isObject(inner)) {
    const path = pathOf(inner);
    if (path?.[0] === "b" && path.length === 2) return from(`node:${path[1]}`);
    const cjs = cjsModuleOf(inner);
    if (cjs !== undefined) return from(cjs.request.specifier);
  }
  for (const key of keys) {
    const part = partOf(value, key);
    const script = typeof part === "function" ? scriptOf(part) : undefined;
    if (script?.kind !== "module" || !isImportable(script.url)) continue;
    const names = new Set([
      ...script.table.exports.values(),
      ...script.table.functions.flatMap(({ exported }) => (exported === undefined ? [] : [exported])),
    ]);
    // A module that only passes on what another exports has other names, or fewer.
    if (names.size === keys.length && keys.every((each) => names.has(each))) return from(script.url);
  }
  return undefined;
}

function partOf(namespace: object, key: string): unknown {
  try {
    return Reflect.get(namespace, key);
  } catch {
    // Not initialised yet.
    return undefined;
  }
}
