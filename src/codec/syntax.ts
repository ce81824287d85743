// The parser and what is asked of its trees everywhere.
import { createRequire } from "node:module";
import type * as Acorn from "acorn";
import type { AnyNode, Options, Program } from "acorn";
import { codeFolder } from "../std/code-folder.ts";
import { messageOf } from "../std/message-of.ts";

export type { AnyNode, Program } from "acorn";

export type FunctionNode = Extract<
  AnyNode,
  { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }
>;
export type ClassNode = Extract<AnyNode, { type: "ClassDeclaration" | "ClassExpression" }>;
let acorn: typeof Acorn | undefined;

/** Loaded when the first function is parsed: most processes never parse one. */
function parse(text: string, options: Options): Program {
  acorn ??= createRequire(codeFolder)("acorn") as typeof Acorn;
  return acorn.parse(text, options);
}

const lenient: Options = {
  ecmaVersion: "latest",
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: false,
  allowSuperOutsideMethod: true,
  allowImportExportEverywhere: true,
  allowHashBang: true,
  // What belongs to a class around the text is not seen here.
  checkPrivateFields: false,
};

/** Undefined when the text is not what it is taken for. */
export function parsed(text: string, sourceType: "script" | "module", more?: Options): Program | undefined {
  try {
    return parse(text, { ...lenient, sourceType, ...more });
  } catch {
    return undefined;
  }
}

/** Why a text cannot be parsed. */
export function syntaxError(text: string): string {
  try {
    parse(text, { ...lenient, sourceType: "script" });
    return "";
  } catch (error) {
    return messageOf(error);
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** The direct parts of a node, in the order of the text as good as always. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const each of value) if (isNode(each)) children.push(each);
    } else if (isNode(value)) children.push(value);
  }
  return children;
}

/**
 * A node and all below, parents first; where `enter` says false, nothing below. No recursion: a sum of thousands of terms is a tree as
 * deep as that.
 */
export function eachNode(top: AnyNode, enter: (node: AnyNode) => boolean): void {
  const rest = [top];
  for (let node = rest.pop(); node !== undefined; node = rest.pop())
    if (enter(node)) for (const child of childrenOf(node).reverse()) rest.push(child);
}

/** What an expression begins with where many of its kind nest to the left: sums, chains of calls. Undefined for a plain name. */
export function leftOf(node: AnyNode): AnyNode | undefined {
  const left = leftPart(node);
  return left?.type === "Identifier" ? undefined : left;
}

function leftPart(node: AnyNode): AnyNode | undefined {
  switch (node.type) {
    case "BinaryExpression":
    case "LogicalExpression":
      return node.left;
    case "MemberExpression":
      return node.object;
    case "CallExpression":
      return node.callee;
    case "TaggedTemplateExpression":
      return node.tag;
    default:
      return undefined;
  }
}

export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}

export function isClass(node: AnyNode): node is ClassNode {
  return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

/** Whether a body begins with "use strict". */
export function hasStrictDirective(body: readonly AnyNode[]): boolean {
  for (const statement of body) {
    if (statement.type !== "ExpressionStatement" || statement.directive === undefined) return false;
    if (statement.directive === "use strict") return true;
  }
  return false;
}

/** The names that a pattern declares. */
export function namesIn(pattern: AnyNode | null | undefined, into: string[] = []): string[] {
  switch (pattern?.type) {
    case "Identifier":
      into.push(pattern.name);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties)
        namesIn(property.type === "Property" ? property.value : property.argument, into);
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) namesIn(element, into);
      break;
    case "RestElement":
      namesIn(pattern.argument, into);
      break;
    case "AssignmentPattern":
      namesIn(pattern.left, into);
      break;
    default:
  }
  return into;
}
