// ES module source rewritten to CommonJS the way a person writes it: `require` and `exports`, no interop helpers.
//
// Lines stay where they are. Knows what the case files use and throws at anything else.
import { isBuiltin } from "node:module";
import { parse } from "acorn";
import type { ExportNamedDeclaration, ExportDefaultDeclaration, ImportDeclaration, Program } from "acorn";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Statement = Program["body"][number];
type ModuleName =
  ImportDeclaration["specifiers"][number]["local"] | ExportNamedDeclaration["specifiers"][number]["local"];

const nameOf = (node: ModuleName): string => (node.type === "Identifier" ? node.name : String(node.value));
const pair = (from: string, to: string): string => (from === to ? from : `${from}: ${to}`);

/** What a CommonJS module or a builtin exports is the default import itself. */
const isWholeExport = (specifier: string): boolean => specifier.endsWith(".cjs") || isBuiltin(specifier);

function importText(node: ImportDeclaration): string {
  const source = String(node.source.value);
  const call = `require(${JSON.stringify(source)})`;
  const parts: string[] = [];
  const named: string[] = [];
  for (const specifier of node.specifiers) {
    const local = nameOf(specifier.local);
    if (specifier.type === "ImportNamespaceSpecifier") parts.push(`const ${local} = ${call};`);
    else if (specifier.type === "ImportSpecifier") named.push(pair(nameOf(specifier.imported), local));
    else if (isWholeExport(source)) parts.push(`const ${local} = ${call};`);
    else named.push(pair("default", local));
  }
  if (named.length > 0) parts.push(`const { ${named.join(", ")} } = ${call};`);
  return parts.length > 0 ? parts.join(" ") : `${call};`;
}

function declaredNames(node: ExportNamedDeclaration): string[] {
  const declaration = node.declaration;
  if (declaration === null || declaration === undefined) return [];
  if (declaration.type !== "VariableDeclaration") return [declaration.id.name];
  return declaration.declarations.map(({ id }) => {
    if (id.type !== "Identifier") throw new Error("an exported pattern is not supported");
    return id.name;
  });
}

function namedExportEdits(node: ExportNamedDeclaration): Edit[] {
  const { declaration } = node;
  if (declaration !== null && declaration !== undefined) {
    const added = declaredNames(node).map((name) => ` exports.${name} = ${name};`);
    return [
      { start: node.start, end: declaration.start, text: "" },
      { start: node.end, end: node.end, text: added.join("") },
    ];
  }
  const from = node.source === null || node.source === undefined ? undefined : String(node.source.value);
  const base = from === undefined ? "" : `require(${JSON.stringify(from)}).`;
  const lines = node.specifiers.map(({ local, exported }) => `exports.${nameOf(exported)} = ${base}${nameOf(local)};`);
  return [{ start: node.start, end: node.end, text: lines.join(" ") }];
}

function defaultExportEdits(node: ExportDefaultDeclaration): Edit[] {
  const { declaration } = node;
  const named =
    (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") && declaration.id;
  if (!named) return [{ start: node.start, end: declaration.start, text: "exports.default = " }];
  return [
    { start: node.start, end: declaration.start, text: "" },
    { start: node.end, end: node.end, text: ` exports.default = ${named.name};` },
  ];
}

function editsOf(node: Statement): Edit[] {
  switch (node.type) {
    case "ImportDeclaration":
      return [{ start: node.start, end: node.end, text: importText(node) }];
    case "ExportNamedDeclaration":
      return namedExportEdits(node);
    case "ExportDefaultDeclaration":
      return defaultExportEdits(node);
    case "ExportAllDeclaration": {
      const call = `require(${JSON.stringify(node.source.value)})`;
      const name = node.exported;
      const text = name ? `exports.${nameOf(name)} = ${call};` : `Object.assign(exports, ${call});`;
      return [{ start: node.start, end: node.end, text }];
    }
    default:
      return [];
  }
}

/** The same program as CommonJS. Its imports keep their specifiers. */
export function toCommonJs(source: string): string {
  const program = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  let text = source;
  const edits = program.body.flatMap(editsOf).toSorted((one, other) => other.start - one.start || other.end - one.end);
  for (const { start, end, text: replacement } of edits) text = text.slice(0, start) + replacement + text.slice(end);
  return text;
}
