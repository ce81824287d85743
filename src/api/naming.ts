// What to call a function that has no name: `const parse = remote((text) => …)` is called parse, as its user does.
import { readFileSync } from "node:fs";
import path from "node:path";
import { callerPlace } from "./caller.ts";
import { declaredName, isCalledAtOnce } from "./declared-name.ts";

/** More is no source that somebody wrote. */
const SOURCE_CHARS_MAX = 2_000_000;
/** Before the call: a declaration may have broken over lines. */
const BEFORE_CHARS_MAX = 400;
/** A function that is written down in the call. */
const AFTER_LINES_MAX = 100;
/** Programs with more files than that are read again now and then. */
const FILES_MAX = 50;
const PLACES_MAX = 5000;

const files = new Map<string, readonly string[] | undefined>();
const names = new Map<string, string | undefined>();

/** The name of the variable or property that the result of this call of `callee` goes to, if its source is there to be read. */
export function nameFromSource(callee: (...args: never[]) => unknown): string | undefined {
  const place = callerPlace(callee);
  if (place === undefined) return undefined;
  const { url, line, column } = place;
  const key = `${url}:${line}:${column}`;
  if (names.has(key)) return names.get(key);
  if (names.size >= PLACES_MAX) names.clear();
  const name = nameAt(place.text());
  names.set(key, name);
  return name;
}

/** `place`: `file:line:column`, relative to the working directory. */
function nameAt(place: string): string | undefined {
  const found = /^(.*):(\d+):(\d+)$/.exec(place);
  if (found === null) return undefined;
  const line = Number(found[2]) - 1;
  const column = Number(found[3]) - 1;
  const lines = linesOf(path.resolve(found[1] as string));
  const text = lines?.[line];
  // Where a source map is missing or wrong, something else may stand there.
  if (lines === undefined || text === undefined || !/^[\w$.]+\s*[(<]/.test(text.slice(column))) return undefined;
  if (isCalledAtOnce([text.slice(column), ...lines.slice(line + 1, line + AFTER_LINES_MAX)].join("\n")))
    return undefined;
  const before = [...lines.slice(Math.max(0, line - 2), line), text.slice(0, column)].join("\n");
  return declaredName(before.slice(-BEFORE_CHARS_MAX));
}

function linesOf(file: string): readonly string[] | undefined {
  if (files.has(file)) return files.get(file);
  if (files.size >= FILES_MAX) files.clear();
  let lines: readonly string[] | undefined;
  try {
    const source = readFileSync(file, "utf8");
    lines = source.length > SOURCE_CHARS_MAX ? undefined : source.split("\n");
  } catch {
    // A name is a kindness: without the file there is none.
  }
  files.set(file, lines);
  return lines;
}
