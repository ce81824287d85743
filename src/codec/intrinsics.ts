// Objects that every process has: found by the path that leads to them from a global or from a module of Node.
//
// The table is a walk from the globals, breadth first, so that the shortest path wins. It calls no getter that it does not know.
import { promisify } from "node:util";
import { isObject } from "../std/is-object.ts";
import { textOf } from "../std/text-of.ts";
import { nodeGlobals } from "./node-globals.ts";

/** Keys, and the words `<get>`, `<set>` and `<proto>`; a well-known symbol is `@@iterator`, and `@promisify` is that of `promisify`. */
export type Path = readonly string[];

/** Weak: the realms of test runners come and go. */
const table = new WeakMap<object, Path>();
let realms: WeakSet<object> | undefined;
let modulesWalked = 0;
let lazyRead = false;

/** Undocumented; where it is missing, the good modules have to do. */
function loadList(): readonly string[] {
  return (process as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
}

/** Those that users extend and capture most: their paths shall be the short ones. */
const goodModules = [
  "events",
  "util",
  "fs",
  "path",
  "stream",
  "net",
  "http",
  "crypto",
  "url",
  "os",
  "timers",
  "fs/promises",
];
/** Keys behind which lies what is the program's own, by the path of their owner. */
const notOurs: Readonly<Record<string, ReadonlySet<string>>> = {
  "g process": new Set([
    "argv",
    "execArgv",
    "argv0",
    "mainModule",
    "domain",
    "title",
    "report",
    "stdin",
    "stdout",
    "stderr",
    "env",
  ]),
  "b module": new Set(["globalPaths", "default"]),
  "b worker_threads": new Set(["workerData", "parentPort", "resourceLimits"]),
  "b domain": new Set(["active"]),
  "b repl": new Set(["repl"]),
  "b cluster": new Set(["workers", "worker", "settings"]),
};

/** The path of an object, if every process has it. */
export function pathOf(value: object): Path | undefined {
  if (realms === undefined) {
    walkRealm(globalThis);
    // After the language of all realms: test runners and libraries put functions of theirs on the objects of Node.
    for (const realm of new Set([mainGlobal(), globalThis])) walkProcess(realm);
    walkModules();
  }
  const found = table.get(value);
  if (found !== undefined) return found;
  // Modules of Node that were loaded meanwhile.
  return loadList().length === modulesWalked ? undefined : (walkModules(), table.get(value));
}

/** For what the first look did not find: globals that Node makes when they are first asked for, and those of another realm. */
export function rarePathOf(value: object): Path | undefined {
  if (!lazyRead) {
    lazyRead = true;
    walkLazy();
  }
  // Each time: the first to be asked for may have been another one, a prototype of this one.
  const found = table.get(value);
  if (found !== undefined) return found;
  for (const stream of ["stdout", "stderr", "stdin"] as const)
    if (isStream(value, stream)) return ["g", "process", stream];
  const realm = realmOf(value);
  if (realm === undefined || realms?.has(realm) === true) return undefined;
  walkRealm(realm);
  return table.get(value);
}

/** Asking the process for a stream makes it, so the value must look like it first. */
function isStream(value: object, name: "stdin" | "stdout" | "stderr"): boolean {
  const fd: unknown = Object.getOwnPropertyDescriptor(value, "fd")?.value;
  return fd === ["stdin", "stdout", "stderr"].indexOf(name) && process[name] === value;
}

/** The global object of the realm that a native function or a prototype comes from, by its own Function. */
function realmOf(value: object): object | undefined {
  try {
    const constructor =
      typeof value === "function" ? value : (Object.getOwnPropertyDescriptor(value, "constructor")?.value as unknown);
    if (typeof constructor !== "function" || !isNative(constructor)) return undefined;
    // What is on the prototype of functions, and that prototype itself, say it alike.
    const maker: unknown = constructor.constructor;
    if (typeof maker !== "function" || !isNative(maker) || maker === Function) return undefined;
    return (maker as (body: string) => () => object)("return this")();
  } catch {
    return undefined;
  }
}

export function isNative(value: unknown): boolean {
  return typeof value === "function" && /\{\s*\[native code\]\s*\}\s*$/.test(textOf(value));
}

// ------------------------------------------------------------------ the walk

interface Visit {
  readonly value: object;
  readonly path: Path;
}

function walkRealm(realm: object): void {
  if (realms === undefined) {
    realms = new WeakSet();
    // The realm of Node's own objects: another one when a test runner put us into a context.
    const main = mainGlobal();
    if (main !== globalThis) walkRealm(main);
  }
  realms.add(realm);
  // Before the globals, or users' base classes are found as the parents of `process`.
  const visits: Visit[] = [{ value: process.getBuiltinModule("node:events"), path: ["b", "events"] }];
  for (const key of nodeGlobals) {
    const value = name(realm, key);
    // In some contexts this is another object than the realm itself, with all that the program has put there.
    if (!isObject(value)) continue;
    if (key === "global" || key === "globalThis") table.set(value, ["g"]);
    else if (key !== "process" && key !== "console") visits.push({ value, path: ["g", key] });
  }
  visits.push(...synthesized(realm));
  table.set(realm, ["g"]);
  walk(visits.filter(({ value }) => value !== realm));
}

function walkProcess(realm: object): void {
  // A getter on some versions, and in a context another object than ours.
  const own: unknown = Reflect.get(realm, "process");
  if (!isObject(own)) return;
  table.set((own as NodeJS.Process).env, ["g", "process", "env"]);
  const visits: Visit[] = [{ value: own, path: ["g", "process"] }];
  const itsConsole: unknown = Reflect.get(realm, "console");
  if (isObject(itsConsole)) visits.push({ value: itsConsole, path: ["g", "console"] });
  walk(visits);
}

function name(realm: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(realm, key);
  // The global object of a context does not own what it shows.
  return descriptor === undefined ? Reflect.get(realm, key) : descriptor.value;
}

function mainGlobal(): object {
  return process.getBuiltinModule("node:vm").runInThisContext("globalThis") as object;
}

function walkModules(): void {
  modulesWalked = loadList().length;
  const { builtinModules } = process.getBuiltinModule("node:module");
  const open = new Set(builtinModules.filter((each) => !each.startsWith("_")));
  const loaded = new Set(loadList().map((line) => line.replace(/^NativeModule /, "")));
  const names = [...goodModules, ...open].filter((each) => open.has(each) && loaded.has(each));
  const visits: Visit[] = [];
  for (const each of new Set(names)) {
    const exports: unknown = process.getBuiltinModule(`node:${each}` as "node:fs");
    if (isObject(exports) && !table.has(exports)) visits.push({ value: exports, path: ["b", each] });
  }
  walk(visits);
}

/** What Node makes on demand. Reading storage and the like prints warnings, so they stay as they are. */
function walkLazy(): void {
  const visits: Visit[] = [];
  for (const each of nodeGlobals) {
    if (/storage|^global/i.test(each)) continue;
    const value: unknown = Reflect.get(globalThis, each);
    if (isObject(value) && !table.has(value)) visits.push({ value, path: ["g", each] });
  }
  const fs = process.getBuiltinModule("node:fs");
  visits.push({ value: fs.promises, path: ["b", "fs", "promises"] });
  const { webcrypto } = process.getBuiltinModule("node:crypto");
  visits.push({ value: webcrypto, path: ["b", "crypto", "webcrypto"] });
  // Behind a getter of its class, which is not called by the walk.
  visits.push({ value: webcrypto.subtle, path: ["b", "crypto", "webcrypto", "subtle"] });
  walk(visits);
}

function walk(visits: Visit[]): void {
  for (let index = 0; index < visits.length; index++) {
    const { value, path } = visits[index] as Visit;
    if (table.has(value)) continue;
    table.set(value, path);
    const skip = notOurs[path.join(" ")];
    for (const key of Reflect.ownKeys(value)) {
      const step = stepOf(key);
      if (step === undefined || skip?.has(step) === true || isHidden(step, path)) continue;
      const descriptor = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      if (isObject(descriptor.value)) visits.push({ value: descriptor.value, path: [...path, step] });
      if (descriptor.get !== undefined) visits.push({ value: descriptor.get, path: [...path, step, "<get>"] });
      if (descriptor.set !== undefined) visits.push({ value: descriptor.set, path: [...path, step, "<set>"] });
    }
    const prototype: object | null = Object.getPrototypeOf(value);
    if (prototype !== null) visits.push({ value: prototype, path: [...path, "<proto>"] });
  }
}

/** Listeners, caches and other state of the program stand under names that begin so. */
function isHidden(step: string, path: Path): boolean {
  if (path[1] === "module" && /^(main|cache|extensions)$/.test(step)) return true;
  return step.startsWith("_") && (path[0] === "b" || path[1] === "process");
}

/** Where Node keeps what `promisify(exec)` gives. */
const promised = "@promisify";

function stepOf(key: PropertyKey): string | undefined {
  if (typeof key === "string") return key;
  if (key === promisify.custom) return promised;
  const known = typeof key === "symbol" ? /^Symbol\.(\w+)$/.exec(key.description ?? "") : null;
  const step = known?.[1];
  return step !== undefined && Reflect.get(Symbol, step) === key ? `@@${step}` : undefined;
}

/** Intrinsics that have no name: made by syntax alone. */
const syntax: Readonly<Record<string, string>> = {
  asyncFunction: "Object.getPrototypeOf(async function () {})",
  generatorFunction: "Object.getPrototypeOf(function* () {})",
  asyncGeneratorFunction: "Object.getPrototypeOf(async function* () {})",
  arrayIterator: "Object.getPrototypeOf([][Symbol.iterator]())",
  mapIterator: "Object.getPrototypeOf(new Map()[Symbol.iterator]())",
  setIterator: "Object.getPrototypeOf(new Set()[Symbol.iterator]())",
  stringIterator: "Object.getPrototypeOf(''[Symbol.iterator]())",
  regexpIterator: "Object.getPrototypeOf(''.matchAll(/x/g))",
  typedArray: "Object.getPrototypeOf(Uint8Array)",
  throwTypeError: "Object.getOwnPropertyDescriptor((function () { 'use strict'; return arguments; })(), 'callee').get",
};

function synthesized(realm: object): Visit[] {
  const maker = name(realm, "Function") as (body: string) => () => unknown;
  const visits: Visit[] = [];
  for (const [key, text] of Object.entries(syntax)) {
    try {
      const value: unknown = realm === globalThis ? madeHere()[key] : maker(`return ${text}`)();
      if (isObject(value)) visits.push({ value, path: ["s", key] });
    } catch {
      // Code from strings may be forbidden; what has no name is then not found.
    }
  }
  return visits;
}

function madeHere(): Readonly<Record<string, unknown>> {
  const prototype = (value: object): unknown => Object.getPrototypeOf(value);
  return {
    asyncFunction: prototype(async () => {}),
    generatorFunction: prototype(function* () {}),
    asyncGeneratorFunction: prototype(async function* () {}),
    arrayIterator: prototype([][Symbol.iterator]()),
    mapIterator: prototype(new Map()[Symbol.iterator]()),
    setIterator: prototype(new Set()[Symbol.iterator]()),
    stringIterator: prototype(""[Symbol.iterator]()),
    regexpIterator: prototype("".matchAll(/x/g)),
    typedArray: prototype(Uint8Array),
    throwTypeError: Object.getOwnPropertyDescriptor(strictArguments(), "callee")?.get,
  };
}

function strictArguments(): IArguments {
  return arguments;
}

// ------------------------------------------------------------------ the other side

const resolved = new Map<string, object>();

/** The object at the end of a path, here; undefined where this version of Node has none. */
export function at(path: Path): object | undefined {
  const key = path.join("\0");
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const [root, ...steps] = path;
  let value: unknown = root === "g" ? globalThis : undefined;
  if (root === "b") value = process.getBuiltinModule(`node:${steps.shift() ?? ""}` as "node:fs");
  if (root === "s") value = madeHere()[steps.shift() ?? ""];
  for (let index = 0; index < steps.length && isObject(value); index++) {
    const step = steps[index] as string;
    const next = steps[index + 1];
    if (step === "<proto>") value = Object.getPrototypeOf(value);
    else if (next === "<get>" || next === "<set>") {
      const descriptor = descriptorOf(value, step);
      value = next === "<get>" ? descriptor?.get : descriptor?.set;
      index += 1;
    } else value = Reflect.get(value, keyOf(step));
  }
  if (!isObject(value)) return undefined;
  resolved.set(key, value);
  return value;
}

function keyOf(step: string): PropertyKey {
  if (step === promised) return promisify.custom;
  return step.startsWith("@@") ? (Reflect.get(Symbol, step.slice(2)) as symbol) : step;
}

function descriptorOf(value: object, step: string): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(value, keyOf(step));
}

/** How errors call an object with such a path: `node:net.Server`, `AbortController`. */
export function pathText(path: Path): string {
  const steps = path.slice(1).filter((step) => step !== "prototype" && !step.startsWith("<"));
  if (path[0] === "b") return `node:${steps.join(".")}`;
  return steps.join(".");
}
