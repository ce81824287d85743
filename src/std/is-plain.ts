// Objects that are nothing but their own members: what is written as { … }, in this realm or another, or has no prototype. The environment too,
// which has one of its own.
import { isRevoked } from "./is-array.ts";

export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || isRevoked(value) || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null) return true;
  return isTop(prototype) || value === process.env;
}

/** For messages: what an instance is one of. */
export function kindOf(value: object): string {
  const made: unknown = value.constructor;
  const name: unknown = typeof made === "function" ? made.name : "";
  const isClass = typeof name === "string" && name !== "" && name !== "Object";
  return isClass ? `an instance of ${name}` : "an object with a prototype of its own";
}

/** An Object.prototype has its methods itself. */
function isTop(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** An object, and an array no more than a plain one: a Map, or what a class of the user's has made. */
export function isInstance(value: unknown): value is object {
  return typeof value === "object" && value !== null && !isRevoked(value) && !Array.isArray(value) && !isPlain(value);
}
