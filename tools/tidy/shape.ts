// Files and functions have a size that fits a head, a first line that says what they are for, and a name that means something.
import { bannedNames, fileLinesMax, functionLinesMax } from "./house.ts";
import { walk } from "./source.ts";
import type { Finding, Source, SyntaxNode } from "./source.ts";

export function checkShape(sources: readonly Source[]): Finding[] {
  return sources.flatMap((source) => [
    ...checkName(source),
    ...checkFirstLine(source),
    ...checkFileLength(source),
    ...checkFunctions(source),
  ]);
}

function checkName({ file }: Source): Finding[] {
  const parts = file.replace(/(\.\w+)+$/, "").split("/");
  // Outside of src a folder may be called by what it tests: test/types.
  const judged = file.startsWith("src/") ? parts : parts.slice(-1);
  const instead = "the thing it is about: clock, resources, frame";
  return judged
    .filter((part) => bannedNames.includes(part))
    .map((part) => ({ rule: "name", file, line: 1, what: `"${part}" says nothing of what is inside`, instead }));
}

function checkFirstLine({ file, text }: Source): Finding[] {
  const [first = "", second = ""] = text.split("\n", 2);
  const line = first.startsWith("#!") ? second : first;
  // Words, and not a license or a directive.
  if (/^(\/\/|\/\*\*?) \S+ \S+ \S+/.test(line) && !/eslint|oxlint|@ts-|copyright/i.test(line)) return [];
  const instead = "a comment of one sentence, as in its neighbours";
  return [{ rule: "first-line", file, line: 1, what: "the first line does not say what the file is for", instead }];
}

function checkFileLength({ file, text }: Source): Finding[] {
  const lines = text.trimEnd().split("\n").length;
  if (lines <= fileLinesMax) return [];
  const what = `${lines} lines, more than ${fileLinesMax}`;
  return [{ rule: "file-length", file, line: fileLinesMax + 1, what, instead: "two files, each about one thing" }];
}

const functionTypes: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

function checkFunctions(source: Source): Finding[] {
  const findings: Finding[] = [];
  const judge = (node: SyntaxNode, parent: SyntaxNode | undefined): void => {
    if (!functionTypes.has(node.type)) return;
    const line = source.lineAt(node.start);
    const lines = linesOf(source, node) - linesOfTestsIn(source, node);
    if (lines <= functionLinesMax) return;
    const name = nameOf(node, parent);
    const what = `${name ?? "a function"} has ${lines} lines, more than ${functionLinesMax}`;
    findings.push({
      rule: "function-length",
      file: source.file,
      line,
      what,
      instead: "functions for its steps, named",
      name,
    });
  };
  walk(source.program, judge);
  return findings;
}

function linesOf({ lineAt }: Source, { start, end }: SyntaxNode): number {
  return lineAt(end) - lineAt(start) + 1;
}

/** Tests are functions of their own: what only lists them, as `describe` does, is not long because they are many. */
function linesOfTestsIn(source: Source, list: SyntaxNode): number {
  let lines = 0;
  walk(list, (node, parent) => {
    if (node === list || !functionTypes.has(node.type) || parent?.type !== "CallExpression") return true;
    if (!["test", "it", "describe", "suite"].includes(String((parent["callee"] as SyntaxNode)["name"]))) return true;
    lines += linesOf(source, node);
    return false;
  });
  return lines;
}

function nameOf(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  const named = (node["id"] ?? parent?.["id"] ?? parent?.["key"]) as SyntaxNode | undefined | null;
  return typeof named?.["name"] === "string" ? named["name"] : undefined;
}
