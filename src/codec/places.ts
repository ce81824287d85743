// Places in the user's sources: noted cheaply, put into words (through source maps) only when somebody reads them.
import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import path from "node:path";

export interface Site {
  readonly text: string;
}

class CallSite implements Site {
  readonly #holder: { stack?: string };
  readonly #skip: number;
  #text: string | undefined;

  constructor(holder: { stack?: string }, skip: number) {
    this.#holder = holder;
    this.#skip = skip;
  }

  get text(): string {
    return (this.#text ??= placeOfFrame(framesOf(this.#holder.stack)[this.#skip]));
  }
}

/**
 * Where the caller of the public function was called. `skip`: that function, or how many frames lie between. Costs about 2 µs; the
 * text is worked out when it is read.
 */
export function callSite(skip: number | ((...args: never[]) => unknown)): Site {
  const before = Error.stackTraceLimit;
  const frames = typeof skip === "number" ? skip : 0;
  const holder: { stack?: string } = {};
  Error.stackTraceLimit = frames + 1;
  Error.captureStackTrace(holder, typeof skip === "number" ? callSite : skip);
  Error.stackTraceLimit = before;
  return new CallSite(holder, frames);
}

function framesOf(stack: unknown): string[] {
  // Somebody may have replaced the way in which stacks are written.
  return typeof stack === "string" ? stack.split("\n").filter((line) => /^\s+at /.test(line)) : [];
}

function placeOfFrame(frame: string | undefined): string {
  const found = frame === undefined ? null : /\(?((?:file:|\/|[A-Za-z]:)[^()]*|[^\s()]+):(\d+):(\d+)\)?$/.exec(frame.trim());
  if (found === null) return "";
  return placeText(found[1] as string, Number(found[2]), Number(found[3]));
}

/** `file:line:column` as the user wrote it, relative to the working directory. Lines and columns count from 1. */
export function placeText(url: string, line: number, column: number): string {
  try {
    const entry = findSourceMap(url)?.findEntry(line - 1, column - 1);
    if (entry !== undefined && "originalSource" in entry && entry.originalSource !== undefined) {
      return `${shown(entry.originalSource, url)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    }
  } catch {
    // A source map that cannot be read is as good as none.
  }
  return `${shown(url, url)}:${line}:${column}`;
}

function shown(source: string, from: string): string {
  let file = source;
  if (!/^[a-z]+:/i.test(source) && !path.isAbsolute(source) && from.startsWith("file:")) file = new URL(source, from).href;
  if (!file.startsWith("file:") && !path.isAbsolute(file)) return file;
  const absolute = file.startsWith("file:") ? fileURLToPath(file) : file;
  const relative = path.relative(process.cwd(), absolute);
  return relative.startsWith("..") ? absolute : relative;
}
