// Exports that nobody imports, and files that nobody reaches. What only its own test uses is unused too.
import { entries } from "./house.ts";
import type { Export, Finding, Source } from "./source.ts";

const judged = /^(src|tools)\//;

export function checkUnused(sources: readonly Source[]): Finding[] {
  const users = usersOf(sources);
  const findings: Finding[] = [];
  for (const source of sources) {
    const { file, isTest, exports } = source;
    if (!judged.test(file) || isTest || entries.includes(file)) continue;
    const used = users.get(file);
    if (used === undefined) {
      // A program of its own in tools/ exports nothing.
      if (file.startsWith("tools/") && exports.length === 0) continue;
      findings.push({
        rule: "unused-file",
        file,
        line: 1,
        what: "nobody imports this file",
        instead: "import it, or delete it",
      });
      continue;
    }
    for (const one of exports) {
      if (one.name === "*" || used.has("*") || used.has(one.name) || isUsedInside(source, one)) continue;
      const instead = "no export, or delete it";
      findings.push({
        rule: "unused-export",
        file,
        line: one.line,
        what: `nobody imports ${one.name}`,
        instead,
        name: one.name,
      });
    }
  }
  return findings;
}

/** File → names that others import from it. */
function usersOf(sources: readonly Source[]): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  for (const { file: importer, isTest, imports } of sources) {
    for (const { file, names } of imports) {
      if (file === undefined || (isTest && judged.test(importer))) continue;
      let used = users.get(file);
      if (used === undefined) users.set(file, (used = new Set()));
      for (const name of names) used.add(name);
    }
  }
  return users;
}

/** A type may be exported because an exported function of the same file speaks of it. */
function isUsedInside({ text }: Source, { isType, local, name }: Export): boolean {
  if (!isType) return false;
  return text.split(new RegExp(`\\b${(local ?? name).replaceAll("$", "\\$")}\\b`)).length > 2;
}
