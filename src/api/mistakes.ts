// What a beginner hands over in the place of a ref, and the sentence that helps. Only ever reached on the way to a TypeError.
import { types } from "node:util";
import { isArray, isRevoked } from "../std/is-array.ts";
import { told } from "./own-frames.ts";
import { gripOf } from "./grip.ts";
import { readerOf } from "./reader.ts";
import { holdOf } from "./ref.ts";

/** On a handle and on its `.remote`: the name of the function. Here so that a mistake is recognised without importing api/remote. */
export const handleNameKey: unique symbol = Symbol.for("ray-ts.handleName");

/** On an actor class and on its `.remote`: the name of the class. */
export const actorClassNameKey: unique symbol = Symbol.for("ray-ts.actorClassName");

/** What the class of refs is called, in each copy of the package. */
const REF = "ObjectRef";

/** A value in a few words: "the number 42", "a Promise". */
export function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  switch (typeof value) {
    case "string":
      return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
    case "number":
    case "boolean":
      return `the ${typeof value} ${String(value)}`;
    case "bigint":
      return `the bigint ${value}n`;
    case "symbol":
      return "a symbol";
    case "function":
      return describedFunction(value);
    default:
      return describedObject(value);
  }
}

function describedFunction(value: object & { readonly name: string }): string {
  if (Reflect.get(value, actorClassNameKey) === value.name) return `the actor class '${value.name}'`;
  return value.name === "" ? "a function" : `the function '${value.name}'`;
}

function describedObject(value: object): string {
  if (holdOf(value) !== undefined) return "an ObjectRef";
  const grip = gripOf(value);
  if (grip !== undefined) return `the actor handle ${grip.shown}`;
  if (isRevoked(value)) return "a revoked Proxy";
  if (Array.isArray(value)) return "an array";
  if (types.isPromise(value)) return "a Promise";
  const name: unknown = value.constructor?.name;
  if (name === REF) return "an object that has only the prototype of an ObjectRef";
  if (typeof name !== "string" || name === "" || name === "Object") return "an object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** For `get`, `wait` and their like: `caller` is "get()", `at` is "" or " at index 2". */
export function notARef(caller: string, value: unknown, at: string): TypeError {
  const takes = caller === "get()" ? "an ObjectRef or an array of them" : "ObjectRefs";
  const text = `${caller} takes ${takes}, but got ${described(value)}${at}.${hintFor(value)}`;
  return told(() => new TypeError(text));
}

const EACH = "For several: await Promise.all(refs.map((ref) => cancel(ref))).";

/** For `cancel`. */
export function severalCalls(): TypeError {
  return told(() => new TypeError(`cancel() takes one ref and its options, but got two refs. ${EACH}`));
}

/** For `cancel`. */
export function forcedMethod(name: string): TypeError {
  const text =
    `cancel(): force would end the process in which ${name} runs, and with it the actor. ` +
    "Cancel the call without force, so that its signal aborts, or end the actor: kill(handle).";
  return told(() => new TypeError(text));
}

/** For `cancel`. */
export function noCall(value: unknown): TypeError {
  const hint = isArray(value)
    ? ` ${EACH}`
    : typeof value === "function" || typeof value === "object" || value === undefined
      ? hintFor(value)
      : "";
  return told(() => new TypeError(`cancel() takes an ObjectRef, but got ${described(value)}.${hint}`));
}

/** A second ref stands where the options go. */
export function severalRefs(caller: string): TypeError {
  const name = caller.slice(0, -2);
  return told(() => new TypeError(`${caller} takes several refs in one array: ${name}([a, b]), not ${name}(a, b).`));
}

function hintFor(value: unknown): string {
  if (readerOf(value) !== undefined)
    return " It is a stream: for await (const ref of stream) gives its refs, for await (const value of stream.values()) its values.";
  const grip = gripOf(value);
  if (grip !== undefined) {
    const [method = "method"] = grip.about.methods.keys();
    return ` An actor is no value: call one of its methods, ${method}.remote(…), and use the ref that it gives.`;
  }
  if (typeof value === "function") {
    const actorClass: unknown = Reflect.get(value, actorClassNameKey);
    if (typeof actorClass === "string")
      return ` An actor class gives no values: make an actor, ${actorClass}.remote(…), and call its methods, which give refs.`;
    const handle: unknown = Reflect.get(value, handleNameKey);
    const name = typeof handle === "string" ? handle : value.name || "fn";
    return ` Call it first: ${name}.remote(…) gives a ref.`;
  }
  if (value === undefined)
    return " A call with numReturns: 0 gives no ref, and neither does a function that forgot its return.";
  if (typeof value !== "object" || value === null) return " It is a value already: what is no ref needs no waiting.";
  if (isRevoked(value)) return "";
  if (types.isPromise(value)) return " If the promise gives a ref, await it first.";
  if (Array.isArray(value)) return " Refs stand side by side in one array: use .flat() on nested ones.";
  if (types.isSet(value) || types.isMap(value) || types.isGeneratorObject(value))
    return " Spread its refs into an array: [...refs].";
  if (typeof Reflect.get(value, "id") === "string" || value.constructor?.name === REF)
    return " A copy of a ref (JSON, spread, structuredClone, Object.create, Proxy) is no ref: use the one that a call or put() gave.";
  if (Object.values(value).some((part) => holdOf(part) !== undefined))
    return " Refs inside an object are not looked for: get(Object.values(refs)).";
  return "";
}
