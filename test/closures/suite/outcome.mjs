// What a call came to, in a form that can be compared: a value, what a generator yielded, or what was thrown.
import { pathToFileURL } from "node:url";

/** Thrown by a case that has no meaning in this environment. */
export class Skip extends Error {}

/** What a generator gives when it is called; compilers make ordinary objects of the asynchronous ones. */
export function isStream(value) {
  if (typeof value !== "object" || value === null || typeof value.next !== "function") return false;
  return Symbol.asyncIterator in value || Object.prototype.toString.call(value) === "[object Generator]";
}

/** How an adapter hands over what a stream gave. */
export const yieldedKey = Symbol.for("ray-ts.suite.yielded");

/** Calls and waits. Streams are read to their end, so that the two sides compare what they yield. */
export async function settle(call) {
  try {
    const value = await call();
    if (value?.[yieldedKey] !== undefined) return { yielded: value[yieldedKey] };
    if (isStream(value)) {
      const yielded = [];
      for await (const item of value) yielded.push(item);
      return { yielded };
    }
    return { value };
  } catch (thrown) {
    return { thrown };
  }
}

/** The file of whoever called the caller of `within`, as a URL. */
export function callerUrl(within) {
  const before = Error.prepareStackTrace;
  const holder = {};
  Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName());
  try {
    Error.captureStackTrace(holder, within);
    const [file] = holder.stack;
    if (typeof file !== "string") return undefined;
    return file.startsWith("/") ? pathToFileURL(file).href : file;
  } finally {
    Error.prepareStackTrace = before;
  }
}

/** The URL of a file beside the case file; `file` is a URL, or undefined where the code has no file (REPL, -e). */
export function siblingOf(file, relative) {
  const base = file?.startsWith("file:") ? file : pathToFileURL(`${process.cwd()}/`).href;
  return new URL(relative, base).href;
}
