// Which names a piece of code takes from outside: a walk over its tree with the scopes of the language.
import { handsOnUnusedThis } from "./handed-this.ts";
import {
  childrenOf,
  eachNode,
  isClass,
  isFunction,
  leftOf,
  namesIn,
  type AnyNode,
  type ClassNode,
  type FunctionNode,
} from "./syntax.ts";

/** A place where a free name stands. Says enough to put something else there. */
export interface Use {
  readonly start: number;
  readonly end: number;
  /** `{ x }` in a literal or pattern, `x()`, `` x`…` ``: what the name means there beside its value. */
  readonly as: "name" | "shorthand" | "callee";
  /** `x()` at the beginning of a statement that follows others. */
  readonly begins?: boolean;
  /** `x = () => …`: the function that gets its name from the variable. */
  readonly names?: { readonly start: number; readonly end: number } | undefined;
}

export interface FreeName {
  readonly uses: Use[];
  written: boolean;
  /** Properties read as `x.name`; undefined once it is used in any other way. */
  members: Set<string> | undefined;
}

export interface Variables {
  readonly free: ReadonlyMap<string, FreeName>;
  /** What an arrow function at the top takes from the function around it. */
  readonly lexical: ReadonlySet<"this" | "super" | "new.target" | "arguments">;
  /** `super` in a method at the top. */
  readonly usesSuper: boolean;
  /** Private names that no class inside declares. */
  readonly privateNames: readonly string[];
  /** `import.meta`. */
  readonly metas: readonly { readonly start: number; readonly end: number }[];
  readonly evals: boolean;
}

interface Scope {
  readonly names: Set<string>;
  readonly parent: Scope | undefined;
}

type Owner = "none" | "method" | "function";

/** Parts of a class that are not to be looked at: they are not shipped. */
export type Skip = (node: AnyNode) => boolean;

type Handlers = { readonly [T in AnyNode["type"]]?: (walk: Walk, node: Extract<AnyNode, { type: T }>) => void };

class Walk {
  readonly free = new Map<string, FreeName>();
  readonly lexical = new Set<"this" | "super" | "new.target" | "arguments">();
  readonly privateNames = new Set<string>();
  readonly metas: { start: number; end: number }[] = [];
  usesSuper = false;
  evals = false;
  readonly skip: Skip;
  scope: Scope = { names: new Set(), parent: undefined };
  /** Who `this` belongs to: nobody inside, for an arrow at the top. */
  owner: Owner = "none";
  /** Who `super` belongs to. */
  home: "none" | "top" | "inner" = "none";
  #privates: ReadonlySet<string>[] = [];
  /** Where the latest statement begins that is an expression. */
  #statement = -1;

  constructor(skip: Skip) {
    this.skip = skip;
  }

  visit(node: AnyNode | null | undefined): void {
    const chain: AnyNode[] = [];
    for (let at = node ?? undefined; at !== undefined && !this.skip(at); at = leftOf(at)) chain.push(at);
    for (let at = chain.pop(); at !== undefined; at = chain.pop()) this.#visit(at);
  }

  /** What it begins with has been visited, unless that is a name. */
  #visit(node: AnyNode): void {
    const handler = handlers[node.type] as ((walk: Walk, node: AnyNode) => void) | undefined;
    if (handler !== undefined) handler(this, node);
    else for (const child of childrenOf(node)) this.visit(child);
  }

  all(nodes: readonly (AnyNode | null)[]): void {
    for (const node of nodes) this.visit(node);
  }

  /** One after another, with or without semicolons between them. */
  statements(nodes: readonly AnyNode[]): void {
    for (const node of nodes) {
      if (node.type === "ExpressionStatement") this.#statement = node.start;
      this.visit(node);
    }
  }

  callee({ name, start, end }: Extract<AnyNode, { type: "Identifier" }>): void {
    this.use(name, { start, end, as: "callee", begins: start === this.#statement });
  }

  within(names: Iterable<string>, run: () => void): void {
    const { scope } = this;
    this.scope = { names: new Set(names), parent: scope };
    run();
    this.scope = scope;
  }

  use(name: string, use: Use, kind: "read" | "write" | "member" = "read", member?: string): void {
    for (let scope: Scope | undefined = this.scope; scope !== undefined; scope = scope.parent)
      if (scope.names.has(name)) return;
    if (name === "arguments" && this.owner === "none") this.lexical.add("arguments");
    let found = this.free.get(name);
    if (found === undefined) this.free.set(name, (found = { uses: [], written: false, members: new Set() }));
    found.uses.push(use);
    if (kind === "write") found.written = true;
    if (kind === "member" && member !== undefined) found.members?.add(member);
    else found.members = undefined;
  }

  /** `this` and its like. */
  take(what: "this" | "new.target"): void {
    if (this.owner === "none") this.lexical.add(what);
  }

  function(node: FunctionNode, owner: Owner, home: Walk["home"] = "none"): void {
    const before = { owner: this.owner, home: this.home };
    const isArrow = node.type === "ArrowFunctionExpression";
    if (!isArrow) {
      this.owner = owner;
      this.home = home;
    }
    const own = node.type === "FunctionExpression" && node.id ? [node.id.name] : [];
    const parameters = node.params.flatMap((parameter) => namesIn(parameter));
    if (!isArrow) parameters.push("arguments");
    this.within(own, () => {
      this.within(parameters, () => {
        for (const parameter of node.params) this.pattern(parameter, false);
        if (node.body.type === "BlockStatement")
          this.within(hoisted(node.body.body, true), () => this.statements((node.body as { body: AnyNode[] }).body));
        else this.visit(node.body);
      });
    });
    this.owner = before.owner;
    this.home = before.home;
  }

  /** `assigned`: its names are variables that get a value, not declarations. */
  pattern(node: AnyNode | null, assigned: boolean, shorthand = false): void {
    switch (node?.type) {
      case "Identifier":
        if (assigned)
          this.use(node.name, { start: node.start, end: node.end, as: shorthand ? "shorthand" : "name" }, "write");
        return;
      case "ObjectPattern":
        for (const property of node.properties) {
          if (property.type === "RestElement") this.pattern(property.argument, assigned);
          else {
            if (property.computed) this.visit(property.key);
            this.pattern(property.value, assigned, property.shorthand);
          }
        }
        return;
      case "ArrayPattern":
        for (const element of node.elements) this.pattern(element, assigned);
        return;
      case "RestElement":
        return this.pattern(node.argument, assigned);
      case "AssignmentPattern":
        this.pattern(node.left, assigned, shorthand);
        return this.visit(node.right);
      default:
        this.visit(node);
    }
  }

  class(node: ClassNode, top: boolean): void {
    const names = node.id && (node.type === "ClassExpression" || top) ? [node.id.name] : [];
    this.within(names, () => {
      this.visit(node.superClass);
      const declared = node.body.body.flatMap((member) =>
        "key" in member && member.key.type === "PrivateIdentifier" ? [member.key.name] : [],
      );
      this.#privates.push(new Set(declared));
      for (const member of node.body.body) this.#member(member);
      this.#privates.pop();
    });
  }

  #member(member: ClassNode["body"]["body"][number]): void {
    if (this.skip(member)) return;
    if (member.type === "StaticBlock")
      return this.owned(() => this.within(hoisted(member.body, true), () => this.statements(member.body)));
    if (member.computed) this.visit(member.key);
    if (member.type === "MethodDefinition")
      return this.skip(member.value) ? undefined : this.function(member.value, "method", "inner");
    // An initialiser is a function of its own.
    this.owned(() => this.visit(member.value));
  }

  owned(run: () => void): void {
    const { owner, home } = this;
    this.owner = "method";
    this.home = "inner";
    run();
    this.owner = owner;
    this.home = home;
  }

  private(name: string): void {
    if (!this.#privates.some((declared) => declared.has(name))) this.privateNames.add(`#${name}`);
  }
}

/** What a body declares: `var`s from everywhere in it when it is the body of a function, and its own block's names. */
function hoisted(body: readonly AnyNode[], ofFunction: boolean): Set<string> {
  const names = new Set<string>();
  for (const statement of body) {
    const node =
      statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration"
        ? (statement.declaration as AnyNode | null)
        : statement;
    if (node?.type === "VariableDeclaration" && node.kind !== "var")
      for (const each of node.declarations) for (const name of namesIn(each.id)) names.add(name);
    if ((node?.type === "FunctionDeclaration" || node?.type === "ClassDeclaration") && node.id) names.add(node.id.name);
    if (statement.type === "ImportDeclaration") for (const each of statement.specifiers) names.add(each.local.name);
  }
  if (ofFunction) for (const statement of body) varsIn(statement, names);
  return names;
}

function varsIn(top: AnyNode, names: Set<string>): void {
  eachNode(top, (node) => {
    if (node.type === "VariableDeclaration" && node.kind === "var")
      for (const each of node.declarations) for (const name of namesIn(each.id)) names.add(name);
    return !isFunction(node) && !isClass(node);
  });
}

function binary(walk: Walk, { left, right }: { readonly left: AnyNode; readonly right: AnyNode }): void {
  if (left.type === "Identifier") walk.visit(left);
  walk.visit(right);
}

function block(walk: Walk, body: readonly AnyNode[]): void {
  walk.within(hoisted(body, false), () => walk.statements(body));
}

function declaredBy(node: AnyNode | null | undefined): string[] {
  if (node?.type !== "VariableDeclaration" || node.kind === "var") return [];
  return node.declarations.flatMap((each) => namesIn(each.id));
}

function loop(walk: Walk, head: AnyNode | null | undefined, parts: readonly (AnyNode | null | undefined)[]): void {
  walk.within(declaredBy(head), () => {
    if (head?.type === "VariableDeclaration" || head === null || head === undefined) walk.visit(head);
    else walk.pattern(head, true);
    for (const part of parts) walk.visit(part);
  });
}

function anonymous(node: AnyNode): { start: number; end: number } | undefined {
  const isAnonymous =
    node.type === "ArrowFunctionExpression" ||
    ((node.type === "FunctionExpression" || node.type === "ClassExpression") && !node.id);
  return isAnonymous ? { start: node.start, end: node.end } : undefined;
}

const handlers: Handlers = {
  Identifier: (walk, { name, start, end }) => walk.use(name, { start, end, as: "name" }),
  ThisExpression: (walk) => walk.take("this"),
  Super(walk) {
    if (walk.home === "none") walk.lexical.add("super");
    if (walk.home === "top") walk.usesSuper = true;
  },
  MetaProperty(walk, { meta, start, end }) {
    if (meta.name === "import") walk.metas.push({ start, end });
    else walk.take("new.target");
  },
  PrivateIdentifier: (walk, { name }) => walk.private(name),
  FunctionDeclaration: (walk, node) => walk.function(node, "function"),
  FunctionExpression: (walk, node) => walk.function(node, "function"),
  ArrowFunctionExpression: (walk, node) => walk.function(node, "function"),
  ClassDeclaration: (walk, node) => walk.class(node, false),
  ClassExpression: (walk, node) => walk.class(node, false),
  Program: (walk, { body }) => walk.within(hoisted(body, true), () => walk.statements(body)),
  BlockStatement: (walk, { body }) => block(walk, body),
  SwitchStatement(walk, { discriminant, cases }) {
    walk.visit(discriminant);
    walk.within(
      hoisted(
        cases.flatMap((each) => each.consequent),
        false,
      ),
      () => walk.all(cases),
    );
  },
  SwitchCase(walk, { test, consequent }) {
    walk.visit(test);
    walk.statements(consequent);
  },
  CatchClause(walk, { param, body }) {
    walk.within(namesIn(param), () => {
      walk.pattern(param ?? null, false);
      walk.visit(body);
    });
  },
  ForStatement: (walk, { init, test, update, body }) => {
    walk.within(declaredBy(init), () => walk.all([init ?? null, test ?? null, update ?? null, body]));
  },
  ForInStatement: (walk, { left, right, body }) => loop(walk, left, [right, body]),
  ForOfStatement: (walk, { left, right, body }) => loop(walk, left, [right, body]),
  VariableDeclarator(walk, { id, init }) {
    walk.pattern(id, false);
    walk.visit(init);
  },
  AssignmentExpression(walk, { left, right, operator }) {
    const names = left.type === "Identifier" && /^(=|\|\|=|&&=|\?\?=)$/.test(operator) ? anonymous(right) : undefined;
    if (left.type === "Identifier")
      walk.use(left.name, { start: left.start, end: left.end, as: "name", names }, "write");
    else walk.pattern(left, true);
    walk.visit(right);
  },
  UpdateExpression(walk, { argument }) {
    if (argument.type === "Identifier")
      walk.use(argument.name, { start: argument.start, end: argument.end, as: "name" }, "write");
    else walk.visit(argument);
  },
  BinaryExpression: binary,
  LogicalExpression: binary,
  MemberExpression(walk, { object, property, computed }) {
    if (object.type === "Identifier" && !computed && property.type === "Identifier") {
      walk.use(object.name, { start: object.start, end: object.end, as: "name" }, "member", property.name);
    } else if (object.type === "Identifier") walk.visit(object);
    if (computed || property.type === "PrivateIdentifier") walk.visit(property);
  },
  CallExpression(walk, node) {
    const { callee, arguments: given } = node;
    if (callee.type === "Identifier") {
      if (callee.name === "eval") walk.evals = true;
      walk.callee(callee);
    }
    walk.all(
      handsOnUnusedThis(node)
        ? given.slice(1).filter((each) => each.type !== "Identifier" || each.name !== "arguments")
        : given,
    );
  },
  TaggedTemplateExpression(walk, { tag, quasi }) {
    if (tag.type === "Identifier") walk.callee(tag);
    walk.visit(quasi);
  },
  Property(walk, { key, value, computed, shorthand, method, kind }) {
    if (computed) walk.visit(key);
    if (shorthand && value.type === "Identifier")
      walk.use(value.name, { start: value.start, end: value.end, as: "shorthand" });
    else if ((method || kind !== "init") && value.type === "FunctionExpression")
      walk.function(value, "method", "inner");
    else walk.visit(value);
  },
  LabeledStatement: (walk, { body }) => walk.visit(body),
  BreakStatement() {},
  ContinueStatement() {},
  ExportSpecifier() {},
  ImportDeclaration() {},
};

/** `top`: the function or class itself; what it is decides who `this` and `super` belong to. */
export function variablesOf(top: AnyNode, as: "function" | "method", skip: Skip = () => false): Variables {
  const walk = new Walk(skip);
  if (top.type === "ClassExpression" || top.type === "ClassDeclaration") walk.class(top, true);
  else if (as === "method") walk.function(top as FunctionNode, "method", "top");
  else walk.function(top as FunctionNode, "function");
  const { free, lexical, usesSuper, privateNames, metas, evals } = walk;
  return { free, lexical, usesSuper, privateNames: [...privateNames], metas, evals };
}
