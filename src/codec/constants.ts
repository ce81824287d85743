// Variables whose declarations have not been reached, and names that are sure to have a value: for versions of Node that show what is not initialised yet as `undefined`.
import { eachNode, isClass, isFunction, namesIn, type AnyNode, type Program } from "./syntax.ts";

/** In the place of a value that is not there yet. */
export class NoValue {
  readonly variable: string;

  constructor(variable: string) {
    this.variable = variable;
  }
}

/** From this version on the engine throws at a look at what is not initialised. */
const TELLING_NODE = 22;
const engineTells = Number(process.versions.node.split(".")[0]) >= TELLING_NODE;

/** Names that are declared as constants with a value that is not `undefined`, wherever a script declares them. */
export function constantsOf(program: Program): ReadonlySet<string> {
  if (engineTells) return new Set();
  const sure = new Set<string>();
  const unsure = new Set<string>();
  eachNode(program, (node) => {
    sort(node, sure, unsure);
    return true;
  });
  return new Set([...sure].filter((name) => !unsure.has(name)));
}

function sort(node: AnyNode, sure: Set<string>, unsure: Set<string>): void {
  switch (node.type) {
    case "VariableDeclaration":
      for (const { id, init } of node.declarations) {
        const into = node.kind === "const" && id.type === "Identifier" && hasValue(init) ? sure : unsure;
        for (const name of namesIn(id)) into.add(name);
      }
      break;
    case "ClassDeclaration":
      // Decorators and compilers may replace it, by another class.
      if (node.id) sure.add(node.id.name);
      break;
    case "CatchClause":
      for (const name of namesIn(node.param)) unsure.add(name);
      break;
    case "ImportDeclaration":
      for (const { local } of node.specifiers) unsure.add(local.name);
      break;
    default:
      if (!isFunction(node)) break;
      if (node.id) unsure.add(node.id.name);
      for (const parameter of node.params) for (const name of namesIn(parameter)) unsure.add(name);
  }
}

/** Whether an expression cannot give `undefined`, as far as its form tells. */
function hasValue(init: AnyNode | null | undefined): boolean {
  if (!init) return false;
  if (isFunction(init) || isClass(init)) return true;
  switch (init.type) {
    case "Literal":
    case "TemplateLiteral":
    case "ArrayExpression":
    case "ObjectExpression":
    case "NewExpression":
    case "BinaryExpression":
    case "UpdateExpression":
      return true;
    case "UnaryExpression":
      return init.operator !== "void";
    case "SequenceExpression":
      return hasValue(init.expressions.at(-1));
    case "LogicalExpression":
      return hasValue(init.right) && (init.operator !== "&&" || hasValue(init.left));
    case "ConditionalExpression":
      return hasValue(init.consequent) && hasValue(init.alternate);
    case "CallExpression":
      return isMaker(init.callee);
    default:
      return false;
  }
}

/** `remote(…)` gives a handle; esbuild puts `__name(…)` around functions to keep their names. */
function isMaker(callee: AnyNode): boolean {
  if (callee.type === "Identifier") return callee.name === "remote" || callee.name === "__name";
  return (
    callee.type === "MemberExpression" && callee.property.type === "Identifier" && callee.property.name === "remote"
  );
}
