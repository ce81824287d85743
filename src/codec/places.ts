// Places in the user's sources: noted cheaply, put into words (through source maps) only when somebody reads them.
import { readFileSync } from "node:fs";
import { findSourceMap, SourceMap } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import path from "node:path";
import { currentFolder } from "../std/current-folder.ts";
import { isOwn, withoutOwnFrames } from "../std/own-frames.ts";
import { setTraceLimit, setTraceWriter } from "../std/traces.ts";
import { workerSide } from "./modules.ts";

export interface Site {
  readonly text: string;
}

class CallSite implements Site {
  /** An error is the cheapest thing that notes a stack. It keeps alive whatever the functions in it were called on. */
  #noted: Error | undefined;
  readonly #skip: number;
  #place: Place | undefined;
  #text: string | undefined;

  constructor(noted: Error, skip: number) {
    this.#noted = noted;
    this.#skip = skip;
  }

  /** Empty where code of this package has called: its lines are nobody's who reads them. */
  get text(): string {
    this.settle();
    return (this.#text ??=
      this.#place === undefined ? "" : placeText(this.#place.file, this.#place.line, this.#place.column));
  }

  settle(): void {
    if (this.#noted === undefined) return;
    const site = sitesOf(this.#noted)[this.#skip];
    this.#noted = undefined;
    const place = placeIn(site);
    if (place === undefined || isOwn(place.file)) return;
    // Whoever puts stacks into words of his own needs the site itself.
    if (Error.prepareStackTrace === undefined) this.#place = place;
    else this.#text = placeOf(site, Error.prepareStackTrace);
  }
}

/** For those who remember it for long: it keeps nothing alive from now on. Costs about 1 µs. */
export function settle(site: Site): void {
  if (site instanceof CallSite) site.settle();
}

/**
 * Where the caller of the public function was called; `frames` lie between that call and this one. Costs about 1 µs; the text is
 * worked out when it is read.
 */
export function callSite(frames: number): Site {
  const before = Error.stackTraceLimit;
  // This function's own frame, and the one that is looked for.
  setTraceLimit(frames + 2);
  const noted = new Error();
  setTraceLimit(before);
  return new CallSite(noted, frames + 1);
}

/** How stacks are put into words here; test runners and the like set one of their own, which knows their source maps. */
type Writes = typeof Error.prepareStackTrace;

/**
 * Before anybody has put them into words: with source maps switched on the words have been mapped already, and nobody can see that
 * they have.
 */
function sitesOf(noted: Error): readonly NodeJS.CallSite[] {
  const writes = Error.prepareStackTrace;
  let sites: readonly NodeJS.CallSite[] = [];
  setTraceWriter((_error, found) => {
    sites = found;
    return "";
  });
  try {
    // The first look at it is what asks for the words.
    void noted.stack;
  } finally {
    setTraceWriter(writes);
  }
  return sites;
}

/** `file:line:column` as the user wrote it; empty for what is in no file. */
export function placeOf(site: NodeJS.CallSite | undefined, writes: Writes): string {
  const place = placeIn(site);
  if (site === undefined || place === undefined) return "";
  const words = writes === undefined ? undefined : placeInWords(site, writes);
  // Who writes another place than the engine's has a map, and may be the only one who has it.
  if (words !== undefined && (words.line !== place.line || words.column !== place.column))
    return `${shown(words.file, place.file)}:${words.line}:${words.column}`;
  return placeText(place.file, place.line, place.column);
}

/** As the engine knows it, and the file by its URL. */
function placeIn(site: NodeJS.CallSite | undefined): Place | undefined {
  const name = site?.getScriptNameOrSourceURL() ?? site?.getFileName();
  if (site === undefined || name === undefined || name === null || name === "") return undefined;
  const file = path.isAbsolute(name) ? pathToFileURL(name).href : name;
  return { file, line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1 };
}

function placeInWords(site: NodeJS.CallSite, writes: NonNullable<Writes>): Place | undefined {
  try {
    const text: unknown = writes(new Error(), [site]);
    const found = /\(?((?:file:|\/|[A-Za-z]:)[^()\n]*):(\d+):(\d+)\)?$/.exec(
      typeof text === "string" ? text.trimEnd() : "",
    );
    return found === null ? undefined : { file: found[1] as string, line: Number(found[2]), column: Number(found[3]) };
  } catch {
    // Somebody else's function, which need not be made for this.
    return undefined;
  }
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What scripts say of their maps, which Node knows only if it loaded them itself, with source maps switched on. */
const namedMaps = new Map<string, string>();
/** Of those that somebody asked for; undefined: it could not be read. */
const readMaps = new Map<string, SourceMap | undefined>();

const mapComment = "\n//# sourceMappingURL=";

/** `source`: a script as it is executed; of one that was loaded again, the latest. */
export function noteSourceMap(url: string, source: string): void {
  const named = mapNamedIn(source);
  if (named === undefined) return;
  namedMaps.set(url, named);
  readMaps.delete(url);
}

function mapNamedIn(source: string): string | undefined {
  const at = source.lastIndexOf(mapComment);
  // Tools write further comments after it.
  return at < 0 ? undefined : /^\S+/.exec(source.slice(at + mapComment.length))?.[0];
}

function mapOf(url: string): SourceMap | undefined {
  return findSourceMap(url) ?? ownMapOf(url);
}

function ownMapOf(url: string): SourceMap | undefined {
  if (readMaps.has(url)) return readMaps.get(url);
  let map: SourceMap | undefined;
  try {
    // What only workers have loaded is known to nobody here.
    const named = namedMaps.get(url) ?? mapNamedIn(readFileSync(fileURLToPath(url), "utf8"));
    map = named === undefined ? undefined : readMap(named, url);
  } catch {
    // One that is not there, or is garbage, is as good as none.
  }
  readMaps.set(url, map);
  return map;
}

/** In the comment itself, or in a file beside the script. */
function readMap(named: string, url: string): SourceMap | undefined {
  const encoded = /^data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)/.exec(named)?.[1];
  if (encoded !== undefined) return mapFrom(Buffer.from(encoded, "base64").toString(), url);
  const file = new URL(named, url);
  return file.protocol === "file:" ? mapFrom(readFileSync(file, "utf8"), file.href) : undefined;
}

/** `from`: what its sources are relative to. */
function mapFrom(text: string, from: string): SourceMap {
  const payload = JSON.parse(text) as SourceMap["payload"];
  const root = payload.sourceRoot ?? "";
  const sources = payload.sources.map((source) =>
    URL.canParse(from) ? new URL(root === "" ? source : `${root.replace(/\/$/, "")}/${source}`, from).href : source,
  );
  return new SourceMap({ ...payload, sourceRoot: "", sources });
}

/** `file:line:column` as the user wrote it, relative to the working directory. Lines and columns count from 1. */
export function placeText(url: string, line: number, column: number): string {
  try {
    const entry = mapOf(url)?.findEntry(line - 1, column - 1);
    if (entry !== undefined && "originalSource" in entry && entry.originalSource !== undefined) {
      return `${shown(entry.originalSource, url)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    }
  } catch {
    // A source map that cannot be read is as good as none.
  }
  // Code that was shipped has its map in the driver, which reads the place again: `placesIn`.
  if (workerSide() !== undefined && url.startsWith("file:")) return `${url}:${line}:${column}`;
  return `${shown(url, url)}:${line}:${column}`;
}

const placeInText = /(file:\/\/[^\s()]+?):(\d+):(\d+)/g;

/** A message of ours from another process, with the places in it as the user wrote them. */
export function placesIn(text: string): string {
  if (!text.includes("file://")) return text;
  return text.replaceAll(placeInText, (_whole, url: string, line: string, column: string) =>
    placeText(url, Number(line), Number(column)),
  );
}

function shown(source: string, from: string): string {
  let file = source;
  if (!/^[a-z]+:/i.test(source) && !path.isAbsolute(source) && from.startsWith("file:"))
    file = new URL(source, from).href;
  if (!file.startsWith("file:") && !path.isAbsolute(file)) return file;
  const absolute = file.startsWith("file:") ? fileURLToPath(file) : file;
  const relative = path.relative(currentFolder(), absolute);
  return relative.startsWith("..") ? absolute : relative;
}

/** A stack from another process without the frames of this package, and with the others as the user wrote them. */
export function stackHere(stack: string): string {
  return withoutOwnFrames(stack)
    .split("\n")
    .map((line) => (/^\s+at /.test(line) ? mappedStack(line) : line))
    .join("\n");
}

/**
 * A stack from another process, with the places of code that was shipped from here as the user wrote them. Such code stands in
 * stacks under its URL; what was mapped there already stands under its path.
 */
export function mappedStack(stack: string): string {
  return stack.replaceAll(placeInText, (whole, url: string, line: string, column: string) => {
    try {
      const entry = mapOf(url)?.findEntry(Number(line) - 1, Number(column) - 1);
      if (entry === undefined || !("originalSource" in entry) || entry.originalSource === undefined) return whole;
      // A map knows nothing of a line that its code does not have.
      if (entry.generatedLine !== Number(line) - 1) return whole;
      return `${located(entry.originalSource, url)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    } catch {
      return whole;
    }
  });
}

function located(source: string, from: string): string {
  if (/^[a-z]+:/i.test(source)) return source;
  return path.isAbsolute(source) ? source : new URL(source, from).href;
}
