// The text of a function, made into something that can stand in an expression: what form it has, and its tree.
import { Recent } from "./recent.ts";
import { parsed, syntaxError, type AnyNode, type ClassNode, type FunctionNode } from "./syntax.ts";
import { variablesOf, type Skip, type Variables } from "./variables.ts";

export interface Source {
  readonly text: string;
  /** `member`: of an object literal, `classMember`: only possible in a class (a private method). */
  readonly form: "arrow" | "function" | "class" | "member" | "classMember";
  readonly node: FunctionNode | ClassNode;
  /** Position of the text in the tree's own text. */
  readonly offset: number;
  readonly variables: Variables;
  /** The key of a member. */
  readonly key:
    | {
        readonly start: number;
        readonly end: number;
        readonly computed: boolean;
        readonly isPrivate: boolean;
        /** As a property has it; undefined when it is not in plain sight. */
        readonly name: string | undefined;
        readonly kind: "method" | "get" | "set";
      }
    | undefined;
  /** Whether it has a name of its own inside, as opposed to one that a variable or property gave it. */
  readonly ownName: string | undefined;
  /** As the language counts parameters for `length`. */
  readonly length: number;
}

const SOURCES_MAX = 2000;
const sources = new Recent<string, Source | string>(SOURCES_MAX);

/** By the text, which comes again with every closure of the same literal. A string says why it cannot be parsed. */
export function sourceOf(text: string): Source | string {
  return sources.get(text, () => read(text));
}

function read(text: string): Source | string {
  const expression = inside("(", text, "\n)");
  const form = expression === undefined ? undefined : expressionForms[expression.node.type];
  if (expression !== undefined && form !== undefined) {
    return source(text, form, expression.node as FunctionNode | ClassNode, expression.offset);
  }
  const literal = inside("({", text, "\n})");
  if (literal?.node.type === "ObjectExpression") {
    const [property] = literal.node.properties;
    if (property?.type === "Property" && property.value.type === "FunctionExpression") {
      return source(text, "member", property.value, literal.offset, {
        key: property.key,
        computed: property.computed,
        kind: property.kind === "init" ? "method" : property.kind,
      });
    }
  }
  const owner = inside("(class extends Object{", text, "\n})");
  const [member] = owner?.node.type === "ClassExpression" ? owner.node.body.body : [];
  if (member?.type === "MethodDefinition") {
    const kind = member.kind === "constructor" ? "method" : member.kind;
    return source(text, "classMember", member.value, owner?.offset ?? 0, {
      key: member.key,
      computed: member.computed,
      kind,
    });
  }
  return syntaxError(`(${text}\n)`);
}

const expressionForms: Readonly<Record<string, Source["form"] | undefined>> = {
  ArrowFunctionExpression: "arrow",
  FunctionExpression: "function",
  ClassExpression: "class",
};

/** The text as an expression; `offset` is where it begins in what was parsed. */
function inside(before: string, text: string, after: string): { node: AnyNode; offset: number } | undefined {
  const whole = `${before}${text}${after}`;
  const program = parsed(whole, "script") ?? parsed(whole, "module");
  if (program !== undefined) return only(program.body, before.length);
  // `new.target` is only allowed where there is a function around it.
  const frame = "(function(){";
  const [framed] = parsed(`${frame}${whole}})`, "script")?.body ?? [];
  const fn = framed?.type === "ExpressionStatement" ? framed.expression : undefined;
  return fn?.type === "FunctionExpression" ? only(fn.body.body, frame.length + before.length) : undefined;
}

function only(body: readonly AnyNode[], offset: number): { node: AnyNode; offset: number } | undefined {
  const [statement] = body;
  return statement?.type === "ExpressionStatement" && body.length === 1
    ? { node: statement.expression as AnyNode, offset }
    : undefined;
}

function source(
  text: string,
  form: Source["form"],
  node: FunctionNode | ClassNode,
  offset: number,
  member?: { key: AnyNode; computed: boolean; kind: "method" | "get" | "set" },
): Source {
  const isMember = form === "member" || form === "classMember";
  const skip: Skip = node.type === "ClassExpression" ? shippedElsewhere(node) : () => false;
  const key =
    member === undefined
      ? undefined
      : {
          start: member.key.start - offset,
          end: member.key.end - offset,
          computed: member.computed,
          isPrivate: member.key.type === "PrivateIdentifier",
          name: member.computed ? undefined : nameOfKey(member.key),
          kind: member.kind,
        };
  const variables = variablesOf(node, isMember ? "method" : "function", skip);
  const ownName = node.type !== "ArrowFunctionExpression" && node.id ? node.id.name : undefined;
  return { text, form, node, offset, variables, key, ownName, length: lengthOf(node) };
}

function nameOfKey(key: AnyNode): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : undefined;
}

/** Parts of a class whose values travel instead of their texts: see class-text.ts. */
function shippedElsewhere(node: ClassNode): Skip {
  const away = new Set<AnyNode>();
  if (node.superClass) away.add(node.superClass);
  for (const member of node.body.body) {
    if (member.type === "StaticBlock") away.add(member);
    else {
      if (member.computed) away.add(member.key);
      if (member.type === "PropertyDefinition" && member.static) away.add(member);
    }
  }
  return (each) => away.has(each);
}

function lengthOf(node: FunctionNode | ClassNode): number {
  if (node.type === "ClassExpression" || node.type === "ClassDeclaration") {
    const constructor = node.body.body.find(
      (member) => member.type === "MethodDefinition" && member.kind === "constructor",
    );
    return constructor?.type === "MethodDefinition" ? lengthOf(constructor.value) : 0;
  }
  const { params } = node;
  const optional = params.findIndex(({ type }) => type === "AssignmentPattern" || type === "RestElement");
  return optional < 0 ? params.length : optional;
}
