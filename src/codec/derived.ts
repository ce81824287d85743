// Functions that Node's `util` makes of others: known by the scopes in which it has made them, and made again of the same parts.
import { callbackify, debuglog, deprecate, promisify } from "node:util";
import type { AnyFunction } from "./capture.ts";
import { Damaged } from "./reader.ts";
import { inspect, variableIn, type Scope } from "./scope.ts";

interface Derivation {
  /** Undefined for a function that was not made so. Within `inspecting`. */
  parts(scopes: readonly Scope[]): readonly unknown[] | undefined;
  make(parts: readonly unknown[]): AnyFunction;
}

/** By their numbers. */
const derivations: readonly Derivation[] = [
  {
    parts: (scopes) => functionIn(scopes, "promisify", "original"),
    make: ([original]) => promisify(checked(original) as (...args: unknown[]) => void),
  },
  {
    parts: (scopes) => functionIn(scopes, "callbackify", "original"),
    make: ([original]) => callbackify(checked(original) as () => Promise<unknown>),
  },
  {
    parts: deprecation,
    make: ([fn, message, code]) => deprecate(checked(fn), text(message), code === undefined ? undefined : text(code)),
  },
  {
    parts: (scopes) => {
      const section = valueIn(scopes, "debuglog", "set");
      return typeof section === "string" ? [section] : undefined;
    },
    make: ([section]) => debuglog(text(section)),
  },
];

export class Derived {
  readonly number: number;
  readonly parts: readonly unknown[];

  constructor(number: number, parts: readonly unknown[]) {
    this.number = number;
    this.parts = parts;
  }
}

/** Within `inspecting`. */
export function derivedFrom(scopes: readonly Scope[]): Derived | undefined {
  for (const [number, { parts }] of derivations.entries()) {
    const found = parts(scopes);
    if (found !== undefined) return new Derived(number, found);
  }
  return undefined;
}

export function derive(number: number, parts: readonly unknown[]): AnyFunction {
  const derivation = derivations[number];
  if (derivation === undefined) throw new Damaged("has a function that Node makes in a way which is not known");
  return derivation.make(parts);
}

/** The warning is behind another function of Node's, which warns once. */
function deprecation(scopes: readonly Scope[]): readonly unknown[] | undefined {
  const [fn] = functionIn(scopes, "deprecate", "fn") ?? [];
  const emit = valueIn(scopes, "deprecate", "emitDeprecationWarning");
  if (fn === undefined || typeof emit !== "function") return undefined;
  const behind = inspect(emit).scopes;
  const [message, code] = ["msg", "code"].map((name) => valueIn(behind, "getDeprecationWarningEmitter", name));
  return typeof message === "string" ? [fn, message, code] : undefined;
}

function functionIn(scopes: readonly Scope[], maker: string, name: string): readonly unknown[] | undefined {
  const value = valueIn(scopes, maker, name);
  return typeof value === "function" ? [value] : undefined;
}

/** Of a variable of this function of Node's, in the scope of its body or of a block there. */
function valueIn(scopes: readonly Scope[], maker: string, name: string): unknown {
  const scope = scopes.find(
    ({ description, object }) => description.endsWith(` (${maker})`) && Object.hasOwn(object, name),
  );
  return scope === undefined ? undefined : variableIn(scope, name);
}

function checked(value: unknown): AnyFunction {
  if (typeof value !== "function") throw new Damaged("derives a function from what is none");
  return value as AnyFunction;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new Damaged("has no text for a function of Node's");
  return value;
}
