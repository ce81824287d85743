// From where a public function was called: a program that calls init() is never imported by workers, and remote() reads its name there.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { placeOf } from "../codec/places.ts";
import { setTraceLimit, setTraceWriter } from "../std/traces.ts";

/** A place in code as it is executed, before source maps. Lines and columns count from 1. */
export interface CodePlace {
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** As the user wrote it: `file:line:column`, relative to the working directory. */
  readonly text: () => string;
}

/** The URL of the file that called `callee`; undefined where the code has none, as in the REPL. */
export function callerUrl(callee: (...args: never[]) => unknown): string | undefined {
  return callerPlace(callee)?.url;
}

/** The call of `callee` that we are in; undefined where the code is in no file. */
export function callerPlace(callee: (...args: never[]) => unknown): CodePlace | undefined {
  const before = { prepare: Error.prepareStackTrace, limit: Error.stackTraceLimit };
  const holder: { stack?: unknown } = {};
  let site: NodeJS.CallSite | undefined;
  try {
    setTraceLimit(1);
    setTraceWriter((_error, [first]) => (site = first));
    Error.captureStackTrace(holder, callee);
    // Reading it makes it.
    if (holder.stack === undefined) return undefined;
  } finally {
    setTraceWriter(before.prepare);
    setTraceLimit(before.limit);
  }
  const file = site?.getFileName() ?? site?.getScriptNameOrSourceURL();
  if (typeof file !== "string") return undefined;
  const text = (): string => placeOf(site, before.prepare);
  const place = { text, line: site?.getLineNumber() ?? 1, column: site?.getColumnNumber() ?? 1 };
  if (file.startsWith("file:")) return { url: file, ...place };
  return path.isAbsolute(file) ? { url: pathToFileURL(file).href, ...place } : undefined;
}
