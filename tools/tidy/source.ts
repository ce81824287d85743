// A source file, parsed once: its imports and exports with the files they mean, and a walk over its syntax tree.
import path from "node:path";
import { parseSync } from "oxc-parser";
import type { StaticExportEntry } from "oxc-parser";

export interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly instead: string;
  /** What an excuse can name besides the file. */
  readonly name?: string | undefined;
}

/** Any node of the syntax tree. The rest of its members depend on the type. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

export interface Import {
  readonly specifier: string;
  /** The file it means, from the root of the repository; undefined when it is not one of ours. */
  readonly file: string | undefined;
  readonly typesOnly: boolean;
  /** Named by a URL: it is started in another process or loaded by a tool, which is no dependency of code on code. */
  readonly byUrl?: boolean;
  /** Imported names; "*" for all. */
  readonly names: readonly string[];
  readonly line: number;
}

export interface Export {
  readonly name: string;
  readonly local: string | undefined;
  readonly isType: boolean;
  readonly line: number;
}

export interface Source {
  readonly file: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly program: SyntaxNode;
  readonly comments: readonly { readonly value: string; readonly start: number }[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly lineAt: (offset: number) => number;
}

export function parse(file: string, text: string): Source {
  const result = parseSync(file, text, { sourceType: "module" });
  const [broken] = result.errors;
  if (broken !== undefined) throw new Error(`${file} cannot be parsed: ${broken.message}`);
  const lineAt = lineFinder(text);
  const program = result.program as unknown;
  const source = {
    file,
    text,
    isTest: file.endsWith(".test.ts"),
    program: program as SyntaxNode,
    comments: result.comments,
    lineAt,
  };
  const { staticImports, staticExports, dynamicImports } = result.module;
  const imports: Import[] = staticImports.map(({ entries, moduleRequest, start }) => ({
    ...target(file, moduleRequest.value),
    typesOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    names: entries.map(({ importName }) => importName.name ?? (importName.kind === "Default" ? "default" : "*")),
    line: lineAt(start),
  }));
  const exported = staticExports.flatMap(({ entries }) => entries);
  for (const entry of exported) {
    if (entry.moduleRequest === null) continue;
    const names = [entry.importName.name ?? "*"];
    imports.push({
      ...target(file, entry.moduleRequest.value),
      typesOnly: entry.isType,
      names,
      line: lineAt(entry.start),
    });
  }
  for (const { moduleRequest, start } of dynamicImports) {
    const literal = /^["'](.*)["']$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[1];
    if (literal !== undefined)
      imports.push({ ...target(file, literal), typesOnly: false, names: ["*"], line: lineAt(start) });
  }
  for (const match of text.matchAll(requirePattern)) {
    imports.push({ ...target(file, match[1] ?? ""), typesOnly: false, names: ["*"], line: lineAt(match.index) });
  }
  imports.push(...filesByUrl(source));
  return { ...source, imports, exports: exported.map((entry) => exportOf(entry, lineAt)) };
}

/** What CommonJS loads, and what a module loads late, through a `require` of its own. */
const requirePattern = /\b(?:require|createRequire\([^)]*\))\(\s*["']([^"']+)["']\s*\)/g;

/** Every node, parents first. `visit` returns false to leave out what is below. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => boolean | void,
  parent?: SyntaxNode,
): void {
  if (visit(node, parent) === false) return;
  for (const member of Object.values(node)) {
    for (const child of Array.isArray(member) ? member : [member]) {
      if (isNode(child)) walk(child, visit, node);
    }
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as Partial<SyntaxNode>).type === "string";
}

function exportOf(entry: StaticExportEntry, lineAt: (offset: number) => number): Export {
  return {
    name: entry.exportName.name ?? (entry.exportName.kind === "Default" ? "default" : "*"),
    local: entry.localName.name ?? undefined,
    isType: entry.isType,
    line: lineAt(entry.start),
  };
}

/** A worker's file is named by `new URL("./x.js", import.meta.url)`, and types by `import("./x.ts")`: both use the whole file. */
function filesByUrl({ file, text, program, lineAt }: Pick<Source, "file" | "text" | "program" | "lineAt">): Import[] {
  const found: Import[] = [];
  if (!/new URL\(|import\(/.test(text)) return found;
  walk(program, (node) => {
    const byUrl = node.type === "NewExpression" && (node["callee"] as SyntaxNode)["name"] === "URL";
    if (!byUrl && node.type !== "TSImportType") return;
    const [named] = (byUrl ? node["arguments"] : [node["source"]]) as (SyntaxNode | undefined)[];
    const specifier = named?.["value"];
    if (typeof specifier !== "string" || !/\.[jt]s$/.test(specifier) || specifier.includes(":")) return;
    const relative = specifier.startsWith(".") ? specifier : `./${specifier}`;
    const typesOnly = node.type === "TSImportType";
    found.push({
      ...target(file, relative.replace(/\.js$/, ".ts")),
      typesOnly,
      byUrl,
      names: ["*"],
      line: lineAt(node.start),
    });
  });
  return found;
}

function target(from: string, specifier: string): { specifier: string; file: string | undefined } {
  if (specifier.startsWith(".")) return { specifier, file: path.posix.join(path.posix.dirname(from), specifier) };
  if (specifier.startsWith("#src/")) return { specifier, file: `src/${specifier.slice(5).replace(/\.js$/, ".ts")}` };
  return { specifier, file: specifier === "ray-ts" ? "src/index.ts" : undefined };
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
