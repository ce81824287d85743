// Without an inspector: whether a function is an export of a module that the program imports, by the texts of the files alone.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { textOf } from "../std/text-of.ts";
import type { AnyFunction } from "./capture.ts";
import { ImportRef } from "./import-ref.ts";
import { isBuiltin, isImportable, programs } from "./modules.ts";
import { tableOf, type ScriptTable } from "./script-table.ts";
import { parsed } from "./syntax.ts";

interface FileTable {
  readonly text: string;
  readonly table: ScriptTable;
}

const tables = new Map<string, FileTable | undefined>();

function tableOfFile(url: string): FileTable | undefined {
  if (tables.has(url)) return tables.get(url);
  let found: FileTable | undefined;
  try {
    const text = readFileSync(fileURLToPath(url), "utf8");
    const program = parsed(text, "module");
    if (program !== undefined) found = { text, table: tableOf(program, true) };
  } catch {
    // A file that cannot be read exports nothing that could be found.
  }
  tables.set(url, found);
  return found;
}

/** Looks through what the program imports directly. */
export function exportOnDisk(fn: AnyFunction): ImportRef | undefined {
  const text = textOf(fn);
  for (const program of programs()) {
    const imports = tableOfFile(program)?.table.imports ?? new Map();
    for (const specifier of new Set([...imports.values()].map((entry) => entry.specifier))) {
      const url = resolve(specifier, program);
      const found = url === undefined || !isImportable(url) ? undefined : tableOfFile(url);
      const place = found?.table.functions.find(
        (each) => each.exported !== undefined && found.text.slice(each.start, each.end) === text,
      );
      if (place?.exported === undefined || url === undefined) continue;
      const request = { how: "import", specifier: url, parent: url, attribute: undefined } as const;
      return new ImportRef(request, place.exported, "none", fn, place.argument);
    }
  }
  return undefined;
}

function resolve(specifier: string, parent: string): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  try {
    if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, parent).href;
    return pathToFileURL(createRequire(parent).resolve(specifier)).href;
  } catch {
    return undefined;
  }
}
