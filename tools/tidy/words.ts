// What is not written: clocks and dice outside their doors, ways around the compiler, and notes to self.
import { bannedCalls } from "./house.ts";
import { within } from "./imports.ts";
import { isNode, walk } from "./source.ts";
import type { Finding, Source, SyntaxNode } from "./source.ts";

export function checkWords(sources: readonly Source[]): Finding[] {
  return sources.flatMap((source) => [...checkSyntax(source), ...checkTopLevel(source), ...checkComments(source)]);
}

/** In user-like code, an `any` is what users write. */
const userLike = ["labs/", "examples/", "test/types/"];

function checkSyntax(source: Source): Finding[] {
  const { file, isTest } = source;
  const findings: Finding[] = [];
  const say = (node: SyntaxNode, rule: string, what: string, instead: string): void => {
    findings.push({ rule, file, line: source.lineAt(node.start), what, instead });
  };
  walk(source.program, (node, parent) => {
    const call = isTest ? undefined : bannedCall(node, parent);
    const banned = call === undefined ? undefined : bannedCalls.find((one) => one.call === call);
    if (banned !== undefined && !within(file, banned.allowedIn)) say(node, "call", banned.call, banned.instead);
    if (node.type === "TSAnyKeyword" && !within(file, userLike))
      say(node, "any", "any", "unknown, or the type that it is");
    if (isDoubleAssertion(node))
      say(node, "assertion", "as unknown as", "a type guard, or a type that is true from the start");
  });
  return findings;
}

/** CommonJS can load a module of the library only if it is complete when its text has run. */
function checkTopLevel({ file, isTest, program, lineAt }: Source): Finding[] {
  if (isTest || !file.startsWith("src/")) return [];
  const findings: Finding[] = [];
  walk(program, (node) => {
    if (/Function|Method|Property/.test(node.type)) return false;
    if (node.type !== "AwaitExpression" && !(node.type === "ForOfStatement" && node["await"] === true)) return true;
    findings.push({
      rule: "top-level-await",
      file,
      line: lineAt(node.start),
      what: "await at the top level",
      instead: "an async function",
    });
    return false;
  });
  return findings;
}

/** How this node uses a global, as house.ts writes it. */
function bannedCall(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  if (node.type === "MemberExpression") {
    const [object, property] = [node["object"], node["property"]];
    if (!isNode(object) || !isNode(property)) return undefined;
    // globalThis.setTimeout is setTimeout.
    return object["name"] === "globalThis"
      ? String(property["name"])
      : `${String(object["name"])}.${String(property["name"])}`;
  }
  if (node.type === "NewExpression") {
    const callee = node["callee"];
    const isBare = isNode(callee) && callee["name"] === "Date" && (node["arguments"] as unknown[]).length === 0;
    return isBare ? "new Date()" : undefined;
  }
  // As a value too: passing it on is using it. A member, a key or a declaration of that name is something else.
  if (node.type !== "Identifier" || parent === undefined) return undefined;
  const isOwnName = [
    "MemberExpression",
    "Property",
    "MethodDefinition",
    "PropertyDefinition",
    "TSPropertySignature",
    "TSMethodSignature",
  ].includes(parent.type);
  return isOwnName && (parent["property"] === node || parent["key"] === node) ? undefined : String(node["name"]);
}

function isDoubleAssertion(node: SyntaxNode): boolean {
  if (node.type !== "TSAsExpression") return false;
  const inner = node["expression"];
  if (!isNode(inner) || inner.type !== "TSAsExpression") return false;
  const through = inner["typeAnnotation"];
  return isNode(through) && (through.type === "TSUnknownKeyword" || through.type === "TSAnyKeyword");
}

const bannedComments: readonly { pattern: RegExp; what: string; instead: string }[] = [
  { pattern: /@ts-ignore/, what: "@ts-ignore", instead: "types that are true" },
  { pattern: /@ts-nocheck/, what: "@ts-nocheck", instead: "types that are true" },
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    what: "a note to self",
    instead: "do it now, or write down why it is as it is",
  },
  {
    pattern: /(es|ox)lint-disable(?!.* -- \S)/,
    what: "a lint rule switched off without a reason",
    instead: "`-- why` behind it",
  },
];

function checkComments({ file, comments, lineAt }: Source): Finding[] {
  const findings: Finding[] = [];
  for (const { value, start } of comments) {
    for (const { pattern, what, instead } of bannedComments) {
      // This file and its test have to name what they forbid.
      if (pattern.test(value) && !file.startsWith("tools/tidy/"))
        findings.push({ rule: "comment", file, line: lineAt(start), what, instead });
    }
    if (/@ts-expect-error/.test(value) && !file.startsWith("test/")) {
      findings.push({
        rule: "comment",
        file,
        line: lineAt(start),
        what: "@ts-expect-error",
        instead: "types that are true; it belongs into type tests",
      });
    }
  }
  return findings;
}
