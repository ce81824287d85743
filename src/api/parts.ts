// `.remote` and `.options` of a handle: functions of their own, bound, so that `const { remote } = slow` and `inputs.map(slow.remote)`
// work. Taken out they travel as well, by way of their handle.
import { types } from "node:util";
import { innerFunctionKey } from "../codec/exports.ts";
import { registerKind } from "../codec/kinds.ts";
import { nearestName } from "../std/nearest.ts";
import { actorClassNameKey } from "./mistakes.ts";
import { told } from "./own-frames.ts";

/** On each of them: the handle, and the name there. */
const partKey: unique symbol = Symbol.for("ray-ts.handlePart");

type Parts = Readonly<Record<"remote" | "options", (...args: never[]) => unknown>>;

export function defineParts(handle: object, parts: Parts): void {
  for (const [name, part] of Object.entries(parts)) {
    Object.defineProperty(part, partKey, { value: [handle, name] });
    Object.defineProperty(handle, name, { value: part, enumerable: true });
  }
  Object.setPrototypeOf(handle, handlePrototype);
}

/** Whether something is a function that has this mark of ours. What merely inherits it is none; proxies are not asked. */
export function isMarked(value: unknown, mark: symbol): value is object {
  return typeof value === "function" && !types.isProxy(value) && Object.hasOwn(value, mark);
}

// ------------------------------------------------------------------ names that are none

/** What the user may have meant, where a handle has it. */
const PARTS: readonly string[] = ["remote", "options", "local"];

function meant(handle: object, key: string): string | undefined {
  const near = nearestName(
    key,
    PARTS.filter((part) => Object.hasOwn(handle, part)),
  );
  if (near !== undefined) return near;
  // Statics stay with the class.
  if (key === "then" || !Object.hasOwn(handle, actorClassNameKey)) return undefined;
  const inner: unknown = Reflect.get(handle, innerFunctionKey);
  return typeof inner === "function" && key in inner ? `local.${key}` : undefined;
}

/**
 * Of every handle that is a function. Plain JavaScript would learn of `slow.option(…)` only that undefined is no function. A name that
 * is like none of ours stays undefined: tools ask functions for all kinds of things.
 */
const handlePrototype: object = new Proxy(Object.create(Function.prototype) as object, {
  get(target, key, handle: object): unknown {
    if (typeof key === "symbol" || key in target) return Reflect.get(target, key, handle);
    const part = meant(handle, key);
    if (part === undefined) return undefined;
    const name = String(Reflect.get(handle, "name"));
    throw told(() => new TypeError(`${name} has no ${JSON.stringify(key)}. Did you mean ${name}.${part}?`));
  },
});

registerKind({
  name: "handlePart",
  proxies: true,
  matches: (value) => isMarked(value, partKey),
  encode: (value) => Reflect.get(value, partKey),
  decode: (data) => {
    const [handle, name] = data as [object, keyof Parts];
    return Reflect.get(handle, name) as object;
  },
});
