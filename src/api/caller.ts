// Which file called a public function: a program that calls init() is never imported by workers.
import path from "node:path";
import { pathToFileURL } from "node:url";

/** The URL of the file that called `callee`; undefined where the code has none, as in the REPL. */
export function callerUrl(callee: (...args: never[]) => unknown): string | undefined {
  const before = { prepare: Error.prepareStackTrace, limit: Error.stackTraceLimit };
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_error, [site]) => site?.getFileName() ?? site?.getScriptNameOrSourceURL();
    Error.captureStackTrace(holder, callee);
    const file = holder.stack;
    if (typeof file !== "string") return undefined;
    if (file.startsWith("file:")) return file;
    return path.isAbsolute(file) ? pathToFileURL(file).href : undefined;
  } finally {
    Error.prepareStackTrace = before.prepare;
    Error.stackTraceLimit = before.limit;
  }
}
