// What a script says about itself: its imports, its exports, and for each place which function stands there.
import { constantsOf } from "./constants.ts";
import {
  childrenOf,
  eachNode,
  hasStrictDirective,
  isClass,
  isFunction,
  namesIn,
  type AnyNode,
  type ClassNode,
  type Program,
} from "./syntax.ts";

/** A name that stands for a module or a part of one. */
export interface ImportedName {
  readonly how: "import" | "require";
  readonly specifier: string;
  /** The export; "*" for all of them. */
  readonly name: string;
  /** `{ type: "json" }`. */
  readonly attribute: string | undefined;
  /** The compiler's function around `require`, which makes the module look like another kind. */
  readonly helper: string | undefined;
  readonly helperFlag: boolean;
}

export interface FunctionPlace {
  readonly start: number;
  readonly end: number;
  readonly strict: boolean;
  readonly isClass: boolean;
  readonly isDeclaration: boolean;
  /** Nothing around it has a `this` of its own. */
  readonly atTop: boolean;
  readonly name: string;
  /** What is around it, in words. */
  readonly enclosing: string;
  /** The index of the function around it; -1 at the top. */
  readonly parent: number;
  /** Where it stands, it is called. */
  readonly called: boolean;
  /** The module exports it under this name; with `argument`, a remote function made of it. */
  exported: string | undefined;
  argument: boolean;
}

export interface ScriptTable {
  readonly imports: ReadonlyMap<string, ImportedName>;
  /** Names of variables to the names under which they are exported. */
  readonly exports: ReadonlyMap<string, string>;
  /** Names that all their declarations in this script give a value that is not `undefined`, and nobody can change; empty where nobody needs to know. */
  readonly constants: ReadonlySet<string>;
  /** Names to which something is assigned, in any way. */
  readonly assigned: ReadonlySet<string>;
  /** By where they begin. */
  readonly functions: readonly FunctionPlace[];
}

export const emptyTable: ScriptTable = {
  imports: new Map(),
  exports: new Map(),
  constants: new Set(),
  assigned: new Set(),
  functions: [],
};

export function tableOf(program: Program, isModule: boolean): ScriptTable {
  const body = moduleBody(program);
  const imports = new Map<string, ImportedName>();
  const exports = new Map<string, string>();
  const exported: Exported = new Map();
  for (const statement of body) {
    importsOf(statement, imports);
    exportsOf(statement, exports, exported, imports);
  }
  for (const statement of body) markExported(statement, exports, exported, imports);
  const functions: FunctionPlace[] = [];
  const walk = new Places(functions, exported);
  walk.visit(program, {
    strict: isModule || hasStrictDirective(program.body),
    atTop: true,
    enclosing: "the module",
    parent: -1,
  });
  return { imports, exports, constants: constantsOf(program), assigned: walk.assigned, functions };
}

type Exported = Map<AnyNode, { readonly name: string; readonly argument: boolean }>;
type Imports = ReadonlyMap<string, ImportedName>;

/** Test runners put a function around a module, and perhaps a block of its own inside. */
function moduleBody(program: Program): readonly AnyNode[] {
  const last = program.body.at(-1);
  let wrapper: AnyNode | undefined = last?.type === "ExpressionStatement" ? last.expression : undefined;
  if (wrapper?.type === "ObjectExpression" && wrapper.properties.length === 1) {
    const [property] = wrapper.properties;
    wrapper = property?.type === "Property" ? property.value : undefined;
  }
  const parameters =
    wrapper !== undefined && isFunction(wrapper) ? wrapper.params.flatMap((each) => namesIn(each)) : [];
  const wraps = parameters.some((name) => /^(require|__vite_ssr_exports__|__vite_ssr_import__)$/.test(name));
  if (!wraps || wrapper === undefined || !isFunction(wrapper) || wrapper.body.type !== "BlockStatement")
    return program.body;
  const [first, ...others] = wrapper.body.body;
  return first?.type === "BlockStatement" && others.length === 0 ? first.body : wrapper.body.body;
}

function text(node: AnyNode): string {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" ? String(node.value) : "";
}

function importsOf(statement: AnyNode, imports: Map<string, ImportedName>): void {
  if (statement.type === "ImportDeclaration") {
    const attribute = statement.attributes?.[0];
    for (const each of statement.specifiers) {
      imports.set(each.local.name, {
        how: "import",
        specifier: String(statement.source.value),
        name:
          each.type === "ImportSpecifier"
            ? text(each.imported)
            : each.type === "ImportDefaultSpecifier"
              ? "default"
              : "*",
        attribute: attribute === undefined ? undefined : text(attribute.value),
        helper: undefined,
        helperFlag: false,
      });
    }
  }
  if (statement.type !== "VariableDeclaration") return;
  for (const { id, init } of statement.declarations) if (init) requiresOf(id, init, imports);
}

/** `const x = require("m")`, `const { x } = require("m")`, `const x = helper(require("m"))`, `const x = require("m").x`. */
function requiresOf(id: AnyNode, init: AnyNode, imports: Map<string, ImportedName>): void {
  let call = init;
  let property: string | undefined;
  if (call.type === "MemberExpression" && !call.computed && call.property.type === "Identifier") {
    property = call.property.name;
    call = call.object;
  }
  if (call.type === "AwaitExpression") call = call.argument;
  let helper: string | undefined;
  let helperFlag = false;
  if (call.type === "CallExpression" && moduleIn(call) === undefined && call.callee.type === "Identifier") {
    helper = call.callee.name;
    const [inner, flag] = call.arguments;
    helperFlag = flag !== undefined;
    if (inner === undefined) return;
    call = inner.type === "AwaitExpression" ? inner.argument : inner;
  }
  const found = moduleIn(call);
  if (found === undefined) return;
  const entry = { ...found, attribute: undefined, helper, helperFlag };
  if (id.type === "Identifier") imports.set(id.name, { ...entry, name: property ?? "*" });
  if (id.type !== "ObjectPattern" || property !== undefined) return;
  for (const each of id.properties) {
    if (each.type === "Property" && !each.computed && each.value.type === "Identifier") {
      imports.set(each.value.name, { ...entry, name: text(each.key) });
    }
  }
}

function moduleIn(call: AnyNode): { how: "import" | "require"; specifier: string } | undefined {
  if (call.type !== "CallExpression" || call.callee.type !== "Identifier") return undefined;
  const [specifier] = call.arguments;
  if (specifier?.type !== "Literal" || typeof specifier.value !== "string") return undefined;
  if (call.callee.name === "require") return { how: "require", specifier: specifier.value };
  return call.callee.name === "__vite_ssr_import__" ? { how: "import", specifier: specifier.value } : undefined;
}

function exportsOf(statement: AnyNode, exports: Map<string, string>, exported: Exported, imports: Imports): void {
  if (statement.type === "ExportNamedDeclaration" && !statement.source) {
    const { declaration } = statement;
    if (declaration?.type === "VariableDeclaration") {
      for (const each of declaration.declarations) for (const name of namesIn(each.id)) exports.set(name, name);
    } else if (declaration?.id) exports.set(declaration.id.name, declaration.id.name);
    for (const each of statement.specifiers) exports.set(text(each.local), text(each.exported));
  }
  if (statement.type !== "ExportDefaultDeclaration") return;
  const { declaration } = statement;
  const id = "id" in declaration ? declaration.id : undefined;
  if (id) exports.set(id.name, "default");
  else if (declaration.type === "Identifier") exports.set(declaration.name, "default");
  else mark(declaration, "default", exported, imports);
}

function markExported(
  statement: AnyNode,
  exports: ReadonlyMap<string, string>,
  exported: Exported,
  imports: Imports,
): void {
  const isExport = statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration";
  const node = isExport ? (statement.declaration as AnyNode | null | undefined) : statement;
  if (node?.type === "FunctionDeclaration" || node?.type === "ClassDeclaration") {
    const name = node.id ? exports.get(node.id.name) : "default";
    if (name !== undefined) exported.set(node, { name, argument: false });
  }
  if (node?.type !== "VariableDeclaration") return;
  for (const { id, init } of node.declarations) {
    const name = id.type === "Identifier" ? exports.get(id.name) : undefined;
    // A variable that may be given another function later says nothing about this one. (Compilers make `var` of `const`.)
    if (name !== undefined && init && node.kind !== "let") mark(init, name, exported, imports);
  }
}

/** The function that an initialiser is, or makes a remote function of. */
function mark(init: AnyNode, name: string, exported: Exported, imports: Imports): void {
  if (isFunction(init) || isClass(init)) exported.set(init, { name, argument: false });
  if (init.type !== "CallExpression") return;
  const callee = nameOfCallee(init.callee);
  const [first] = init.arguments;
  // What esbuild puts around functions to keep their names.
  if (callee === "__name" && first !== undefined) return mark(first, name, exported, imports);
  // Minifiers give it another name here, but not where it comes from.
  const made = init.callee.type === "Identifier" ? (imports.get(init.callee.name)?.name ?? callee) : callee;
  if (made !== "remote") return;
  for (const each of init.arguments) {
    const inner = each.type === "CallExpression" && nameOfCallee(each.callee) === "__name" ? each.arguments[0] : each;
    if (inner !== undefined && (isFunction(inner) || isClass(inner))) exported.set(inner, { name, argument: true });
  }
}

function nameOfCallee(callee: AnyNode): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type === "MemberExpression" && callee.property.type === "Identifier") return callee.property.name;
  if (callee.type === "SequenceExpression") return nameOfCallee(callee.expressions.at(-1) as AnyNode);
  return callee.type === "ParenthesizedExpression" ? nameOfCallee(callee.expression) : undefined;
}

interface Around {
  readonly strict: boolean;
  readonly atTop: boolean;
  readonly enclosing: string;
  readonly parent: number;
}

/** `f()`, `(f)()`, `f.call(this)`. */
function calleeOf({ callee }: Extract<AnyNode, { type: "CallExpression" }>): AnyNode {
  const node = callee.type === "MemberExpression" ? callee.object : callee;
  return node.type === "ParenthesizedExpression" ? node.expression : node;
}

class Places {
  readonly #functions: FunctionPlace[];
  readonly #exported: Exported;
  readonly #called = new Set<AnyNode>();
  readonly assigned = new Set<string>();

  constructor(functions: FunctionPlace[], exported: Exported) {
    this.#functions = functions;
    this.#exported = exported;
  }

  visit(top: AnyNode, around: Around): void {
    eachNode(top, (node) => {
      if (node.type === "CallExpression") this.#called.add(calleeOf(node));
      const target = targetOf(node);
      if (target !== undefined) for (const name of namesIn(target)) this.assigned.add(name);
      return !this.#isOwn(node, around);
    });
  }

  /** A function or a class: what is inside was looked at by this. */
  #isOwn(node: AnyNode, around: Around): boolean {
    if (isClass(node)) this.#class(node, around);
    else if (isFunction(node)) this.#function(node, node, around, node.id ? node.id.name : "(anonymous)");
    else if (node.type === "Property" && (node.method || node.kind !== "init") && isFunction(node.value)) {
      if (node.computed) this.visit(node.key, around);
      this.#function(node.value, node, around, text(node.key));
    } else return false;
    return true;
  }

  /** `whole`: with the key of a method, as the text of the function has it. */
  #function(node: Extract<AnyNode, { params: unknown }>, whole: AnyNode, around: Around, name: string): void {
    const body = node.body.type === "BlockStatement" ? node.body.body : [];
    const strict = around.strict || hasStrictDirective(body);
    const isArrow = node.type === "ArrowFunctionExpression";
    const parent = this.#add(node, whole, name, around, strict);
    const inner = { strict, atTop: around.atTop && isArrow, enclosing: isArrow ? around.enclosing : name, parent };
    for (const child of childrenOf(node)) this.visit(child, inner);
  }

  #class(node: ClassNode, around: Around): void {
    const name = node.id ? node.id.name : "(anonymous)";
    const parent = this.#add(node, node, name, around, true);
    if (node.superClass) this.visit(node.superClass, around);
    const inner = { strict: true, atTop: false, enclosing: `class ${name}`, parent };
    for (const member of node.body.body) {
      if (member.type === "MethodDefinition") {
        if (member.computed) this.visit(member.key, { ...around, strict: true, parent });
        this.#function(member.value, member, inner, text(member.key));
      } else for (const child of childrenOf(member)) this.visit(child, inner);
    }
  }

  #add(node: AnyNode, whole: AnyNode, name: string, { atTop, enclosing, parent }: Around, strict: boolean): number {
    const exported = this.#exported.get(node);
    return (
      this.#functions.push({
        start: whole.start,
        end: whole.end,
        strict,
        name,
        isClass: isClass(node),
        isDeclaration: node.type === "FunctionDeclaration" || node.type === "ClassDeclaration",
        atTop,
        enclosing,
        parent,
        called: this.#called.has(node),
        exported: exported?.name,
        argument: exported?.argument === true,
      }) - 1
    );
  }
}

/** What it assigns to. */
function targetOf(node: AnyNode): AnyNode | undefined {
  switch (node.type) {
    case "AssignmentExpression":
    case "ForInStatement":
    case "ForOfStatement":
      return node.left;
    case "UpdateExpression":
      return node.argument;
    default:
      return undefined;
  }
}
