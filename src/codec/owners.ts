// Which function a prototype belongs to: it is found through that function on the other side, and instances keep their class.
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import { textOf } from "../std/text-of.ts";
import type { AnyFunction } from "./capture.ts";
import { isNative } from "./intrinsics.ts";

/** Of prototypes that do not say it themselves: somebody has put another object in the place of the one a function was born with. */
const noted = new WeakMap<object, AnyFunction>();

/** The function that has this prototype, as far as that is known. */
export function constructorOf(prototype: object): AnyFunction | undefined {
  const own = ownFunction(prototype);
  if (own !== undefined && hasPrototype(own, prototype)) return own;
  const known = noted.get(prototype);
  return known !== undefined && hasPrototype(known, prototype) ? known : undefined;
}

/** Whose prototype this function's is, should that not say so itself. */
export function noteOwner(fn: AnyFunction): void {
  if (types.isProxy(fn)) return;
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  if (isObject(prototype)) noteConstructor(prototype, fn);
}

function noteConstructor(prototype: object, fn: AnyFunction): void {
  if (!types.isProxy(prototype) && !Object.hasOwn(prototype, "constructor") && hasPrototype(fn, prototype))
    noted.set(prototype, fn);
}

/** The prototype a function was born with becomes one that does not say whose it is. */
export function forgetName(prototype: object): void {
  const fn = ownFunction(prototype);
  Reflect.deleteProperty(prototype, "constructor");
  if (fn !== undefined) noteConstructor(prototype, fn);
}

/** Some classes put their constructor on each instance instead. */
export function noteConstructorOf(instance: object, prototype: object): void {
  const fn = ownFunction(instance);
  if (fn !== undefined) noteConstructor(prototype, fn);
}

/** Whether a function has more on its prototype than it was born with. */
export function hasTouchedPrototype(fn: AnyFunction): boolean {
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  if (!isObject(prototype)) return prototype !== undefined;
  const keys = Reflect.ownKeys(prototype);
  const parent: object | null = Object.getPrototypeOf(prototype);
  const isGenerator =
    parent !== Object.prototype && keys.length === 0 && Object.getPrototypeOf(fn) !== Function.prototype;
  if (isGenerator) return false;
  const own = keys.length === 1 && Object.getOwnPropertyDescriptor(prototype, "constructor")?.value === fn;
  return !own || parent !== Object.prototype || !Object.isExtensible(prototype);
}

/** Whether a function is a class, or has become one by what its prototype has. */
export function isClassLike(fn: AnyFunction): boolean {
  if (types.isProxy(fn) || isNative(fn)) return false;
  return /^class\b/.test(textOf(fn)) || hasTouchedPrototype(fn);
}

/** A class and what it extends, up to what the engine makes. */
export function classChain(cls: AnyFunction): AnyFunction[] {
  const chain: AnyFunction[] = [];
  for (let at: unknown = cls; typeof at === "function" && !types.isProxy(at) && !isNative(at);) {
    chain.push(at as AnyFunction);
    at = Object.getPrototypeOf(at);
  }
  return chain;
}

/** No trap of a Proxy of the user's may run. */
function ownFunction(object: object): AnyFunction | undefined {
  if (types.isProxy(object)) return undefined;
  const fn: unknown = Object.getOwnPropertyDescriptor(object, "constructor")?.value;
  return typeof fn === "function" ? (fn as AnyFunction) : undefined;
}

function hasPrototype(fn: AnyFunction, prototype: object): boolean {
  return !types.isProxy(fn) && Object.getOwnPropertyDescriptor(fn, "prototype")?.value === prototype;
}
