// Symbols of modules: each process has made its own when it evaluated the module, and what arrives under one, or is one, must have that of
// the module here. They are found from what is imported: among its members, which are what an enum or a class keeps them as, and in the
// scopes of functions and classes, which key fields with them. From then on such a symbol has one name in the job.
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import { isPlain } from "../std/is-plain.ts";
import { birthOf } from "./births.ts";
import type { AnyFunction } from "./capture.ts";
import { cjsModuleOf, valueAt } from "./exports.ts";
import { isNative } from "./intrinsics.ts";
import { underTestRunner, workerSide } from "./modules.ts";
import { classChain, isClassLike } from "./owners.ts";
import { isUnique } from "./primitives.ts";
import { canInspect, inspect, inspecting, variableIn, type Scope } from "./scope.ts";

/** The way to a symbol from what a module exports. */
export interface Seen {
  /** From member to member; then, if there is one, as the function or class there sees it. */
  readonly members: readonly string[];
  readonly scope: InScope | undefined;
}

interface InScope {
  /** How far above the class is the one that sees it. */
  readonly depth: number;
  readonly variable: string;
  /** Where the variable is another module: its export. "" for the variable itself. */
  readonly member: string;
}

export interface ModuleSymbol extends Seen {
  readonly symbol: symbol;
}

/** Of an object such as an enum its own; of a module those of what it exports too. */
const LEVELS = { export: 1, module: 2 } as const;

/** Asked anew with each payload that names the export, and some are tables with a million entries. */
const found = { export: new WeakMap<object, ModuleSymbol[]>(), module: new WeakMap<object, ModuleSymbol[]>() };

/** From an export, or from all that a module exports. */
export function symbolsFrom(value: unknown, whole: keyof typeof LEVELS): readonly ModuleSymbol[] {
  if (!isObject(value)) return under(value, [], 0);
  let symbols = found[whole].get(value);
  if (symbols === undefined) found[whole].set(value, (symbols = under(value, [], LEVELS[whole])));
  return symbols;
}

export function symbolSeen(from: unknown, { members, scope }: Seen): symbol | undefined {
  let at = from;
  for (const member of members) at = isObject(at) && !types.isProxy(at) ? valueAt(at, member) : undefined;
  if (scope === undefined) return asUnique(at);
  if (typeof at !== "function") return undefined;
  return inScopes(at as AnyFunction).find(
    ({ depth, variable, member }) => depth === scope.depth && variable === scope.variable && member === scope.member,
  )?.symbol;
}

function under(value: unknown, members: readonly string[], levels: number): ModuleSymbol[] {
  const own = asUnique(value);
  if (own !== undefined) return [{ symbol: own, members, scope: undefined }];
  if (!isObject(value) || types.isProxy(value)) return [];
  const names = levels > 0 && mayBeEnum(value) ? Object.getOwnPropertyNames(value) : [];
  const below = names.flatMap((name) => under(valueAt(value, name), [...members, name], levels - 1));
  return [...below, ...seenBy(value).map(({ symbol, ...scope }) => ({ symbol, members, scope }))];
}

/** What has members by name: not an array of a million numbers. */
function mayBeEnum(value: object): boolean {
  return typeof value === "function" || types.isModuleNamespaceObject(value) || isPlain(value);
}

function asUnique(value: unknown): symbol | undefined {
  return typeof value === "symbol" && isUnique(value) ? value : undefined;
}

// ------------------------------------------------------------------ in scopes

interface ScopeSymbol extends InScope {
  readonly symbol: symbol;
}

const known = new WeakMap<object, readonly ScopeSymbol[]>();

function seenBy(value: object): readonly ScopeSymbol[] {
  // A test runner gives the variables of its modules other names than they have in a worker.
  if (typeof value !== "function" || isNative(value) || underTestRunner()) return [];
  // In a worker it is enough to pass on what came with a function: it was looked at where it comes from.
  if (workerSide() !== undefined && !isClassLike(value as AnyFunction)) return known.get(value) ?? [];
  return inScopes(value as AnyFunction);
}

function inScopes(fn: AnyFunction): readonly ScopeSymbol[] {
  let symbols = known.get(fn);
  if (symbols === undefined) known.set(fn, (symbols = canInspect() ? findAll(fn) : []));
  return symbols;
}

function findAll(fn: AnyFunction): ScopeSymbol[] {
  const chain = classChain(fn);
  const scopes = inspecting(() => chain.map((each) => (birthOf(each) === undefined ? inspect(each).scopes : [])));
  return scopes.flatMap((each, depth) => each.flatMap((scope) => symbolsIn(scope, depth)));
}

function symbolsIn(scope: Scope, depth: number): ScopeSymbol[] {
  if (scope.description === "Global") return [];
  return Object.keys(scope.object).flatMap((variable) => {
    const value = variableIn(scope, variable);
    const found = (member: string, symbol: symbol | undefined): ScopeSymbol[] =>
      symbol === undefined ? [] : [{ depth, variable, member, symbol }];
    if (!isModule(value)) return found("", asUnique(value));
    return Object.getOwnPropertyNames(value).flatMap((member) => found(member, asUnique(valueAt(value, member))));
  });
}

function isModule(value: unknown): value is object {
  if (!isObject(value) || types.isProxy(value)) return false;
  return (
    types.isModuleNamespaceObject(value) || valueAt(value, "__esModule") === true || cjsModuleOf(value) !== undefined
  );
}
