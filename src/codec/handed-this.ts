// Async code that compilers have lowered: whether the `this` that they hand on is used.
import { childrenOf, isFunction, type AnyNode } from "./syntax.ts";

/** TypeScript and SWC wrap async code and hand `this` on, whether the code uses it or not. */
export function handsOnUnusedThis(node: Extract<AnyNode, { type: "CallExpression" }>): boolean {
  const { callee, arguments: given } = node;
  const name =
    callee.type === "Identifier"
      ? callee.name
      : callee.type === "MemberExpression" && callee.property.type === "Identifier"
        ? callee.property.name
        : "";
  if (name === "__awaiter" || name === "__asyncGenerator") {
    const body = given.at(name === "__awaiter" ? 3 : 2);
    return given[0]?.type === "ThisExpression" && body?.type === "FunctionExpression" && !usesOwnThis(body.body);
  }
  if (name !== "apply" && name !== "call") return false;
  const wrapped =
    callee.type === "MemberExpression" && callee.object.type === "CallExpression" ? callee.object : undefined;
  const [body] = wrapped?.arguments ?? [];
  const isAsync = wrapped?.callee.type === "Identifier" && /async_?to_?generator/i.test(wrapped.callee.name);
  return (
    isAsync && given[0]?.type === "ThisExpression" && body?.type === "FunctionExpression" && !usesOwnThis(body.body)
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
