// A class that its module keeps to itself. Elsewhere it is found in the scopes of a function that the module exports: what the module
// there asks of instances (`instanceof`, marks of its own inside of them) holds for those that arrive. Whatever travels only with a copy
// of its code is still copied.
import { types } from "node:util";
import { SerializationError } from "../domain/errors.ts";
import { isObject } from "../std/is-object.ts";
import { textOf } from "../std/text-of.ts";
import { birthOf } from "./births.ts";
import type { AnyFunction } from "./capture.ts";
import { cjsParts, partFrom, type Part } from "./exports.ts";
import type { NodeKind, Out } from "./graph.ts";
import { markOf } from "./hashes.ts";
import { ImportRef } from "./import-ref.ts";
import { refNamed, urlOf } from "./named.ts";
import { underTestRunner } from "./modules.ts";
import { noteBeside } from "./packages.ts";
import { isUnique } from "./primitives.ts";
import { isNative } from "./intrinsics.ts";
import { classChain, isClassLike, noteOwner } from "./owners.ts";
import { Damaged } from "./reader.ts";
import type { FunctionPlace } from "./script-table.ts";
import type { ScriptInfo } from "./scripts.ts";
import { canInspect, inspect, inspecting, variableIn, type Inspected, type Scope } from "./scope.ts";

/** The class is what `variable` means to the export. */
export class UnexportedRef {
  readonly via: ImportRef;
  readonly variable: string;

  constructor(via: ImportRef, variable: string) {
    this.via = via;
    this.variable = variable;
  }
}

/** Exports that see the same scopes stand close together: so many are asked. */
const EXPORTS_MAX = 64;

/** Undefined once is undefined for ever: a class is not copied at one time and found at another. */
const known = new WeakMap<AnyFunction, UnexportedRef | ImportRef | "copied">();

/** Of a class that stands in a module which workers can import, as it was made there. Within `inspecting`. */
export function unexportedRef(
  fn: AnyFunction,
  inspected: Inspected,
  standing: { readonly script: ScriptInfo; readonly place: FunctionPlace | undefined },
): UnexportedRef | ImportRef | undefined {
  let ref = known.get(fn);
  if (ref === undefined) {
    ref = findRef(fn, inspected, standing) ?? "copied";
    known.set(fn, ref);
  }
  return ref === "copied" ? undefined : ref;
}

function findRef(
  fn: AnyFunction,
  { location, scopes }: Inspected,
  { script, place }: { readonly script: ScriptInfo; readonly place: FunctionPlace | undefined },
): UnexportedRef | ImportRef | undefined {
  if (place === undefined || location === undefined || underTestRunner() || !isClassLike(fn)) return undefined;
  const chain = chainOf(fn, location.scriptId);
  const members = chain.flatMap(membersOf).filter((each) => !chain.includes(each));
  // What somebody else has added to it is nowhere in its module.
  if (members.some((each) => !isNative(each) && !standsIn(location.scriptId, inspect(each)))) return undefined;
  const isOurs = !script.url.includes("/node_modules/");
  if (isOurs && (!place.isDeclaration || chain.some(hasState))) return undefined;
  if (needsCopy(chain, members, { script, scopes, isOurs })) return undefined;
  const home = homeOf(place, script);
  const parts = partsOf(script, scopes);
  const refTo = ({ name, value, wrapped }: Part): ImportRef => {
    const how = script.kind === "module" ? "import" : "require";
    const request = { how, specifier: script.url, parent: script.url, attribute: undefined } as const;
    return new ImportRef(request, name, "none", value, wrapped);
  };
  for (const part of parts.slice(0, EXPORTS_MAX)) {
    const { value } = part;
    if (value === fn || isNative(value) || types.isProxy(value) || birthOf(value) !== undefined) continue;
    const seen = inspect(value);
    if (!standsIn(location.scriptId, seen) || !isWithin(home, placeOf(value, seen, script), script)) continue;
    const variable = variableOf(fn, seen.scopes);
    if (variable !== undefined) return new UnexportedRef(refTo(part), variable);
  }
  // Nothing else is exported, and it is what a variable means that another name was made for.
  const itself = parts.find(({ value }) => value === fn);
  return itself && refTo(itself);
}

/** Its methods and accessors, static ones too. */
function membersOf(fn: AnyFunction): AnyFunction[] {
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  const owners = isObject(prototype) && !types.isProxy(prototype) ? [fn, prototype] : [fn];
  const members = owners.flatMap((owner) =>
    Object.values(Object.getOwnPropertyDescriptors(owner)).flatMap(({ value, get, set }) => [
      value as unknown,
      get,
      set,
    ]),
  );
  return members.filter((each) => typeof each === "function" && each !== fn && !types.isProxy(each)) as AnyFunction[];
}

function standsIn(scriptId: string, { location }: Inspected): boolean {
  return location?.scriptId === scriptId;
}

/** The class, and those of the same script that it extends. */
function chainOf(fn: AnyFunction, scriptId: string): AnyFunction[] {
  const all = classChain(fn);
  const end = all.findIndex((cls) => birthOf(cls) !== undefined || !standsIn(scriptId, inspect(cls)));
  return end < 0 ? all : all.slice(0, end);
}

/** Static properties that a program may have changed. */
function hasState(cls: AnyFunction): boolean {
  return Object.entries(Object.getOwnPropertyDescriptors(cls)).some(
    ([key, { value, get, set }]) =>
      key !== "prototype" && key !== "name" && key !== "length" && ![value as unknown, get, set].some(isFunction),
  );
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

const identifiers = /(?<![\p{ID_Continue}$.])[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;

/**
 * Whether the class is only right with what its own module holds: what is filed in a WeakMap or under a symbol travels only with a
 * copy of the code. So does all that a module of the program's own may have changed, while a package keeps to itself what it keeps.
 */
function needsCopy(
  chain: readonly AnyFunction[],
  members: readonly AnyFunction[],
  {
    script,
    scopes,
    isOurs,
  }: { readonly script: ScriptInfo; readonly scopes: readonly Scope[]; readonly isOurs: boolean },
): boolean {
  const { imports, exports } = script.table;
  const texts = [...chain, ...members].map((each) => textOf(each));
  const mentioned = new Set(texts.flatMap((text) => text.match(identifiers) ?? []));
  return scopes.some((scope) => {
    if (scope.description === "Global") return false;
    return Object.keys(scope.object).some((name) => {
      if (!mentioned.has(name)) return false;
      const value = variableIn(scope, name);
      if (types.isWeakMap(value) || types.isWeakSet(value) || (typeof value === "symbol" && isUnique(value)))
        return true;
      // Esbuild keeps the names of functions by one of its own.
      const isFound = imports.has(name) || name === "__name" || (isFunction(value) && exports.has(name));
      return isOurs && !isFound && !chain.includes(value as AnyFunction);
    });
  });
}

/** The function in which the class is made, or the module: what is called where it stands runs once, with what is around it. */
function homeOf(place: FunctionPlace, { table }: ScriptInfo): number {
  let home = place.parent;
  for (let at = table.functions[home]; at?.called === true; at = table.functions[home]) home = at.parent;
  return home;
}

function placeOf(fn: AnyFunction, { location }: Inspected, script: ScriptInfo): FunctionPlace | undefined {
  return location && script.placeOf(textOf(fn), script.offsetOf(location));
}

function isWithin(home: number, place: FunctionPlace | undefined, { table }: ScriptInfo): boolean {
  for (let at = place; at !== undefined; at = table.functions[at.parent]) if (at.parent === home) return true;
  return false;
}

/** The functions that a module exports, as far as they stand in it, or in remote functions made of them. */
function partsOf(script: ScriptInfo, scopes: readonly Scope[]): Part[] {
  if (script.kind === "commonjs") return cjsParts(script.url);
  const module = scopes.find(({ description }) => description === "Module");
  if (script.kind !== "module" || module === undefined) return [];
  return Array.from(script.table.exports).flatMap(([local, name]) => partFrom(name, variableIn(module, local)));
}

function variableOf(fn: AnyFunction, scopes: readonly Scope[]): string | undefined {
  for (const scope of scopes) {
    if (scope.description === "Global") continue;
    const name = Object.keys(scope.object).find((each) => variableIn(scope, each) === fn);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The classes that were looked for, by export, then by variable and text. */
const found = new WeakMap<object, Map<string, AnyFunction>>();

export const unexportedNode: NodeKind = {
  head(value, out) {
    const { via, variable } = out.memo.get(value) as UnexportedRef;
    noteBeside(via, out);
    out.shell(isObject(via.value) && isReferred(via.value, out) ? via.value : via, { text: " -> its module" });
    out.to.text(variable);
    out.to.text(markOf(textOf(value)));
  },
  make(from) {
    const via = from.shell();
    const variable = from.from.text();
    const mark = from.from.text();
    if (typeof via !== "function") throw new Damaged("looks for a class in what is no function");
    const classes = found.get(via) ?? new Map<string, AnyFunction>();
    found.set(via, classes);
    const key = `${mark} ${variable}`;
    const cls = classes.get(key) ?? lookFor(via as AnyFunction, variable, mark);
    classes.set(key, cls);
    return cls;
  },
};

/** Not a copy of what the module exports: it sees the variables that it uses, and no others of the module. */
function isReferred(value: object, out: Out): boolean {
  if (!out.has(value)) return false;
  const noted = out.memo.get(value);
  return noted === undefined || noted instanceof ImportRef || noted instanceof UnexportedRef;
}

function lookFor(via: AnyFunction, variable: string, mark: string): AnyFunction {
  const scopes = canInspect() ? inspecting(() => inspect(via).scopes) : [];
  const scope = scopes.find(({ object }) => Object.hasOwn(object, variable));
  const value = scope && variableIn(scope, variable);
  if (typeof value !== "function" || markOf(textOf(value)) !== mark) throw different(via, variable);
  noteOwner(value as AnyFunction);
  return value as AnyFunction;
}

function different(via: AnyFunction, variable: string): SerializationError {
  const ref = refNamed(via);
  const url = ref === undefined ? "" : urlOf(ref.request);
  const reason = `module ${url} has a different class '${variable}', which it does not export, than the sender.`;
  const hint = `The file changed after the worker started: restart the workers. Or it depends on where it runs: export the class.`;
  return new SerializationError(`${reason} ${hint}`, { path: `${url}#${variable}`, reason, hint, location: "" });
}
