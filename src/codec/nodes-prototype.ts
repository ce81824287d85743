// `f.prototype`: born with its function, or put there instead, so it is found through it; what is other than at its birth follows.
import { isObject } from "../std/is-object.ts";
import type { AnyFunction } from "./capture.ts";
import { naturalMember, readMissing, writeMissing } from "./class-members.ts";
import type { NodeKind, Out } from "./graph.ts";
import type { Chosen } from "./nodes-function.ts";
import { readExtras, writeExtras } from "./nodes-object.ts";
import { constructorOf, forgetName } from "./owners.ts";
import { Damaged } from "./reader.ts";

/** As it is born; freezing the prototype changes it. */
function isUsual(constructor: PropertyDescriptor): boolean {
  return constructor.writable === true && constructor.configurable === true && constructor.enumerable === false;
}

const BY_REFERENCE = 0;
const FUNCTION = 1;
const CLASS = 2;
/** A function's, that does not name it. */
const NAMELESS = 3;

export const prototypeNode: NodeKind<object, void> = {
  head: (prototype, out) => out.shell(constructorOf(prototype), { text: ".constructor" }),
  body(prototype, out) {
    const fn = constructorOf(prototype) as AnyFunction;
    const chosen = shippedFacts(fn, out);
    if (chosen === undefined) return out.to.byte(BY_REFERENCE);
    const { facts } = chosen;
    const isClass = facts.source.form === "class";
    const constructor = Object.getOwnPropertyDescriptor(prototype, "constructor");
    out.to.byte(isClass ? CLASS : constructor === undefined ? NAMELESS : FUNCTION);
    if (isClass) writeMissing(fn, facts, false, out);
    const natural = isClass ? naturalMember(fn, facts, false) : () => false;
    writeExtras(prototype, out, {
      prototype: Object.prototype,
      own: (key) => (key === "constructor" && constructor !== undefined && isUsual(constructor)) || natural(key),
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
    if (how === NAMELESS) forgetName(target);
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
