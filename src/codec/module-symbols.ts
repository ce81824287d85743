// Symbols that a class of an imported module keys its fields with: the module has made one in each process, and instances that arrive must
// have that of the module here. They are found in the scopes of the class, and have one name in the job from then on.
import { birthOf } from "./births.ts";
import type { AnyFunction } from "./capture.ts";
import { isUnique, nameSymbol, symbolName } from "./primitives.ts";
import { classChain, isClassLike } from "./owners.ts";
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
  const chain = classChain(value as AnyFunction);
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
  if (symbols === undefined) known.set(cls, (symbols = isClassLike(cls) && canInspect() ? findAll(cls) : []));
  return symbols;
}

function findAll(cls: AnyFunction): ModuleSymbol[] {
  const chain = classChain(cls);
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
