// Symbols of modules: each process has made its own when it evaluated the module, and what arrives under one, or is one, must have that of
// the module here. They are found from what is imported: among its members, which are what an enum or a class keeps them as, and in the
// scopes of functions and classes, alone or as members of what is there. From then on such a symbol has one name in the job.
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import { isPlain } from "../std/is-plain.ts";
import { birthOf } from "./births.ts";
import type { AnyFunction } from "./capture.ts";
import { valueAt } from "./exports.ts";
import { isNative } from "./intrinsics.ts";
import { underTestRunner, workerSide } from "./modules.ts";
import { classChain, constructorOf, isClassLike } from "./owners.ts";
import { isUnique } from "./primitives.ts";
import { canInspect, inspect, inspecting, variableIn, type Scope } from "./scope.ts";

/** The way to a symbol from what a module exports. */
export interface Seen {
  /** From member to member; then, if there is one, to what the function there sees, or the class of the instance there. */
  readonly members: readonly string[];
  readonly scope: InScope | undefined;
}

interface InScope {
  /** How far above the class is the one that sees it. */
  readonly depth: number;
  readonly variable: string;
  /** From there on. */
  readonly members: readonly string[];
}

export interface ModuleSymbol extends Seen {
  readonly symbol: symbol;
}

/**
 * How deep members are looked for, and in the scopes of how many functions: to look there takes a millisecond. Enums with many owners are
 * the program's; a package has more functions than anybody calls.
 */
const REACHES = {
  export: { levels: 2, functions: 50 },
  module: { levels: 3, functions: 50 },
  exportOfPackage: { levels: 1, functions: 1 },
  package: { levels: 2, functions: 0 },
} as const;
const LEVELS_OF_VARIABLES = 2;
/** Some modules export tables with a million entries. */
const VALUES_MAX = 5_000;
const SYMBOLS_MAX = 250;
const ITEMS_MAX = 100;

export type Reach = keyof typeof REACHES;

const found = new Map<Reach, WeakMap<object, ModuleSymbol[]>>();

/** From an export, or from all that a module exports: each symbol once. Found once, since every payload that names the export asks. */
export function symbolsFrom(value: unknown, reach: Reach): readonly ModuleSymbol[] {
  if (!isObject(value)) return inMembers(value, 0).map((each) => ({ ...each, scope: undefined }));
  let known = found.get(reach);
  if (known === undefined) found.set(reach, (known = new WeakMap()));
  let symbols = known.get(value);
  if (symbols === undefined) known.set(value, (symbols = findAll(value, reach)));
  return symbols;
}

export function symbolSeen(from: unknown, { members, scope }: Seen): symbol | undefined {
  let at = from;
  for (const member of members) at = isObject(at) && !types.isProxy(at) ? valueAt(at, member) : undefined;
  if (scope === undefined) return asUnique(at);
  const fn = functionOf(at);
  return fn === undefined ? undefined : inScopes(fn).find(({ scope: each }) => isSame(each, scope))?.symbol;
}

function isSame(one: InScope, other: InScope): boolean {
  return (
    one.depth === other.depth &&
    one.variable === other.variable &&
    one.members.length === other.members.length &&
    one.members.every((member, index) => member === other.members[index])
  );
}

function asUnique(value: unknown): symbol | undefined {
  return typeof value === "symbol" && isUnique(value) ? value : undefined;
}

// ------------------------------------------------------------------ among members

interface Member {
  readonly members: readonly string[];
  readonly value: unknown;
}

/** What it has that has names, the nearest first; itself too. */
function* membersOf(start: unknown, levels: number): Generator<Member> {
  let level: Member[] = [{ members: [], value: start }];
  let left = VALUES_MAX;
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: Member[] = [];
    for (const each of level) {
      if (left-- === 0) return;
      yield each;
      if (depth === levels || !hasNames(each.value)) continue;
      for (const name of Object.getOwnPropertyNames(each.value).slice(0, left))
        below.push({ members: [...each.members, name], value: valueAt(each.value, name) });
    }
    level = below;
  }
}

/** An enum, a class, a module, a short list of them; not an array of a million numbers. */
function hasNames(value: unknown): value is object {
  if (!isObject(value) || types.isProxy(value)) return false;
  if (Array.isArray(value)) return value.length <= ITEMS_MAX;
  return typeof value === "function" || types.isModuleNamespaceObject(value) || isPlain(value);
}

function inMembers(value: unknown, levels: number): { readonly symbol: symbol; readonly members: readonly string[] }[] {
  return [...membersOf(value, levels)].flatMap((each) => {
    const symbol = asUnique(each.value);
    return symbol === undefined ? [] : [{ symbol, members: each.members }];
  });
}

function findAll(from: object, reach: Reach): ModuleSymbol[] {
  const { levels, functions: functionsMax } = REACHES[reach];
  const symbols = new Map<symbol, ModuleSymbol>();
  const add = (each: ModuleSymbol): void => {
    if (!symbols.has(each.symbol) && symbols.size < SYMBOLS_MAX) symbols.set(each.symbol, each);
  };
  let functions = 0;
  for (const { members, value } of membersOf(from, levels)) {
    const symbol = asUnique(value);
    if (symbol !== undefined) add({ symbol, members, scope: undefined });
    const fn = functions < functionsMax ? functionOf(value) : undefined;
    if (fn === undefined) continue;
    functions += 1;
    for (const each of seenBy(fn)) add({ ...each, members });
  }
  return [...symbols.values()];
}

/** The function itself, or the class of an instance. */
function functionOf(value: unknown): AnyFunction | undefined {
  if (!isObject(value) || types.isProxy(value)) return undefined;
  if (typeof value === "function") return isNative(value) ? undefined : (value as AnyFunction);
  const prototype: unknown = Object.getPrototypeOf(value);
  const cls = isObject(prototype) && !types.isProxy(prototype) ? constructorOf(prototype) : undefined;
  return cls === undefined || isNative(cls) ? undefined : cls;
}

// ------------------------------------------------------------------ in scopes

interface ScopeSymbol {
  readonly symbol: symbol;
  readonly scope: InScope;
}

const known = new WeakMap<object, readonly ScopeSymbol[]>();

function seenBy(fn: AnyFunction): readonly ScopeSymbol[] {
  // A test runner gives the variables of its modules other names than they have in a worker.
  if (underTestRunner()) return [];
  // In a worker it is enough to pass on what came with a function: it was looked at where it comes from.
  if (workerSide() !== undefined && !isClassLike(fn)) return known.get(fn) ?? [];
  return inScopes(fn);
}

function inScopes(fn: AnyFunction): readonly ScopeSymbol[] {
  let symbols = known.get(fn);
  if (symbols === undefined) known.set(fn, (symbols = canInspect() ? around(fn) : []));
  return symbols;
}

function around(fn: AnyFunction): ScopeSymbol[] {
  const chain = classChain(fn);
  const scopes = inspecting(() => chain.map((each) => (birthOf(each) === undefined ? inspect(each).scopes : [])));
  return scopes.flatMap((each, depth) => each.flatMap((scope) => symbolsIn(scope, depth)));
}

function symbolsIn(scope: Scope, depth: number): ScopeSymbol[] {
  // What a program without a file declares at its top is there for everybody, and in no worker.
  if (scope.description === "Global" || scope.description === "Script") return [];
  return Object.keys(scope.object).flatMap((variable) =>
    inVariable(variableIn(scope, variable)).map(({ symbol, members }) => ({
      symbol,
      scope: { depth, variable, members },
    })),
  );
}

const inVariables = new WeakMap<object, ReturnType<typeof inMembers>>();

/** Functions of one module see the same variables. */
function inVariable(value: unknown): ReturnType<typeof inMembers> {
  if (!isObject(value)) return inMembers(value, 0);
  let symbols = inVariables.get(value);
  if (symbols === undefined) inVariables.set(value, (symbols = inMembers(value, LEVELS_OF_VARIABLES)));
  return symbols;
}
