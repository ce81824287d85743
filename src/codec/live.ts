// Imports whose module may give them another value at any time: code reads these from the module at each use, as an import does.
//
// A use of such a name becomes `$ray_name.export`, where `$ray_name` is the module. That moves columns and takes a place in the
// payload twice, so it is left to what can change: no functions, nothing that a module exports as a constant, no CommonJS.
import { types } from "node:util";
import { constantsIn, type Constants } from "./exported-constants.ts";
import type { In, Out } from "./graph.ts";
import { loadedModule, requestOf } from "./imports.ts";
import { ImportRef } from "./import-ref.ts";
import { bareUrl, isBuiltin } from "./modules.ts";
import { moduleSection, requestNumber, type Request } from "./module-table.ts";
import { urlOf } from "./named.ts";
import { Damaged } from "./reader.ts";
import { noteImport } from "./returns.ts";
import { canInspect, scriptsBy, variableIn } from "./scope.ts";

/** Within `inspecting`. */
export function mayChange({ request, name, interop, value }: ImportRef): boolean {
  const { how, specifier, attribute } = request;
  if (how !== "import" || name === "*" || interop !== "none" || attribute !== undefined) return false;
  // A variable that holds a function hardly ever gets another, and to look at each would be slow.
  if (typeof value === "function" || types.isModuleNamespaceObject(value) || isBuiltin(specifier)) return false;
  const url = urlOf(request);
  // By default, packages export an expression, or all of a CommonJS module.
  if (!url.startsWith("file:")) return name !== "default";
  const constants = constantsOf(bareUrl(url));
  return constants !== "all" && !constants.has(name);
}

const known = new Map<string, Constants>();
const none: Constants = new Set();

/** What a module that is loaded exports as constants, as far as a look at its text tells. */
function constantsOf(module: string): Constants {
  const found = known.get(module);
  if (found !== undefined) return found;
  if (!canInspect()) return none;
  const script = scriptsBy(bareUrl)(module);
  const constants = script === undefined ? none : constantsIn(script);
  known.set(module, constants);
  return constants;
}

/** Of a function that arrived here with such a name: the same import again. */
export function importAgain(module: unknown, name: string): ImportRef | undefined {
  const request = requestOf(module as object);
  if (request === undefined) return undefined;
  const value = variableIn({ description: "Module", object: module as Record<string, unknown> }, name);
  return new ImportRef(request, name, "none", value);
}

export function writeModule(request: Request, out: Out): void {
  out.needsModules();
  noteImport(request);
  out.to.uint(requestNumber(request, out));
}

export function readModule(from: In): object {
  const request = from.table(moduleSection)[from.from.uint()];
  const module = request === undefined ? undefined : loadedModule(request)?.value;
  if (typeof module !== "object" || module === null) throw new Damaged("imports from a module that it does not name");
  return module;
}

/** How code names an export of the module in a variable. */
export function memberText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
