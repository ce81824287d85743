// The text of a function, whatever a program has put in the place of `Function.prototype.toString`.
import { runInNewContext } from "node:vm";

type ToText = (this: object) => string;

const { apply } = Reflect;
const marked = (): string => "ray-ts reads its own text";

/** Who came before this module may have replaced it as well. Most replacements tell the truth of what they know nothing about. */
function isHonest(toText: ToText): boolean {
  try {
    return apply(toText, marked, []).includes(marked());
  } catch {
    return false;
  }
}

const here: ToText = Function.prototype.toString;
const toText = isHonest(here) ? here : (runInNewContext("Function.prototype.toString") as ToText);

export function textOf(fn: object): string {
  return apply(toText, fn, []);
}
