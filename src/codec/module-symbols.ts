// Symbols that a class of an imported module keys its fields with: the module has made one in each process, and instances that arrive must
// have that of the module here. They are found in the scopes of the class, and have one name in the job from then on.
import { types } from "node:util";
import { birthOf } from "./births.ts";
import type { AnyFunction } from "./capture.ts";
import { isNative } from "./intrinsics.ts";
import { isUnique, nameSymbol, symbolName } from "./primitives.ts";
import { hasTouchedPrototype } from "./owners.ts";
import type { Reader } from "./reader.ts";
import { canInspect, inspect, inspecting, variableIn, type Scope } from "./scope.ts";
import type { Writer } from "./writer.ts";

interface ModuleSymbol {
  /** How far above the class is the one that sees it. */
  readonly depth: number;
  readonly variable: string;
  readonly symbol: symbol;
}

const known = new WeakMap<object, readonly ModuleSymbol[]>();
/** What the symbols of a class are called, by whoever has sent it: processes that do not know each other yet name their own. */
const names = new WeakMap<object, Set<string>>();

export function writeSymbols(value: unknown, to: Writer): void {
  const symbols = typeof value === "function" ? symbolsOf(value as AnyFunction) : [];
  to.uint(symbols.length);
  for (const { depth, variable, symbol } of symbols) {
    to.uint(depth);
    to.text(variable);
    to.text(symbolName(symbol));
  }
}

export function readSymbols(value: unknown, from: Reader): void {
  const wanted = Array.from({ length: from.count() }, () => [from.uint(), from.text(), from.text()] as const);
  if (wanted.length === 0 || typeof value !== "function" || !canInspect()) return;
  const heard = names.get(value) ?? new Set();
  if (wanted.every(([, , name]) => heard.has(name))) return;
  names.set(value, heard);
  const chain = chainOf(value as AnyFunction);
  const scopes = inspecting(() => chain.map((cls) => inspect(cls).scopes));
  for (const [depth, variable, name] of wanted) {
    const scope = scopes[depth]?.find(({ object }) => Object.hasOwn(object, variable));
    const found = scope && variableIn(scope, variable);
    if (typeof found === "symbol" && isUnique(found)) nameSymbol(name, found);
    heard.add(name);
  }
}

function symbolsOf(cls: AnyFunction): readonly ModuleSymbol[] {
  let symbols = known.get(cls);
  if (symbols === undefined) known.set(cls, (symbols = isClass(cls) && canInspect() ? findAll(cls) : []));
  return symbols;
}

function isClass(fn: AnyFunction): boolean {
  if (types.isProxy(fn) || isNative(fn)) return false;
  return /^class\b/.test(Function.prototype.toString.call(fn)) || hasTouchedPrototype(fn);
}

/** The class and what it extends, up to what the engine makes. */
function chainOf(cls: AnyFunction): AnyFunction[] {
  const chain: AnyFunction[] = [];
  for (let at: unknown = cls; typeof at === "function" && !types.isProxy(at) && !isNative(at);) {
    chain.push(at as AnyFunction);
    at = Object.getPrototypeOf(at);
  }
  return chain;
}

function findAll(cls: AnyFunction): ModuleSymbol[] {
  const chain = chainOf(cls);
  const scopes = inspecting(() => chain.map((each) => (birthOf(each) === undefined ? inspect(each).scopes : [])));
  return scopes.flatMap((each, depth) => symbolsIn(each).map(([variable, symbol]) => ({ depth, variable, symbol })));
}

function symbolsIn(scopes: readonly Scope[]): [string, symbol][] {
  return scopes.flatMap((scope) => {
    if (scope.description === "Global") return [];
    return Object.keys(scope.object).flatMap((name): [string, symbol][] => {
      const value = variableIn(scope, name);
      return typeof value === "symbol" && isUnique(value) ? [[name, value]] : [];
    });
  });
}
