// What can be called on the instances of a class, as far as the class itself tells.
import { types } from "node:util";
import { nearest } from "../std/nearest.ts";
import { textOf } from "../std/text-of.ts";
import { isGenerator } from "./generators.ts";
import type { AnyClass, AnyFunction } from "./lift.ts";

/** Of objects with this prototype. By name, the nearest first; the value says whether it is a stream. */
export function methodsOf(prototype: unknown): ReadonlyMap<string, boolean> {
  const methods = new Map<string, boolean>();
  const hidden = new Set<string>(["constructor", "then"]);
  for (let at = prototype; isPlace(at); at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)) as [
      string,
      { value?: unknown },
    ][]) {
      if (hidden.has(name)) continue;
      hidden.add(name);
      if (typeof value === "function") methods.set(name, isGenerator(value as AnyFunction));
    }
  }
  return methods;
}

/** On the prototype chain of a class, and not what every object has; that of another realm is at the end of it too. */
function isPlace(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(value) !== null || !Object.hasOwn(value, "hasOwnProperty");
}

/** Of the engine's functions those that make actors: the others that need `new` have no state that can be called for. */
const BUILT_IN_CLASSES: readonly unknown[] = [Map, Set];

/** Also what compilers make of a class for targets before ES2015; of functions of the engine only few. */
export function isClass(fn: AnyFunction | AnyClass): fn is AnyClass {
  const source = textOf(fn);
  if (/^class\b/.test(source) || BUILT_IN_CLASSES.includes(fn)) return true;
  // What a proxy is of has no source here.
  if (types.isProxy(fn)) return methodsOf(fn.prototype).size > 0;
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source) || types.isGeneratorFunction(fn)) return false;
  return methodsOf(fn.prototype).size > 0;
}

/** What there is instead of a method. */
export function noMethod(name: string, methods: ReadonlyMap<string, unknown>, className: string): string {
  const names = [...methods.keys()];
  const near = nearest(name, names);
  const has = names.length === 0 ? "It has none." : `It has ${names.join(", ")}.`;
  return `${className} has no method ${JSON.stringify(name)}. ${near === undefined ? has : `Did you mean ${near}? ${has}`}`;
}
