// The variables of a function: for each free name where its value is found, and whether it is copied or found again.
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import { textOf } from "../std/text-of.ts";
import { scriptOfFunction, type Facts } from "./capture.ts";
import { NoValue } from "./constants.ts";
import { ImportRef } from "./import-ref.ts";
import { interopOf } from "./interop.ts";
import { isBuiltin, isImportable, isImportableFrom } from "./modules.ts";
import { isNodeGlobal } from "./node-globals.ts";
import { importAgain, mayChange } from "./live.ts";
import type { ImportedName } from "./script-table.ts";
import { isUninitialised, variableIn, type Scope } from "./scope.ts";
import { mayNotInspect, noSuchVariable, type Problem } from "./problem.ts";
import type { FreeName } from "./variables.ts";
import { cjsExportOf, cjsExports, cjsPartOf, namespaceRef } from "./exports.ts";
import { fileNameFor } from "./imports.ts";

/** What a module or its wrapper gives to code, and a rebuilt function gets made for it. */
export const wrapperNames = {
  require: "require",
  module: "module",
  exports: "exports",
  __filename: "__filename",
  __dirname: "__dirname",
  __vite_ssr_dynamic_import__: "import",
  __vite_ssr_import_meta__: "viteMeta",
  $rayM: "meta",
} as const;

export type Wrapper = (typeof wrapperNames)[keyof typeof wrapperNames];

export type Variable =
  /** `scope`: where it lives; others may see it there. `unexported`: its module could export it, and workers import it then. */
  | {
      readonly name: string;
      readonly by: "value";
      readonly value: unknown;
      readonly scope: number | undefined;
      readonly box?: object;
      readonly unexported?: string | undefined;
    }
  /** `live`: its module may give it another value later. */
  | {
      readonly name: string;
      readonly by: "reference";
      readonly ref: ImportRef;
      readonly value: unknown;
      readonly live?: boolean;
    }
  | { readonly name: string; readonly by: "wrapper"; readonly wrapper: Wrapper }
  /** An object that only stands for a module: of it, the properties that are used. */
  | { readonly name: string; readonly by: "parts"; readonly value: object; readonly parts: readonly string[] }
  | { readonly name: string; readonly by: "stub" };

export interface Environment {
  readonly variables: readonly Variable[];
  /** Objects of `with` around the function that may have one of its names, the outermost first. */
  readonly withs: readonly object[];
  /** From which scope on everything belongs to the script. */
  readonly moduleLevel: number;
  readonly problem: Problem | undefined;
}

export function environmentOf(facts: Facts, captures: Readonly<Record<string, unknown>> | undefined): Environment {
  const { scopes, birth } = facts;
  const moduleLevel = moduleLevelOf(facts);
  const variables: Variable[] = [];
  const unknown: string[] = [];
  const born =
    birth === undefined ? undefined : new Map(birth.get().map((value, index) => [birth.names[index] as string, value]));
  for (const [name, value] of Object.entries(captures ?? {}))
    variables.push({ name, by: "value", value, scope: undefined });
  for (const [name, free] of facts.source.variables.free) {
    if (name === "arguments" && facts.source.variables.lexical.has("arguments")) continue;
    if (captures !== undefined && Object.hasOwn(captures, name)) continue;
    const variable = born === undefined ? look(name, free, facts, moduleLevel) : ofBirth(name, born, facts);
    if (variable !== undefined) variables.push(variable);
    else if (!facts.inspected && !isGlobal(name)) unknown.push(name);
  }
  const withs =
    birth?.withs ??
    scopes
      .filter(isWith)
      .map(({ object }) => object)
      .toReversed();
  const used =
    birth !== undefined ||
    withs.some((object) => [...facts.source.variables.free.keys()].some((name) => name in object));
  variables.sort((a, b) => rank(a) - rank(b));
  const problem = unknown.length > 0 ? mayNotInspect(unknown) : problemOfCaptures(facts, captures);
  return { variables, withs: used ? withs : [], moduleLevel, problem };
}

/** A name that stands nowhere in the function; but what `eval` will ask for nobody knows. */
function problemOfCaptures({ source }: Facts, captures: Readonly<Record<string, unknown>> = {}): Problem | undefined {
  const { free, evals } = source.variables;
  const stray = evals ? undefined : Object.keys(captures).find((name) => !free.has(name));
  return stray === undefined ? undefined : noSuchVariable(stray, [...free.keys()]);
}

/** What is found again comes first, so that whatever leads to the same object finds it known; then classes, which bring their methods. */
function rank(variable: Variable): number {
  if (variable.by === "reference") return 0;
  // A module that is no module here may have classes among its parts.
  if (variable.by === "parts") return 1;
  const isClass =
    variable.by === "value" && typeof variable.value === "function" && /^class\b/.test(textOf(variable.value));
  return isClass ? 1 : 2;
}

const isWith = ({ description }: Scope): boolean => description.startsWith("With");
const isGlobalScope = ({ description }: Scope): boolean => description === "Global";

function isGlobal(name: string): boolean {
  return isNodeGlobal(name) || name in globalThis || name === "eval" || name === "arguments";
}

function ofBirth(name: string, born: ReadonlyMap<string, unknown>, { birth }: Facts): Variable | undefined {
  const wrapper = Reflect.get(wrapperNames, name) as Wrapper | undefined;
  if (wrapper !== undefined && birth?.wrappers.includes(name) === true) return { name, by: "wrapper", wrapper };
  if (!born.has(name)) return undefined;
  const value = born.get(name);
  const live = birth?.live.get(name);
  const again = live === undefined ? undefined : importAgain(value, live);
  if (again !== undefined) return { name, by: "reference", ref: again, value: again.value, live: true };
  if (birth?.boxed.has(name) !== true) return { name, by: "value", value, scope: undefined };
  const box = value as { v: unknown };
  return { name, by: "value", value: box.v, scope: undefined, box };
}

const wrapperOnly = new Set<string>([...Object.keys(wrapperNames), "jest", "__esModule"]);

/** The scope of the script's own top: what is outside of it are the parameters of a wrapper, and the globals. */
function moduleLevelOf({ scopes, script }: Facts): number {
  const shared = scopes.findIndex(({ description }) => /^(Module|Script|Global)$/.test(description));
  const end = shared < 0 ? scopes.length : shared;
  if (scopes[end]?.description === "Module") return end;
  // A script of the REPL has its variables in common with others; a revived one has none.
  if (script?.kind !== "commonjs" || end === 0) return end;
  const outermost = scopes[end - 1] as Scope;
  const wraps = end > 1 && Object.keys(outermost.object).every((name) => wrapperOnly.has(name));
  return wraps ? end - 2 : end - 1;
}

function look(name: string, free: FreeName, facts: Facts, moduleLevel: number): Variable | undefined {
  const { scopes } = facts;
  for (let index = 0; index < scopes.length; index++) {
    const scope = scopes[index] as Scope;
    if (isGlobalScope(scope)) return globalOf(name, scope, index);
    if (isWith(scope)) {
      if (name in scope.object) return undefined;
      continue;
    }
    if (!Object.hasOwn(scope.object, name)) continue;
    const value = variableIn(scope, name);
    const level = index >= moduleLevel ? "module" : "function";
    const found = level === "module" ? ofModule(name, value, free, facts) : undefined;
    if (found?.by === "reference") return isLive(found.ref, free, facts) ? { ...found, live: true } : found;
    return found ?? variable(name, value, free, index, level, facts);
  }
  return globalOf(name, { description: "Global", object: globalThis }, undefined);
}

function variable(name: string, value: unknown, free: FreeName, index: number, level: Level, facts: Facts): Variable {
  const { source, script, scopes } = facts;
  if (script?.kind === "revived" && name === "$rayM") return { name, by: "wrapper", wrapper: "meta" };
  if (isCounter(name, value, source.text)) return { name, by: "stub" };
  if (value === undefined) {
    // Older versions of Node show undefined in the place of what is not there yet; some declarations can give no such value.
    const isMissing = isUninitialised(scopes[index] as Scope, name) || script?.table.constants.has(name) === true;
    if (isMissing) return { name, by: "value", value: new NoValue(name), scope: undefined };
  }
  // Of a module whose file nobody can tell, what is used of it: the same as if it had been taken out of it by name.
  const isUnknown =
    isObject(value) && types.isModuleNamespaceObject(value) && namespaceRef(value, scriptOfFunction) === undefined;
  const parts = isUnknown ? partsOf(name, value, free) : undefined;
  const unexported = level === "module" && script !== undefined && isImportable(script.url) ? script.url : undefined;
  return parts ?? { name, by: "value", value, scope: index, unexported };
}

/** Code that `eval` may change is left as it is, and so is what an assignment would make another variable. */
function isLive(ref: ImportRef, { written }: FreeName, { source }: Facts): boolean {
  return !written && !source.variables.evals && mayChange(ref);
}

type Level = "module" | "function";

/** Coverage counters are of use only where they are read. */
function isCounter(name: string, value: unknown, text: string): boolean {
  return /^cov_[a-z0-9]+$/.test(name) && typeof value === "function" && text.includes(`${name}()`);
}

/** What the top of the script says of a name. */
function ofModule(name: string, value: unknown, free: FreeName, facts: Facts): Variable | undefined {
  const { script } = facts;
  if (script === undefined) return undefined;
  const wrapper = Object.hasOwn(wrapperNames, name) ? (Reflect.get(wrapperNames, name) as Wrapper) : undefined;
  if (wrapper !== undefined && script.kind !== "module") {
    if (wrapper === "exports" && isImportable(script.url))
      return { name, by: "reference", value, ref: cjsExports(script.url, value) };
    const parts = wrapper === "exports" || wrapper === "module" ? partsOf(name, value, free) : undefined;
    // As a whole, the exports are an object like others.
    if (parts !== undefined || wrapper === "exports") return parts;
    return { name, by: "wrapper", wrapper };
  }
  const imported = script.table.imports.get(name);
  if (imported !== undefined) return ofImport(name, value, imported, free, fileNameFor(script.url));
  if (script.kind === "plain") {
    const part = isObject(value) ? cjsPartOf(value) : undefined;
    return part === undefined ? undefined : { name, by: "reference", value, ref: part };
  }
  if (!isImportable(script.url)) return undefined;
  const exported = script.table.exports.get(name);
  if (exported !== undefined && script.kind === "module") {
    const request = { how: "import", specifier: script.url, parent: script.url, attribute: undefined } as const;
    return { name, by: "reference", value, ref: new ImportRef(request, exported, "none", value) };
  }
  const found = script.kind === "commonjs" ? cjsExportOf(value, script.url) : undefined;
  return found === undefined ? undefined : { name, by: "reference", value, ref: found };
}

function ofImport(
  name: string,
  value: unknown,
  entry: ImportedName,
  free: FreeName,
  url: string,
): Variable | undefined {
  const interop = interopOf(entry.helper, entry.helperFlag);
  if (interop !== undefined && isImportableFrom(entry.specifier, url)) {
    const { how, specifier, attribute } = entry;
    const ref = new ImportRef({ how, specifier, parent: url, attribute }, entry.name, interop, value);
    return { name, by: "reference", ref, value };
  }
  return entry.name === "*" || types.isModuleNamespaceObject(value) ? partsOf(name, value, free) : undefined;
}

function partsOf(name: string, value: unknown, { members }: FreeName): Variable | undefined {
  if (!isObject(value) || members === undefined) return undefined;
  return { name, by: "parts", value, parts: [...members] };
}

/**
 * A global of the program's own making is a variable like others: what a script without a file declares at its top by `var` and `function` is
 * one. One of Node's is there on the other side.
 */
function globalOf(name: string, { object }: Scope, scope: number | undefined): Variable | undefined {
  if (isNodeGlobal(name) || name === "eval") return undefined;
  // Code from the command line has the words of a module as globals.
  const wrapper =
    Object.hasOwn(wrapperNames, name) && name in object ? (Reflect.get(wrapperNames, name) as Wrapper) : undefined;
  if (wrapper !== undefined) return { name, by: "wrapper", wrapper };
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name);
    if (descriptor === undefined) continue;
    if ("value" in descriptor) return { name, by: "value", value: descriptor.value, scope };
    // There, modules of Node are globals too.
    return isBuiltin(name)
      ? { name, by: "value", value: process.getBuiltinModule(`node:${name}` as "node:fs"), scope: undefined }
      : undefined;
  }
  return undefined;
}
