// What is not copied but found again: intrinsics and objects of Node by their path, and what modules export.
import { SerializationError } from "../domain/errors.ts";
import { isObject } from "../std/is-object.ts";
import { textOf } from "../std/text-of.ts";
import type { AnyFunction } from "./capture.ts";
import { cjsWhole, innerOf } from "./exports.ts";
import { markOf } from "./hashes.ts";
import { ImportRef } from "./import-ref.ts";
import { loadedModule, waitsForItself } from "./imports.ts";
import { seenThrough, type Interop } from "./interop.ts";
import { at, isNative, pathOf, rarePathOf, type Path } from "./intrinsics.ts";
import type { In, NodeKind, Out, Section } from "./graph.ts";
import { isClassLike } from "./owners.ts";
import { noteBeside } from "./packages.ts";
import { isBuiltin, isOwnFile, underTestRunner } from "./modules.ts";
import { moduleSection, requestNumber, type Request } from "./module-table.ts";
import { symbolSeen, symbolsFrom, type ModuleSymbol, type Reach, type Seen } from "./module-symbols.ts";
import { isPartlyNamed, noteNamed, urlOf, valueNamed } from "./named.ts";
import { nameSymbol, symbolName } from "./primitives.ts";
import { Damaged, type Reader } from "./reader.ts";
import { noteImport } from "./returns.ts";
import type { Writer } from "./writer.ts";

const PATH_STEPS_MAX = 100;

export const intrinsicNode: NodeKind = {
  head(value, { to }) {
    const path = (pathOf(value) ?? rarePathOf(value)) as Path;
    to.uint(path.length);
    for (const step of path) to.text(step);
  },
  make({ from }) {
    const length = from.count();
    if (length > PATH_STEPS_MAX) throw new Damaged("has a path that is too long");
    const path = Array.from({ length }, () => from.text());
    const found = at(path);
    if (found === undefined) throw new Damaged(`names ${path.join(".")}, which this version of Node does not have`);
    return found;
  },
};

interface Named {
  /** Of the module, in the table of those. */
  readonly request: number;
  readonly name: string;
  readonly interop: number;
  /** The way to the symbol from there. */
  readonly seen: Seen;
}

/**
 * What the symbols are called that code imports, alone or with what it imports. Known before anything is read: properties under them may
 * come before the code.
 */
export const symbolSection: Section<Map<string, Named>, ReadonlyMap<string, Named>> = {
  number: 6,
  begin: () => new Map(),
  write(table, to) {
    to.uint(table.size);
    for (const [symbol, { request, name, interop, seen }] of table) {
      to.text(symbol);
      to.uint(request);
      to.text(name);
      to.byte(interop);
      writeNames(seen.members, to);
      to.uint(seen.scope === undefined ? 0 : seen.scope.depth + 1);
      if (seen.scope === undefined) continue;
      to.text(seen.scope.variable);
      writeNames(seen.scope.members, to);
    }
  },
  read(from) {
    const seen = (): Seen => {
      const members = readNames(from);
      const depth = from.uint() - 1;
      return { members, scope: depth < 0 ? undefined : { depth, variable: from.text(), members: readNames(from) } };
    };
    const read = (): [string, Named] => [
      from.text(),
      { request: from.uint(), name: from.text(), interop: from.byte(), seen: seen() },
    ];
    return new Map(Array.from({ length: from.count() }, read));
  },
};

function writeNames(names: readonly string[], to: Writer): void {
  to.uint(names.length);
  for (const name of names) to.text(name);
}

function readNames(from: Reader): string[] {
  return Array.from({ length: from.count() }, () => from.text());
}

function noteSymbols({ value, request, name }: ImportRef, from: Omit<Named, "seen">, out: Out): void {
  const { specifier } = request;
  if (isBuiltin(specifier) || /^ray-ts(?:\/|$)/.test(specifier) || isOwnFile(specifier)) return;
  const ofProgram = /^(?:[./#]|file:)/.test(specifier) && !specifier.includes("/node_modules/");
  const [one, all]: readonly [Reach, Reach] = ofProgram ? ["export", "module"] : ["exportOfPackage", "package"];
  note(symbolsFrom(value, name === "*" ? all : one), from, out);
  // What a function of it does not name itself, it does not see there.
  const whole = ofProgram ? cjsWhole(request) : undefined;
  note(symbolsFrom(whole, "module"), { request: from.request, name: "*", interop: interops.indexOf("none") }, out);
}

function note(symbols: readonly ModuleSymbol[], from: Omit<Named, "seen">, out: Out): void {
  for (const { symbol, ...seen } of symbols) {
    const table = out.table(symbolSection);
    const name = symbolName(symbol);
    if (!table.has(name)) table.set(name, { ...from, seen });
  }
}

/** Names that mean the symbol of a module here already: arguments of every call may name them again. */
const settled = new Set<string>();

/** Once the modules are loaded. What is missing then is told where it is read. */
export function nameSymbols(from: In): void {
  for (const [symbol, { request: number, name, interop, seen }] of from.tableIf(symbolSection) ?? []) {
    if (settled.has(symbol)) continue;
    const request = from.table(moduleSection)[number];
    const how = interops[interop];
    if (request === undefined || how === undefined) continue;
    const isLoaded = loadedModule(request) !== undefined;
    const value = isLoaded ? exportOf(request, name, how).value : valueNamed(request, name);
    const found = symbolSeen(isObject(value) ? (innerOf(value) ?? value) : value, seen);
    if (found === undefined) continue;
    nameSymbol(symbol, found);
    settled.add(symbol);
  }
}

const interops: readonly Interop[] = ["none", "default", "star", "esm", "esmNode"];

/** The value itself when it was recognised as an export, or an ImportRef in its place when only its name was. */
export const importNode: NodeKind = {
  head(value, out) {
    const ref = value instanceof ImportRef ? value : (out.memo.get(value) as ImportRef);
    // What travels as a copy stays one.
    if (value instanceof ImportRef && isObject(value.value) && !out.has(value.value)) out.standFor(value.value);
    if (!isAtHand(ref)) out.needsModules();
    noteImport(ref.request);
    noteNamed(ref);
    if (typeof ref.value === "function" && isClassLike(ref.value as AnyFunction)) noteBeside(ref, out);
    const request = requestNumber(ref.request, out);
    const interop = interops.indexOf(ref.interop);
    noteSymbols(ref, { request, name: ref.name, interop }, out);
    out.to.uint(request);
    out.to.text(ref.name);
    out.to.byte(interop);
    out.to.byte(ref.wrapped ? 1 : 0);
    out.to.text(markFor(ref));
  },
  make(from) {
    const request = from.table(moduleSection)[from.from.uint()];
    const name = from.from.text();
    const interop = interops[from.from.byte()];
    const wrapped = from.from.byte() === 1;
    const mark = from.from.text();
    if (request === undefined || interop === undefined)
      throw new Damaged("imports from a module that it does not name");
    const value = checked(exportOf(request, name, interop), { request, name, wrapped, mark });
    // It may go on, or back, from here.
    noteNamed(new ImportRef(request, name, interop, value, wrapped));
    return value;
  },
};

/** Functions are compared with what the worker finds: a file may change under its feet. */
function markFor({ value, request }: ImportRef): string {
  if (typeof value !== "function" || isNative(value) || isBuiltin(request.specifier) || underTestRunner()) return "";
  if (innerOf(value) !== undefined) return "";
  return markOf(textOf(value));
}

function exportOf(request: Request, name: string, interop: Interop): { found: boolean; value: unknown } {
  if (isAtHand({ request, name })) return ofNode(request, name, interop);
  const module = loadedModule(request);
  if (module === undefined) {
    const value = interop === "none" ? valueNamed(request, name) : undefined;
    if (value !== undefined) return { found: true, value };
    if (isPartlyNamed(request)) throw waitsForItself(request);
    throw new Damaged(`needs the module ${urlOf(request)}, which was not imported`);
  }
  const seen = seenThrough(interop, module.value);
  if (name === "*") return { found: true, value: seen };
  if (!isObject(seen)) return { found: false, value: undefined };
  return { found: name in seen, value: Reflect.get(seen, name) };
}

/** Modules of Node need no import, but for the object that stands for all their exports in an ES module. */
function isAtHand({ request, name }: { request: Request; name: string }): boolean {
  return isBuiltin(request.specifier) && (request.how === "require" || name !== "*");
}

function ofNode({ how, specifier }: Request, name: string, interop: Interop): { found: boolean; value: unknown } {
  const module: unknown = process.getBuiltinModule(specifier as "node:fs");
  if (how === "import" && name === "default") return { found: true, value: module };
  const seen = seenThrough(interop, module);
  if (name === "*") return { found: true, value: seen };
  return isObject(seen) ? { found: name in seen, value: Reflect.get(seen, name) } : { found: false, value: undefined };
}

interface Wanted {
  readonly request: Request;
  readonly name: string;
  readonly wrapped: boolean;
  readonly mark: string;
}

function checked({ found, value }: { found: boolean; value: unknown }, wanted: Wanted): unknown {
  const { wrapped, mark } = wanted;
  if (!found) throw mismatch(wanted, `has no export '${wanted.name}' on this worker`);
  const inner = wrapped && isObject(value) ? innerOf(value) : value;
  if (wrapped && typeof inner !== "function")
    throw mismatch(wanted, `exports no remote function '${wanted.name}' on this worker`);
  if (mark !== "" && (typeof inner !== "function" || markOf(textOf(inner)) !== mark)) {
    throw mismatch(wanted, `has a different '${wanted.name}' than the driver`);
  }
  return inner;
}

function mismatch({ request, name }: Wanted, what: string): SerializationError {
  const url = urlOf(request);
  const reason = `module ${url} ${what}.`;
  const hint =
    "The file changed after the worker started: restart the workers, or check the working directory of this machine. Or code has given that name another function: keep it in an object instead.";
  return new SerializationError(`${reason} ${hint}`, { path: `${url}#${name}`, reason, hint, location: "" });
}
