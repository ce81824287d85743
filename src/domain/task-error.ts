// What `get` throws when the remote function threw: an error that is a TaskError and of the thrown class too.
//
//   error ── own: message, stack, name, cause, what the thrown error had of its own
//     └─ dual prototype ── brands of TaskError and RayError, how to print it
//          └─ prototype of what was thrown ── TypeError.prototype, or that of a user's class
import { inspect } from "node:util";
import { briefly } from "../std/briefly.ts";
import { brand, TaskError } from "./errors.ts";
import { submittedThere } from "./failures.ts";
import type { Thrower } from "./object.ts";

export interface TaskErrorParts {
  /** What the function threw, an Error or not, as it arrived. */
  readonly thrown: unknown;
  readonly functionName: string;
  readonly by: Thrower;
  readonly attempts: number;
  /** Place in the user's source, or "" when not known. */
  readonly submittedAt: string;
  /** 0 where there are no workers. */
  readonly workerPid: number;
  /** `stack` as the worker saw it, mapped to sources. */
  readonly remoteStack: string;
}

/** Holds the parts on the error, so that it can be taken apart to cross another process border, also by another copy of the package. */
const partsKey: unique symbol = Symbol.for("ray-ts.task-error");

/** Set by us, or shown by us: not copied from the thrown error. */
const ownProperties: ReadonlySet<PropertyKey> = new Set(["stack", "message", "name", "cause", partsKey]);

const duals = new WeakMap<object, object>();

export function taskError(parts: TaskErrorParts): TaskError {
  const { thrown } = parts;
  const message = messageOf(parts);
  // Only an Error can lend its class: the result has to be an Error in any case.
  const error = thrown instanceof Error ? disguised(thrown, message) : new TaskError(message);
  define(error, "name", nameOf(thrown));
  define(error, "cause", thrown);
  define(error, partsKey, parts);
  // The frames that made this object are the runtime's own: those of the task stand in their place.
  define(error, "stack", [`${error.name}: ${message}`, ...framesOf(parts)].join("\n"));
  return error;
}

/** The parts that a TaskError was made of; undefined for anything else. */
export function taskErrorParts(error: unknown): TaskErrorParts | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  return Reflect.get(error, partsKey) as TaskErrorParts | undefined;
}

function disguised(thrown: Error, message: string): TaskError {
  // Made by the constructor and not by Object.create, so that it is an Error to the engine too (structuredClone, isNativeError).
  const error = new TaskError(message);
  const taskCode = error.code;
  Reflect.deleteProperty(error, "code");
  for (const key of Reflect.ownKeys(thrown)) {
    const descriptor = Object.getOwnPropertyDescriptor(thrown, key);
    if (descriptor === undefined || ownProperties.has(key)) continue;
    // It is our object: what could not be changed on theirs may have to be here.
    Object.defineProperty(error, key, { ...descriptor, configurable: true });
  }
  Object.setPrototypeOf(error, dualPrototype(thrown));
  const code = codeOf(error, thrown);
  if (!code.inherited)
    Object.defineProperty(error, "code", {
      value: code.value ?? taskCode,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return error;
}

/** A getter may work on what was thrown only: that of DOMException does, and so does any that reads a private field. */
function codeOf(error: Error, thrown: Error): { readonly inherited: boolean; readonly value: unknown } {
  try {
    const value: unknown = Reflect.get(error, "code");
    return { inherited: value !== undefined, value };
  } catch {
    return { inherited: false, value: attempted(() => Reflect.get(thrown, "code") as unknown) };
  }
}

function attempted(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function dualPrototype(thrown: Error): object {
  const parent = Object.getPrototypeOf(thrown) as object;
  // It was a TaskError when it was thrown: whoever passes on the failure of another task changes nothing of its class.
  if (taskErrorParts(thrown) !== undefined) return parent;
  let dual = duals.get(parent);
  if (dual === undefined) {
    dual = Object.create(parent) as object;
    brand(dual, "RayError");
    brand(dual, "TaskError");
    define(dual, inspect.custom, print);
    duals.set(parent, dual);
  }
  return dual;
}

/** As Node prints an error; but what was thrown is in the message already, so that its cause comes in its place. */
function print(this: Error, _depth: number, options: object, inspectValue: typeof inspect): string {
  const stack = this.stack ?? String(this);
  const shown = Object.entries(this);
  const thrown = this.cause;
  if (thrown instanceof Error && thrown.cause !== undefined) shown.push(["cause", thrown.cause]);
  if (Array.isArray(Reflect.get(this, "errors"))) shown.push(["errors", Reflect.get(this, "errors")]);
  return shown.length === 0 ? stack : `${stack} ${inspectValue(Object.fromEntries(shown), options)}`;
}
define(TaskError.prototype, inspect.custom, print);

function nameOf(thrown: unknown): string {
  if (taskErrorParts(thrown) !== undefined) return (thrown as Error).name;
  if (!(thrown instanceof Error)) return "TaskError";
  // Most classes that users derive set no name of their own and would all be called "Error".
  const own = attempted(() => thrown.name);
  const name = own === "Error" || typeof own !== "string" ? attempted(() => thrown.constructor.name) : own;
  return `TaskError(${typeof name === "string" ? name : "Error"})`;
}

/** Of a user's error: a getter of that name may throw. */
function wordsOf(thrown: Error): string {
  try {
    const words: unknown = thrown.message;
    return typeof words === "string" ? words : `(its message is no text, but ${briefly(words)})`;
  } catch {
    return "(its message cannot be read: a getter of it throws)";
  }
}

const wordsFor: Readonly<Record<Thrower, { readonly who: string; readonly did: string; readonly end: string }>> = {
  function: { who: "Task", did: "threw", end: "" },
  stray: { who: "Code that task", did: "did not wait for threw", end: ", and nobody caught it" },
  before: { who: "Task", did: "could not begin", end: ", because a module or value that it needs threw" },
  detached: { who: "Task", did: "threw", end: "" },
};

function messageOf(parts: TaskErrorParts): string {
  const { thrown, functionName } = parts;
  const submitted = submittedThere(parts.submittedAt);
  const where = parts.workerPid === 0 ? "" : ` in worker process ${parts.workerPid}`;
  if (thrown instanceof Error && taskErrorParts(thrown) !== undefined) {
    return `${thrown.message}\n  passed on by task ${functionName}${where}${submitted}`;
  }
  const what = thrown instanceof Error ? wordsOf(thrown) : `a value that is no Error: ${briefly(thrown)}`;
  const { who, did, end } = wordsFor[parts.by];
  const tried = parts.attempts > 1 ? ` in attempt ${parts.attempts}` : "";
  return `${who} ${functionName} ${did}${tried}${where}${submitted}${end}: ${what}${hintFor(what, parts)}`;
}

/** `const fib = remote(function fib() { … fib.remote() … })`: the inner name hides the handle. And `remote(object.method)`. */
function hintFor(what: string, { functionName, by }: TaskErrorParts): string {
  if (by === "detached")
    return (
      "\n  A remote function is called without 'this', and a method that is passed alone has none. " +
      "Pass it with its object: remote(() => object.method()), or remote(object.method.bind(object))."
    );
  if (what !== `${functionName}.remote is not a function`) return "";
  return (
    `\n  Inside \`function ${functionName}\` its own name means the bare function, not the handle. ` +
    "Give the handle another name, or pass an arrow function to remote()."
  );
}

/** The lines of the remote stack that are places; what is above them repeats name and message. */
function framesOf({ thrown, remoteStack }: TaskErrorParts): string[] {
  const words = thrown instanceof Error ? wordsOf(thrown) : "";
  const header = remoteStack.indexOf(words);
  const below = header < 0 ? remoteStack : remoteStack.slice(header + words.length);
  return below.split("\n").filter((line) => /^\s+at /.test(line));
}

function define(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, writable: true, configurable: true });
}
