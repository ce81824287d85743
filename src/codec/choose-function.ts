// What a function is: found again by a path or as an export, made of other values, or shipped as code.
import { textOf } from "../std/text-of.ts";
import type { AnyFunction } from "./capture.ts";
import { birthOf } from "./births.ts";
import { leadsToProxy } from "./chain.ts";
import { Member, memberOf } from "./class-members.ts";
import { classTextOf, memberKey } from "./class-text.ts";
import { cjsExportElsewhere, cjsExportOf, cjsParts } from "./exports.ts";
import { declaredPart } from "./declared.ts";
import type { Out } from "./graph.ts";
import { ImportRef } from "./import-ref.ts";
import { isNative, rarePathOf } from "./intrinsics.ts";
import { importRules, isImportable } from "./modules.ts";
import { isNodeGlobal } from "./node-globals.ts";
import { refNamed } from "./named.ts";
import { isClassLike } from "./owners.ts";
import { derivedFrom } from "./derived.ts";
import { Bound, requirerOf } from "./nodes-callable.ts";
import { chooseFacts, type Chosen } from "./nodes-function.ts";
import { exportOnDisk } from "./on-disk.ts";
import { nativeFunction, noSource, noVariables } from "./problem.ts";
import type { FunctionPlace } from "./script-table.ts";
import { scriptInfo, type ScriptInfo } from "./scripts.ts";
import { seenExport } from "./seen.ts";
import { unexportedRef, type UnexportedRef } from "./unexported.ts";
import { canInspect, inspect, variableIn, type Inspected, type Scope } from "./scope.ts";

export type FunctionKind =
  "member" | "function" | "bound" | "derived" | "require" | "intrinsic" | "import" | "unexported";

export function chooseFunction(fn: AnyFunction, out: Out): FunctionKind | undefined {
  const captures = out.current === 0 ? out.options.captures : undefined;
  return captures === undefined ? chooseAny(fn, out) : chooseGiven(fn, captures, out);
}

/** What is given explicitly wins over what a worker would find where the function stands: its code travels. */
function chooseGiven(fn: AnyFunction, captures: NonNullable<Chosen["captures"]>, out: Out): FunctionKind | undefined {
  const inspected = birthOf(fn) === undefined && canInspect() ? inspectedOf(fn, out) : undefined;
  if (isNative(fn) || (inspected !== undefined && (inspected.bound !== undefined || isOfNode(inspected)))) {
    out.fail(noVariables(Object.keys(captures)));
    return undefined;
  }
  return chooseFacts(fn, inspected, captures, out) ? "function" : undefined;
}

function chooseAny(fn: AnyFunction, out: Out): FunctionKind | undefined {
  if (out.memo.get(fn) instanceof Member) return "member";
  if (birthOf(fn) !== undefined) return chooseFacts(fn, undefined, undefined, out) ? "function" : undefined;
  const known = settledNow(fn);
  const named = known?.kind === "function" ? refNamed(fn) : undefined;
  if (named !== undefined) return byName(fn, named, out);
  if (known !== undefined) {
    out.memo.set(fn, known.noted);
    return known.kind;
  }
  const declared = declaredPart(fn);
  if (declared !== undefined) {
    out.memo.set(fn, declared);
    return "import";
  }
  const native = isNative(fn);
  if (!canInspect()) return native ? refuseNative(fn, out) : withoutInspector(fn, out);
  const inspected = inspectedOf(fn, out);
  if (inspected === undefined) return undefined;
  if (inspected.bound !== undefined) {
    out.memo.set(fn, new Bound(inspected.bound));
    return "bound";
  }
  if (native || inspected.location === undefined || isOfNode(inspected)) return ofNode(fn, inspected, out);
  const script = scriptInfo(inspected.location.scriptId);
  const standing = standingOf(fn, inspected.location, script);
  const member = standing === undefined ? undefined : memberOfExport(fn, inspected, standing);
  if (member !== undefined) {
    out.memo.set(fn, member);
    return "member";
  }
  const ref = importOf(fn, inspected, standing) ?? (standing && unexportedRef(fn, inspected, standing));
  if (ref !== undefined) {
    const kind = ref instanceof ImportRef ? "import" : "unexported";
    settled.set(fn, { rules: importRules(), kind, noted: ref });
    out.memo.set(fn, ref);
    return kind;
  }
  if (!chooseFacts(fn, inspected, undefined, out)) return undefined;
  if (isPartOfClass(fn, out)) return "member";
  settle(fn, out.memo.get(fn) as Chosen);
  return "function";
}

function byName(fn: AnyFunction, ref: ImportRef, out: Out): "import" {
  out.memo.set(fn, ref);
  return "import";
}

/** The inspector goes up the prototypes; with a Proxy among them, what its traps throw is all that it says. */
function inspectedOf(fn: AnyFunction, out: Out): Inspected | undefined {
  if (!leadsToProxy(fn, out)) return inspect(fn);
  try {
    return inspect(fn);
  } catch (error) {
    out.fail(noSource(`a Proxy among its prototypes does not let it be inspected (${String(error)})`));
    return undefined;
  }
}

/** What can be said of a function once and for all: where it is imported from, or that it needs nothing from outside. */
const settled = new WeakMap<
  AnyFunction,
  {
    readonly rules: number;
    readonly kind: "import" | "unexported" | "function";
    readonly noted: ImportRef | UnexportedRef | Chosen;
  }
>();

function settledNow(fn: AnyFunction): ReturnType<typeof settled.get> {
  const known = settled.get(fn);
  return known?.rules === importRules() ? known : undefined;
}

/** Instances of classes make the same classes travel again and again; most of these look at no variable. */
function settle(fn: AnyFunction, { facts }: Chosen): void {
  const { source, scopes, privates, place } = facts;
  const isOwn = ({ description }: Scope): boolean => description !== "Global";
  const looksOut = [...source.variables.free.keys()].some(
    (name) => !isNodeGlobal(name) || scopes.some((scope) => isOwn(scope) && Object.hasOwn(scope.object, name)),
  );
  // The name of a declaration may come to mean another function.
  const mayChange = source.form === "function" && place?.isDeclaration === true;
  const isWithin = scopes.some(({ description }) => description.startsWith("With"));
  if (looksOut || mayChange || isWithin || privates.size > 0) return;
  // Scopes would keep all their values alive, and have nothing to say.
  settled.set(fn, {
    rules: importRules(),
    kind: "function",
    noted: { facts: { ...facts, scopes: [] }, captures: undefined },
  });
}

/**
 * A method that was replaced in its class, as decorators do, and that uses private names: it can only live inside of the class,
 * which makes it anew before it is replaced there too.
 */
function isPartOfClass(fn: AnyFunction, out: Out): boolean {
  const { facts } = out.memo.get(fn) as Chosen;
  const { source, place, script } = facts;
  if (source.variables.privateNames.length === 0 || source.key?.name === undefined || place === undefined) return false;
  const around = script?.table.functions[place.parent];
  const owners = [...out.memo].filter(
    ([, each]) => isChosen(each) && each.facts.place === around && each.facts.script === script,
  );
  const [owner] = owners;
  if (owner === undefined || owners.length > 1) return false;
  const [cls, chosen] = owner as [AnyFunction, Chosen];
  const { name, kind } = source.key;
  const { members } = classTextOf(chosen.facts.source);
  const isStatic = [false, true].find((each) => members.get(memberKey(each, name, kind)) === source.text);
  if (isStatic === undefined) return false;
  out.memo.set(fn, new Member(cls, isStatic, name, kind === "method" ? "value" : kind));
  return true;
}

function isChosen(value: unknown): value is Chosen {
  return typeof value === "object" && value !== null && "facts" in value;
}

function refuseNative(fn: AnyFunction, out: Out): "intrinsic" | undefined {
  if (rarePathOf(fn) !== undefined) return "intrinsic";
  out.fail(nativeFunction(fn.name));
  return undefined;
}

function isOfNode({ location }: Inspected): boolean {
  return location === undefined || scriptInfo(location.scriptId)?.kind === "node";
}

/** Code of the engine and of Node never travels. */
function ofNode(fn: AnyFunction, { scopes }: Inspected, out: Out): FunctionKind | undefined {
  if (rarePathOf(fn) !== undefined) return "intrinsic";
  const requirer = requirerOf(fn);
  if (requirer !== undefined) {
    out.memo.set(fn, requirer);
    return "require";
  }
  const derived = derivedFrom(scopes);
  if (derived !== undefined) {
    out.memo.set(fn, derived);
    return "derived";
  }
  out.fail(nativeFunction(fn.name));
  return undefined;
}

/** A module that a worker can import, and where in it a function stands. */
interface Standing {
  readonly script: ScriptInfo;
  readonly place: FunctionPlace | undefined;
}

function standingOf(
  fn: AnyFunction,
  location: NonNullable<Inspected["location"]>,
  script: ScriptInfo | undefined,
): Standing | undefined {
  if (script === undefined || !isImportable(script.url)) return undefined;
  return { script, place: script.placeOf(textOf(fn), script.offsetOf(location)) };
}

/** How whoever gets it imports it: by where it stands, by a name that somebody else has for it, or from another module that exports it. */
function importOf(fn: AnyFunction, inspected: Inspected, standing: Standing | undefined): ImportRef | undefined {
  return (
    (standing && referenceTo(fn, inspected, standing)) ??
    refNamed(fn) ??
    (standing && exportElsewhere(fn, standing.script))
  );
}

/** A class that is made in one module, as factories do, and exported by another. */
function exportElsewhere(fn: AnyFunction, { url }: ScriptInfo): ImportRef | undefined {
  return isClassLike(fn) ? (cjsExportElsewhere(fn, url) ?? seenExport(fn)) : undefined;
}

/** What such a module exports: the function itself, or a remote function made of it. */
function referenceTo(fn: AnyFunction, { scopes }: Inspected, { script, place }: Standing): ImportRef | undefined {
  if (script.kind === "commonjs") return cjsExportOf(fn, script.url);
  if (script.kind !== "module") return undefined;
  const name = script.isLarge ? exportByValue(fn, scopes, script) : place?.exported;
  if (name === undefined) return undefined;
  const request = { how: "import", specifier: script.url, parent: script.url, attribute: undefined } as const;
  return new ImportRef(request, name, "none", fn, place?.argument);
}

/** Of a module too large to know what stands where. */
function exportByValue(fn: AnyFunction, scopes: readonly Scope[], { table }: ScriptInfo): string | undefined {
  const module = scopes.find(({ description }) => description === "Module");
  if (module === undefined) return undefined;
  for (const [local, name] of table.exports) if (variableIn(module, local) === fn) return name;
  return undefined;
}

/** Whether whoever gets it imports it. */
export function isImported(fn: AnyFunction): boolean {
  return importNameOf(fn) !== undefined;
}

/** By which name whoever gets it imports it, where he does. */
function importNameOf(fn: AnyFunction): string | undefined {
  if (birthOf(fn) !== undefined || isNative(fn) || !canInspect()) return undefined;
  const noted = settledNow(fn)?.noted;
  if (noted !== undefined) return noted instanceof ImportRef ? noted.name : undefined;
  const inspected = inspect(fn);
  const { location } = inspected;
  const standing = location && standingOf(fn, location, scriptInfo(location.scriptId));
  return importOf(fn, inspected, standing)?.name;
}

/** For errors, of which the same may be thrown again and again. */
const classNames = new WeakMap<AnyFunction, string>();

/** What users call a class: what its module exports it as, for minifiers have changed its own name. */
export function classNameOf(cls: AnyFunction): string {
  let known = classNames.get(cls);
  if (known === undefined) {
    const name = importNameOf(cls);
    known = name === undefined || name === "default" || name === "*" ? cls.name : name;
    classNames.set(cls, known);
  }
  return known;
}

/** A method of a class that its module exports: found in the class, by its name. */
function memberOfExport(fn: AnyFunction, { scopes }: Inspected, { script, place }: Standing): Member | undefined {
  const around = script.table.functions[place?.parent ?? -1];
  if (around?.isClass !== true) return undefined;
  if (script.kind === "commonjs") return firstOf(cjsParts(script.url), ({ value }) => memberOf(fn, value));
  const scope = scopes.find(({ object }) => Object.hasOwn(object, around.name));
  const cls = scope === undefined ? undefined : variableIn(scope, around.name);
  const isExported = around.exported !== undefined && !around.argument;
  return isExported && typeof cls === "function" ? memberOf(fn, cls as AnyFunction) : undefined;
}

function firstOf<T, R>(list: readonly T[], look: (item: T) => R | undefined): R | undefined {
  for (const item of list) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function withoutInspector(fn: AnyFunction, out: Out): FunctionKind | undefined {
  const ref = exportOnDisk(fn);
  if (ref === undefined) return chooseFacts(fn, undefined, undefined, out) ? "function" : undefined;
  out.memo.set(fn, ref);
  return "import";
}
