// The variable or property that a call gives its result to, from the source before the call.

const keywords = new Set([
  "return",
  "await",
  "default",
  "case",
  "export",
  "yield",
  "typeof",
  "void",
  "new",
  "else",
  "do",
  "in",
  "of",
]);

/** `before`: source up to the name of the function that is called, or to the object that it is a member of. */
export function declaredName(before: string): string | undefined {
  // `ray.` of `ray.remote(`, and `await` of nobody knows whom.
  const target = before.replace(/(?:[\w$]+\s*\.\s*)*$/, "").trimEnd();
  const patterns = [
    // `const parse: RemoteFunction<(text: string) => unknown> =`, but not what begins the next line
    /^[^]*(?:const|let|var|readonly|static)\s+#?([\w$]+)\s*[?!]?\s*:(?:(?!\n\s*[\w$.#]+\s*=$)(?:[^;=]|=>))*=$/,
    // `a = 1, parse: Work =`, `parse: Work =` in a class
    /(?:^|[^\w$])#?([\w$]+)\s*[?!]?\s*:\s*[\w$]+(?:\s*[.|&]\s*[\w$]+)*\s*=$/,
    // `parse =`, `this.parse =`, `exports.parse =`
    /(?:^|[^\w$])#?([\w$]+)\s*=$/,
    // `{ parse:`, but not `a ? b :`
    /(?:[{,]|^)\s*["']?([\w$]+)["']?\s*:$/,
  ];
  for (const pattern of patterns) {
    const name = pattern.exec(target)?.[1];
    if (name !== undefined && !keywords.has(name) && !/^\d/.test(name)) return name;
  }
  return undefined;
}

const opening = "([{";
const closing = ")]}";

/** `after`: source from the name of the function that is called. `remote(fn).remote(1)`: what is declared is what the call gives. */
export function isCalledAtOnce(after: string): boolean {
  for (let rest = afterCall(after); rest !== undefined; rest = afterCall(rest)) {
    const member = /^\s*\.\s*(\w+)/.exec(rest)?.[1];
    if (member === "remote" || member === "local") return true;
    if (member !== "options") return false;
  }
  return false;
}

/** What comes behind the first pair of parentheses; where they do not match, as far as one can see without parsing, nothing. */
function afterCall(text: string): string | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(
    /\/\/.*|\/\*[^]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[()[\]{}]/g,
  )) {
    if (opening.includes(token)) depth += 1;
    else if (closing.includes(token) && --depth <= 0) return text.slice(index + 1);
  }
  return undefined;
}
