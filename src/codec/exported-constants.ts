// What a module exports as constants, as far as a look at its text tells: to parse it for that would take longer than it saves.
import type { Script } from "./scope.ts";

export type Constants = ReadonlySet<string> | "all";

/** At the beginning of a line, or after another statement as minifiers write it: what is commented out does not count. */
const constant = /(?:^|[;}])\s*export\s+const\s+([\w$]+)(?=\s*[=:])/gm;
/** An enum, as compilers write it. */
const enumeration = /\bexport\s+var\s+([\w$]+)(?:\s*;\s*|\s*=\s*(?:\/\*[^*]*\*\/\s*)?)\(?(?:function\s*)?\(\1/g;
const variable = /\bexport\s+let\s+([\w$]+)/g;

export function constantsIn({ source, isModule }: Pick<Script, "source" | "isModule">): Constants {
  // What an import takes out of a CommonJS module is a copy.
  if (!isModule) return "all";
  const names = new Set<string>();
  for (const pattern of [constant, enumeration])
    for (const [, name] of source.matchAll(pattern)) names.add(name as string);
  for (const [, name] of source.matchAll(variable)) names.delete(name as string);
  return names;
}
