// `f.prototype`: born with its function, so it is found through it; what was changed about it follows.
import { isObject } from "../std/is-object.ts";
import type { AnyFunction } from "./capture.ts";
import { naturalMember, readMissing, writeMissing } from "./class-members.ts";
import type { NodeKind, Out } from "./graph.ts";
import type { Chosen } from "./nodes-function.ts";
import { readExtras, writeExtras } from "./nodes-object.ts";
import { Damaged } from "./reader.ts";

/** The function whose prototype this is, if it is the one that it was born with. */
export function constructorOf(prototype: object): AnyFunction | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, "constructor");
  const fn: unknown = descriptor?.value;
  if (typeof fn !== "function" || descriptor?.enumerable === true) return undefined;
  return Object.getOwnPropertyDescriptor(fn, "prototype")?.value === prototype ? (fn as AnyFunction) : undefined;
}

/** As it is born; freezing the prototype changes it. */
function isUsual(prototype: object): boolean {
  const { writable, configurable } = Object.getOwnPropertyDescriptor(prototype, "constructor") as PropertyDescriptor;
  return writable === true && configurable === true;
}

const BY_REFERENCE = 0;
const FUNCTION = 1;
const CLASS = 2;

export const prototypeNode: NodeKind<object, void> = {
  head: (prototype, out) => out.shell(constructorOf(prototype), { text: ".constructor" }),
  body(prototype, out) {
    const fn = constructorOf(prototype) as AnyFunction;
    const chosen = shippedFacts(fn, out);
    if (chosen === undefined) return out.to.byte(BY_REFERENCE);
    const { facts } = chosen;
    const isClass = facts.source.form === "class";
    out.to.byte(isClass ? CLASS : FUNCTION);
    if (isClass) writeMissing(fn, facts, false, out);
    const natural = isClass ? naturalMember(fn, facts, false) : () => false;
    writeExtras(prototype, out, {
      prototype: Object.prototype,
      own: (key) => (key === "constructor" && isUsual(prototype)) || natural(key),
    });
  },
  make(from) {
    const fn = from.shell();
    const prototype: unknown = isObject(fn) ? Reflect.get(fn, "prototype") : undefined;
    if (!isObject(fn) || !isObject(prototype)) throw new Damaged("has the prototype of what has none");
    if (from.untouchable.has(fn)) from.untouchable.add(prototype);
    return prototype;
  },
  fill(made, from) {
    const how = from.from.byte();
    if (how === BY_REFERENCE) return;
    const target = from.untouchable.has(made) ? {} : made;
    if (how === CLASS) readMissing(target, from);
    // Of a class that extends something it is that of a stand-in so far.
    Object.setPrototypeOf(target, Object.prototype);
    readExtras(target, from);
  },
};

/** Undefined when the function is found on the other side. */
function shippedFacts(fn: AnyFunction, out: Out): Chosen | undefined {
  const chosen = out.memo.get(fn);
  return typeof chosen === "object" && chosen !== null && "facts" in chosen ? (chosen as Chosen) : undefined;
}
