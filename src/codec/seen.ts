// What this process has seen of ES modules: what the code that travels imports, and what was imported for code that arrived. A class that
// one module makes, as factories do, and another exports is found among that: where it stands says nothing of it.
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import type { AnyFunction } from "./capture.ts";
import { ImportRef } from "./import-ref.ts";
import { isBuiltin, isImportableFrom } from "./modules.ts";
import type { Request } from "./module-table.ts";
import type { ScriptInfo } from "./scripts.ts";
import { variableIn, type Scope } from "./scope.ts";

/** By what stands for the module. Modules are never let go of, so neither are these. */
const modules = new Map<object, Request>();
/** Of which all exports are below. */
const listed = new WeakSet<object>();
const exported = new WeakMap<object, ImportRef>();

/** Nothing for what stands for no ES module. */
export function noteSeen(module: unknown, request: Request): void {
  if (!isObject(module) || !types.isModuleNamespaceObject(module) || isBuiltin(request.specifier)) return;
  if (!modules.has(module)) modules.set(module, request);
}

const looked = new WeakSet<ScriptInfo>();

/** Of a script of which a function travels: what its module imports, whether that function uses it or not. */
export function noteImportsOf(script: ScriptInfo, scopes: readonly Scope[]): void {
  if (script.kind !== "module" || looked.has(script)) return;
  const module = scopes.find(({ description }) => description === "Module");
  if (module === undefined) return;
  looked.add(script);
  for (const [local, { how, specifier, name, attribute }] of script.table.imports) {
    if (how !== "import") continue;
    const request = { how, specifier, parent: script.url, attribute };
    const value = variableIn(module, local);
    if (name === "*") noteSeen(value, request);
    else noteExport(value, name, request);
  }
}

function noteExport(value: unknown, name: string, request: Request): void {
  if (typeof value === "function" && !exported.has(value))
    exported.set(value, new ImportRef(request, name, "none", value));
}

/** How a function can be had that some such module exports. */
export function seenExport(fn: AnyFunction): ImportRef | undefined {
  for (const [module, request] of modules) {
    if (listed.has(module)) continue;
    listed.add(module);
    for (const name of Object.keys(module))
      noteExport(variableIn({ description: "Module", object: module as Scope["object"] }, name), name, request);
  }
  const found = exported.get(fn);
  return found !== undefined && isImportableFrom(found.request.specifier, found.request.parent) ? found : undefined;
}
