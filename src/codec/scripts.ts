// The scripts of this process that functions come from: read and parsed once each, then only their tables are kept.
import { noteSourceMap } from "./places.ts";
import { emptyTable, tableOf, type FunctionPlace, type ImportedName, type ScriptTable } from "./script-table.ts";
import { scriptOf, type Location, type Script } from "./scope.ts";
import { parsed, type Program } from "./syntax.ts";

/** Of larger ones only the imports and exports are looked for, statement by statement. */
const PARSED_CHARACTERS_MAX = 1_000_000;

/** How scripts begin that this package makes for functions that arrived. */
export const revivedPrefix = "(function $ray(";

export class ScriptInfo {
  readonly url: string;
  readonly kind: "node" | "module" | "commonjs" | "plain" | "revived";
  readonly table: ScriptTable;
  /** Only of large scripts. */
  readonly #source: string | undefined;
  /** Where each line begins. */
  readonly #lines: readonly number[];
  readonly #startLine: number;
  readonly #startColumn: number;

  constructor(script: Script) {
    const { url, source } = script;
    this.url = url;
    this.kind = kindOf(script);
    if (this.kind !== "node") noteSourceMap(url, source);
    this.#startLine = script.startLine;
    this.#startColumn = script.startColumn;
    const large = source.length > PARSED_CHARACTERS_MAX;
    const foreign = this.kind === "node";
    this.#lines = foreign ? [0] : linesOf(source);
    this.#source = large && !foreign ? source : undefined;
    this.table = foreign ? emptyTable : large ? outerTable(source) : wholeTable(source, script.isModule);
  }

  get isLarge(): boolean {
    return this.#source !== undefined;
  }

  offsetOf({ line, column }: Location): number {
    const start = this.#lines[line - this.#startLine] ?? 0;
    return start + (line === this.#startLine ? column - this.#startColumn : column);
  }

  /** Line and column of an offset in what the URL names; both count from 0. */
  positionOf(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lines[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = offset - (this.#lines[low] as number);
    return { line: low + this.#startLine, column: low === 0 ? column + this.#startColumn : column };
  }

  /** Where a function with this text begins that has its parameters at `offset`. */
  startOf(text: string, offset: number): number {
    const place = this.placeOf(text, offset);
    if (place !== undefined) return place.end - text.length;
    const found = this.#source?.lastIndexOf(text, offset) ?? -1;
    return found < 0 ? offset : found;
  }

  /** The innermost function or class around `offset` that has this text. */
  placeOf(text: string, offset: number): FunctionPlace | undefined {
    const { functions } = this.table;
    let low = 0;
    let high = functions.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((functions[middle] as FunctionPlace).start <= offset) low = middle;
      else high = middle - 1;
    }
    const isClass = /^class\b/.test(text);
    // None is known of a large script, and of one that has none.
    for (let index = Math.min(low, high); index >= 0;) {
      const place = functions[index] as FunctionPlace;
      const start = place.end - text.length;
      // The text of a static method does not have the word `static`.
      if (
        offset <= place.end &&
        place.start <= offset &&
        start >= place.start &&
        start - place.start < 100 &&
        place.isClass === isClass
      ) {
        return place;
      }
      // Whatever else contains the offset is around this one.
      index = place.parent;
    }
    return undefined;
  }
}

/** The name of the class around a place. */
export function classAround(script: ScriptInfo | undefined, place: FunctionPlace | undefined): string {
  const functions = script?.table.functions ?? [];
  for (let at = place; at !== undefined; at = functions[at.parent]) if (at.isClass) return at.name;
  return "(unknown)";
}

function kindOf({ url, isModule, source }: Script): ScriptInfo["kind"] {
  if (url.startsWith("node:")) return "node";
  if (source.startsWith(revivedPrefix)) return "revived";
  if (isModule) return "module";
  return url.startsWith("file:") ? "commonjs" : "plain";
}

function linesOf(source: string): number[] {
  const lines = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) lines.push(at + 1);
  return lines;
}

function programOf(source: string, isModule: boolean): Program | undefined {
  const sourceType = isModule ? "module" : "script";
  // Code from `--eval` and the REPL may await at its top.
  return (
    parsed(source, sourceType) ?? parsed(source, sourceType, { allowAwaitOutsideFunction: true, ecmaVersion: "latest" })
  );
}

function wholeTable(source: string, isModule: boolean): ScriptTable {
  const program = programOf(source, isModule);
  return program === undefined ? emptyTable : tableOf(program, isModule);
}

/** Statements that begin a line, or follow another on the first line of a minified bundle. */
const importStatement =
  /(?:^|;)\s*(import\b[^;'"]*["'][^"'\n]+["'][^;\n]*|(?:const|let|var)\s+[\w$]+\s*=\s*[\w$.(]*require\(["'][^"'\n]+["']\)\)?[^;\n]*)(?=;|$)/gm;

/** `export { a, b as c }`, but not from somewhere else, and `export class A`. */
const exportStatement =
  /(?:^|[;}])\s*export\s*(?:\{([^{}"']*)\}(?!\s*from\b)|(?:default\s+)?(?:async\s+)?(?:class|function\s*\*?|const|let|var)\s+([\w$]+))/gm;

function outerTable(source: string): ScriptTable {
  const imports = new Map<string, ImportedName>();
  for (const [, statement] of source.matchAll(importStatement)) {
    const program = statement === undefined ? undefined : parsed(statement, "module");
    if (program !== undefined) for (const [name, entry] of tableOf(program, true).imports) imports.set(name, entry);
  }
  const exports = new Map<string, string>();
  for (const [statement, list, declared] of source.matchAll(exportStatement)) {
    if (declared !== undefined) exports.set(declared, /\bdefault\b/.test(statement) ? "default" : declared);
    for (const each of list?.split(",") ?? []) {
      const [local, name = local] = each.trim().split(/\s+as\s+/);
      if (local !== undefined && local !== "") exports.set(local, name as string);
    }
  }
  return { ...emptyTable, imports, exports };
}

const known = new Map<string, ScriptInfo | undefined>();

/** Within `inspecting`. */
export function scriptInfo(scriptId: string): ScriptInfo | undefined {
  if (known.has(scriptId)) return known.get(scriptId);
  const script = scriptOf(scriptId);
  const info = script === undefined ? undefined : new ScriptInfo(script);
  known.set(scriptId, info);
  return info;
}
