// Symbols that a class of an imported module keys its fields with: the module has made one in each process, and instances that arrive must
// have that of the module here. They are found in the scopes of the class, and have one name in the job from then on.
import { birthOf } from "./births.ts";
import type { AnyFunction } from "./capture.ts";
import { isUnique } from "./primitives.ts";
import { classChain, isClassLike } from "./owners.ts";
import { canInspect, inspect, inspecting, variableIn, type Scope } from "./scope.ts";

export interface Seen {
  /** How far above the class is the one that sees it. */
  readonly depth: number;
  readonly variable: string;
}

interface ModuleSymbol extends Seen {
  readonly symbol: symbol;
}

const known = new WeakMap<object, readonly ModuleSymbol[]>();

/** As the class here sees it. */
export function symbolSeen(cls: unknown, { depth, variable }: Seen): symbol | undefined {
  if (typeof cls !== "function") return undefined;
  return symbolsOf(cls as AnyFunction).find((each) => each.depth === depth && each.variable === variable)?.symbol;
}

export function symbolsOf(cls: AnyFunction): readonly ModuleSymbol[] {
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
