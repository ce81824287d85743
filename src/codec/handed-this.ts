// Async code that compilers have lowered: whether the `this` that they hand on is used.
import { childrenOf, isFunction, type AnyNode } from "./syntax.ts";

/**
 * Compilers wrap async code and hand `this` on, whether the code uses it or not. They are known by the shape of the call: minifiers give
 * the wrapper another name.
 */
export function handsOnUnusedThis(node: Extract<AnyNode, { type: "CallExpression" }>): boolean {
  const { callee, arguments: given } = node;
  if (given[0]?.type !== "ThisExpression") return false;
  const [last, ...between] = given.slice(1).toReversed();
  // TypeScript and esbuild: `wrap(this, void 0, void 0, function* () {…})`, `wrap(this, arguments, function* () {…})`.
  if (between.length > 0 && between.every(isNothing)) return isWrapped(last);
  // SWC and Babel: `wrap(function* () {…}).call(this)`, `wrap(…).apply(this, arguments)`.
  const isHanded =
    callee.type === "MemberExpression" &&
    callee.property.type === "Identifier" &&
    /^(apply|call)$/.test(callee.property.name);
  const wrapper = isHanded && callee.object.type === "CallExpression" ? callee.object.arguments : [];
  return wrapper.length === 1 && isWrapped(wrapper[0]);
}

/** A generator that needs no `this`. */
function isWrapped(node: AnyNode | undefined): boolean {
  return node?.type === "FunctionExpression" && node.generator && !usesOwnThis(node.body);
}

/** What stands between `this` and the generator: the arguments of the function around, or the lack of something. */
function isNothing(node: AnyNode): boolean {
  if (node.type === "Identifier") return node.name === "arguments";
  return (
    (node.type === "UnaryExpression" && node.operator === "void") || (node.type === "Literal" && node.value === null)
  );
}

function usesOwnThis(node: AnyNode): boolean {
  if (node.type === "ThisExpression" || (node.type === "Identifier" && node.name === "arguments")) return true;
  if (isFunction(node) && node.type !== "ArrowFunctionExpression") return false;
  const children = childrenOf(node);
  if (node.type === "CallExpression" && handsOnUnusedThis(node))
    return children.some((each) => each.type !== "ThisExpression" && usesOwnThis(each));
  return children.some(usesOwnThis);
}
