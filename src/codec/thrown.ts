// What a function threw, on its way to whoever called it. Never fails: what cannot travel is replaced, the message is never lost.
import { types } from "node:util";
import { briefly } from "../std/briefly.ts";
import { languageErrors } from "./nodes-error.ts";
import type { Payload } from "./payload.ts";
import { stackHere } from "./places.ts";
import { decode, decodeFirst, encodeLenient } from "./value.ts";

/** Errors inside errors inside errors: deeper ones are described. */
const SALVAGED_DEPTH_MAX = 8;
/** Of a list that cannot travel as a whole. */
const SALVAGED_PARTS_MAX = 1000;

/** Of a message, where all that is told has to be one line. */
const BRIEF_MAX = 200;

/** In case that the class of what was thrown is not to be had where it arrives. */
interface Outline {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly isError: boolean;
}

/** Any thrown value: an Error or not. Errors keep class, own properties, cause and the errors inside, as far as each can travel. */
export function encodeThrown(thrown: unknown): Payload {
  const outline = outlineOf(thrown);
  const attempts: readonly (() => unknown)[] = [() => thrown, () => new Salvage().any(thrown, 0), () => bare(outline)];
  for (const attempt of attempts) {
    try {
      return encodeLenient([outline, attempt()]);
    } catch {
      // The next attempt keeps less.
    }
  }
  return encodeLenient([outline, outline.message]);
}

/** What was thrown; when its class is not reachable here, an Error of the same name. */
export function decodeThrown(payload: Payload): unknown {
  try {
    return (decode(payload) as unknown[])[1];
  } catch {
    return decodeOutline(payload);
  }
}

/** An Error, or a text, that stands for what was thrown and is nobody's: one can look at it. */
export function decodeOutline(payload: Payload): unknown {
  return bare(outlineIn(payload));
}

/** In one short line. */
export function thrownInBrief(payload: Payload): string {
  const { name, message, isError } = outlineIn(payload);
  const [first = ""] = message.split("\n");
  const words = first.length > BRIEF_MAX ? `${first.slice(0, BRIEF_MAX)}…` : first;
  return isError ? `${name}: ${words}` : `it threw ${words}`;
}

/** Damaged bytes may hold anything in its place. */
function outlineIn(payload: Payload): Outline {
  const found = Object(decodeFirst(payload)) as { readonly [K in keyof Outline]?: unknown };
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    name: text(found.name),
    message: text(found.message),
    stack: text(found.stack),
    isError: found.isError === true,
  };
}

function outlineOf(thrown: unknown): Outline {
  const isError = attempted(() => thrown instanceof Error || types.isNativeError(thrown), false);
  if (!isError) return { name: "Error", message: described(thrown), stack: "", isError };
  const text = (key: string): string => {
    const value = attempted((): unknown => Reflect.get(thrown as object, key), undefined);
    return typeof value === "string" ? value : "";
  };
  const constructor = attempted((): unknown => (thrown as Error).constructor.name, undefined);
  const name = text("name");
  // Most classes set no name of their own.
  const ownName =
    languageErrors.includes(name) && typeof constructor === "string" && constructor !== "" ? constructor : name;
  return { name: ownName === "" ? "Error" : ownName, message: text("message"), stack: text("stack"), isError };
}

function bare({ name, message, stack, isError }: Outline): unknown {
  if (!isError) return message;
  const error = new Error(message);
  const define = (key: string, value: string): void => {
    Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true });
  };
  if (name !== "Error") define("name", name);
  define("stack", stackHere(stack));
  return error;
}

function attempted<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

function described(value: unknown): string {
  const otherwise = typeof value === "function" ? "[a function]" : "[an object]";
  return attempted(() => briefly(value, { customInspect: false }), otherwise);
}

function travels(value: unknown): boolean {
  return attempted(() => {
    encodeLenient(value);
    return true;
  }, false);
}

/** Copies what cannot travel as it is, part by part. */
class Salvage {
  readonly #copies = new Map<object, unknown>();

  any(value: unknown, depth: number): unknown {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (travels(value)) return value;
    if (depth >= SALVAGED_DEPTH_MAX || types.isProxy(value)) return described(value);
    if (types.isNativeError(value)) return this.#error(value, depth);
    if (Array.isArray(value)) return this.#list(value, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return described(value);
    const copy = {};
    this.#copies.set(value, copy);
    this.#properties(value, copy, depth);
    return copy;
  }

  #list(value: readonly unknown[], depth: number): unknown[] {
    const copy: unknown[] = [];
    this.#copies.set(value, copy);
    for (const part of value.slice(0, SALVAGED_PARTS_MAX)) copy.push(this.any(part, depth + 1));
    return copy;
  }

  #error(value: Error, depth: number): Error {
    const copy = new Error();
    for (const key of Reflect.ownKeys(copy)) Reflect.deleteProperty(copy, key);
    this.#copies.set(value, copy);
    const prototype: object | null = Object.getPrototypeOf(value);
    // Its class, if that can travel; else the nearest class above that can.
    for (let at = prototype; at !== null; at = Object.getPrototypeOf(at)) {
      Object.setPrototypeOf(copy, at);
      if (travels(copy)) break;
    }
    if (Object.getPrototypeOf(copy) !== prototype && !Object.hasOwn(value, "name")) {
      Object.defineProperty(copy, "name", { value: outlineOf(value).name, writable: true, configurable: true });
    }
    this.#properties(value, copy, depth);
    return copy;
  }

  #properties(value: object, copy: object, depth: number): void {
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      const { enumerable = false, writable = true } = descriptor;
      const part = attempted((): unknown => Reflect.get(value, key), "[a getter that throws]");
      Reflect.defineProperty(copy, key, { value: this.any(part, depth + 1), enumerable, writable, configurable: true });
    }
  }
}
