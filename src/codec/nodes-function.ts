// Functions and classes by value: code in the table at the end, and here the values of their variables and their properties.
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import { factsOf, placeFor, type AnyFunction, type Facts } from "./capture.ts";
import { noteContexts, WriteAgain, type Cell, type CellUse } from "./cells.ts";
import { keysOfClass, naturalMember, noteMembers, noteOriginals, readMissing, writeMissing } from "./class-members.ts";
import { boxOfClass, classes, setAgain } from "./class-state.ts";
import { classTextOf } from "./class-text.ts";
import { environmentOf, type Environment, type Variable } from "./environment.ts";
import { functionSection, importsLater, type Slot } from "./function-table.ts";
import type { In, NodeKind, Out, Travels } from "./graph.ts";
import { findHome } from "./homes.ts";
import { ImportRef } from "./import-ref.ts";
import { pathOf } from "./intrinsics.ts";
import { kindOf } from "./kinds.ts";
import { readModule, writeModule } from "./live.ts";
import { isBuiltin } from "./modules.ts";
import { readExtras, writeExtras } from "./nodes-object.ts";
import { hasTouchedPrototype, noteOwner } from "./owners.ts";
import { readParts, writeParts } from "./parts.ts";
import { ambiguousCells, lexical, lostKey, privateName } from "./problem.ts";
import { Damaged } from "./reader.ts";
import { revive, type Revived } from "./revive.ts";
import { classAround } from "./scripts.ts";
import { noteImportsOf } from "./seen.ts";
import { UnexportedRef } from "./unexported.ts";
import { contextsOf, type Inspected } from "./scope.ts";

interface Carry {
  readonly facts: Facts;
  readonly environment: Environment;
  readonly slots: readonly Slot[];
  readonly cid: string | undefined;
}

/** What `choose` found out about a function. */
export interface Chosen {
  readonly facts: Facts;
  readonly captures: Given;
}

type Given = Out["options"]["captures"];

export function chooseFacts(fn: AnyFunction, inspected: Inspected | undefined, captures: Given, out: Out): boolean {
  const facts = factsOf(fn, inspected);
  if ("reason" in facts) {
    out.fail(facts);
    return false;
  }
  if (facts.script !== undefined) noteImportsOf(facts.script, facts.scopes);
  out.memo.set(fn, { facts, captures } satisfies Chosen);
  return true;
}

/** Gives one function to several values that name it differently only by accident. */
function nameOf(fn: AnyFunction): string | undefined {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, "name")?.value;
  return typeof name === "string" ? name : undefined;
}

function isClassLike(fn: AnyFunction, { source }: Facts): boolean {
  if (source.form === "class") return true;
  return source.form === "function" && hasTouchedPrototype(fn);
}

export const functionNode: NodeKind<AnyFunction, Carry | undefined> = {
  head(fn, out) {
    const { facts, captures } = out.memo.get(fn) as Chosen;
    const name = nameOf(fn) ?? "";
    out.place(placeFor(name, facts));
    if (!mayLeave(facts, out)) return undefined;
    const environment = environmentOf(facts, captures);
    if (environment.problem !== undefined) {
      out.fail(environment.problem);
      return undefined;
    }
    const cid = isClassLike(fn, facts) ? classes.nameOf(fn) : undefined;
    const slots = slotsOf(fn, facts, environment, cid, out);
    writeHead(fn, facts, environment, slots, cid, out);
    return { facts, environment, slots, cid };
  },
  body(fn, out, carry) {
    if (carry !== undefined) writeBody(fn, carry, out);
  },
  make: makeFunction,
  fill: fillFunction,
};

/** What an arrow function or a part of a class cannot do without its surroundings. */
function mayLeave({ source, place, script, privates }: Facts, out: Out): boolean {
  const { variables, form } = source;
  const enclosing = place?.enclosing ?? "it was made in";
  if (form === "arrow") {
    // The `this` of a module, and of code without a function around it, is the same everywhere.
    const harmless = place?.atTop === true && (script?.kind === "module" || script?.kind === "plain");
    if (variables.lexical.has("super")) return refuse(out, lexical("super", enclosing));
    if (variables.lexical.has("new.target")) return refuse(out, lexical("new.target", enclosing));
    if (variables.lexical.has("this") && !harmless) return refuse(out, lexical("this", enclosing));
  }
  // Those that a class bears itself go along with it.
  const foreign =
    form === "class" ? variables.privateNames.filter((name) => !privates.has(name)) : variables.privateNames;
  if (foreign.length > 0) return refuse(out, privateName(foreign, classAround(script, place)));
  return true;
}

function refuse(out: Out, problem: Parameters<Out["fail"]>[0]): false {
  out.fail(problem);
  return false;
}

function slotsOf(fn: AnyFunction, facts: Facts, environment: Environment, cid: string | undefined, out: Out): Slot[] {
  const { cells } = out.table(functionSection);
  const literal = `${facts.url}:${facts.line}:${facts.column}`;
  const inside = facts.scopes.findIndex(({ description }) => description.startsWith("With"));
  return environment.variables.flatMap((variable): Slot[] => {
    if (variable.by === "wrapper" || variable.by === "stub") return [];
    const { name } = variable;
    const isInner =
      environment.withs.length > 0 &&
      variable.by === "value" &&
      variable.scope !== undefined &&
      variable.scope < inside;
    let cell: Cell | undefined;
    if (variable.by === "value" && variable.box !== undefined) cell = cells.inBox(variable.box, name);
    else if (variable.by === "value" && variable.scope !== undefined) {
      cell = cells.inScope(fn, facts, variable.scope, environment.moduleLevel, name);
    }
    const writes = facts.source.variables.free.get(name)?.written === true;
    const use: CellUse = { fn, name: nameOf(fn) ?? "", writes, cid, literal };
    // Code that `eval` may change is left as it is.
    if (facts.source.variables.evals) cell = undefined;
    cell?.uses.push(use);
    const live = variable.by === "reference" && variable.live === true ? variable.ref.name : undefined;
    return [{ name, cell, isParts: variable.by === "parts", isInner, live }];
  });
}

function writeHead(
  fn: AnyFunction,
  facts: Facts,
  environment: Environment,
  slots: readonly Slot[],
  cid: string | undefined,
  out: Out,
): void {
  const { to } = out;
  const table = out.table(functionSection);
  const args = argumentsOf(facts);
  const wrappers = environment.variables.filter(({ by }) => by === "wrapper" || by === "stub").map(({ name }) => name);
  to.uint(table.met.push({ facts, givenName: nameOf(fn), wrappers, slots, usesArguments: args !== undefined }) - 1);
  out.weigh(facts.source.text.length);
  if (importsLater(facts.source.text)) out.needsModules();
  if (table.met.length === 1) out.atEnd(() => checkCells(out));
  to.text(cid ?? "");
  const keys = facts.source.form === "class" ? keysOfClass(fn, facts) : [];
  const lost = keys.find(({ key }) => key === undefined);
  if (lost !== undefined) out.fail(lostKey(facts.source.ownName ?? nameOf(fn) ?? "", lost.text));
  to.uint(keys.length);
  for (const { key } of keys) out.value(key, { text: "<key>" });
  to.byte(facts.source.form === "class" && extendsNull(fn) ? 1 : 0);
  to.uint(environment.withs.length);
  for (const object of environment.withs) out.shell(object, { text: "<with>" });
  to.uint(args?.length ?? 0);
}

/** Scopes that values cannot tell apart are told apart by their contexts; if that is impossible, nobody guesses. */
function checkCells(out: Out): void {
  const { cells } = out.table(functionSection);
  const doubtful = cells.doubtful();
  if (doubtful.length === 0) return;
  const functions = [...new Set(doubtful.flatMap(({ uses }) => uses.map(({ fn }) => fn)))];
  if (contextsKnown(functions, contextsOf(functions))) throw new WriteAgain();
  const [{ uses, variable }] = doubtful as [Cell, ...Cell[]];
  out.fail(ambiguousCells([...new Set(uses.map(({ name }) => name))], variable), out.numberOf(uses[0]?.fn ?? out));
}

function contextsKnown(functions: readonly object[], chains: readonly (readonly number[])[] | undefined): boolean {
  if (chains === undefined || chains.some((chain) => chain.length === 0)) return false;
  for (const [index, fn] of functions.entries()) noteContexts(fn, chains[index] as readonly number[]);
  return true;
}

function extendsNull(fn: AnyFunction): boolean {
  const prototype = Object.getOwnPropertyDescriptor(fn, "prototype")?.value as object;
  return Object.getPrototypeOf(prototype) === null;
}

/** The `arguments` of the function around an arrow function. */
function argumentsOf({ source, scopes, birth }: Facts): ArrayLike<unknown> | undefined {
  if (source.form !== "arrow" || !source.variables.lexical.has("arguments")) return undefined;
  if (birth !== undefined) return birth.arguments;
  const scope = scopes.find(({ object }) => Object.hasOwn(object, "arguments"));
  return scope?.object["arguments"] as ArrayLike<unknown> | undefined;
}

function writeBody(fn: AnyFunction, { facts, environment, slots, cid }: Carry, out: Out): void {
  const variables = environment.variables.filter(({ by }) => by !== "wrapper" && by !== "stub");
  const bytes = new Map<string, number>();
  for (const [index, variable] of variables.entries()) {
    const started = out.weight;
    writeVariable(variable, slots[index] as Slot, out);
    if (cid !== undefined && variable.by === "value" && isWeak(variable.value)) {
      out.table(functionSection).weak.set(out.numberOf(variable.value), { cid, variable: variable.name });
    }
    bytes.set(variable.name, out.weight - started);
  }
  // In the order of the text.
  for (const name of facts.source.variables.free.keys()) {
    const variable = variables.find((each) => each.name === name);
    if (variable !== undefined) out.captured(name, howItTravels(variable, out), bytes.get(name) ?? 0);
  }
  const args = argumentsOf(facts);
  for (let index = 0; index < (args?.length ?? 0); index++) out.value(args?.[index], { text: `<argument ${index}>` });
  if (facts.source.variables.usesSuper) findHome(fn, facts.birth?.home, out);
  const statics = facts.source.form === "class" ? classTextOf(facts.source).statics : [];
  for (const name of statics) out.value(facts.privates.get(name), { text: name });
  writeShape(fn, facts, cid, out);
}

/** Private state of instances, the way compilers keep it: entries go to where the class looks for them. */
function isWeak(value: unknown): value is object {
  return types.isWeakMap(value) || types.isWeakSet(value);
}

function howItTravels(variable: Variable, out: Out): Travels {
  if (variable.by === "wrapper" || variable.by === "stub") return "value";
  const { value } = variable;
  if (isObject(value) && kindOf(value, types.isProxy(value)) !== undefined) return "handle";
  const specifier = variable.by === "reference" ? variable.ref.request.specifier : "";
  if (isBuiltin(specifier) || (isObject(value) && pathOf(value) !== undefined)) return "builtin";
  const noted = isObject(value) ? out.memo.get(value) : undefined;
  const isFound = noted instanceof ImportRef || noted instanceof UnexportedRef;
  return variable.by === "reference" || isFound ? "import" : "value";
}

function writeVariable(variable: Variable, { cell, live }: Slot, out: Out): void {
  const step = { text: ` -> ${variable.name}`, advice: adviceFor(variable) };
  if (variable.by === "reference") {
    const { ref, value } = variable;
    out.to.uint(0);
    // What it is now is of use all the same: it says that the export is there, and which object others mean who have it.
    out.value(isObject(value) && out.has(value) ? value : ref, step);
    return live === undefined ? undefined : writeModule(ref.request, out);
  }
  if (variable.by === "parts") {
    out.to.uint(0);
    return writeParts(variable.value, variable.parts, step, out);
  }
  // Whether it is boxed, the table says.
  out.to.uint(cell === undefined ? 0 : cell.number + 1);
  out.value(variable.by === "value" ? variable.value : undefined, step);
}

/** What a module exports is imported by workers. */
function adviceFor(variable: Variable): string | undefined {
  if (variable.by !== "value" || variable.unexported === undefined) return undefined;
  const file = /[^/]*$/.exec(variable.unexported)?.[0] ?? "";
  return `Or export '${variable.name}' from ${file}: the worker will then import it instead of copying it.`;
}

const WRITES_PROTOTYPE = 1;
/** It was frozen. */
const FIXED_PROTOTYPE = 2;

/** Properties, prototype, and what a function inherits from: as far as it is not born with them. */
function writeShape(fn: AnyFunction, facts: Facts, cid: string | undefined, out: Out): void {
  const isClass = facts.source.form === "class";
  const writesPrototype = cid !== undefined;
  const isFixed = !isClass && Object.getOwnPropertyDescriptor(fn, "prototype")?.writable === false;
  out.to.byte((writesPrototype ? WRITES_PROTOTYPE : 0) | (isFixed ? FIXED_PROTOTYPE : 0));
  if (writesPrototype) {
    noteOwner(fn);
    out.value(Object.getOwnPropertyDescriptor(fn, "prototype")?.value, { text: "<prototype>" });
  }
  const natural = isClass ? naturalMember(fn, facts, true) : () => false;
  if (isClass) {
    noteMembers(fn, facts, out);
    writeMissing(fn, facts, true, out);
  }
  const own = (key: PropertyKey): boolean => isBornWith(fn, key, facts) || natural(key);
  writeExtras(fn, out, { prototype: bornPrototype(fn, facts), own });
}

/** Functions that are born with another prototype are so by their text alone. */
function bornPrototype(fn: AnyFunction, { source }: Facts): object {
  if (source.form === "class") return Function.prototype;
  const { async, generator } = source.node as { async?: boolean; generator?: boolean };
  if (async !== true && generator !== true) return Function.prototype;
  const born = Object.getPrototypeOf(
    async === true ? (generator === true ? asyncGenerator : asyncFunction) : syncGenerator,
  ) as object;
  return Object.getPrototypeOf(fn) === born ? born : Function.prototype;
}

const asyncFunction = async (): Promise<void> => {};
const syncGenerator = function* (): Generator {};
const asyncGenerator = async function* (): AsyncGenerator {};

function isBornWith(fn: AnyFunction, key: PropertyKey, { source }: Facts): boolean {
  if (key === "prototype" || key === "arguments" || key === "caller") return true;
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(fn, key) as PropertyDescriptor;
  const usual = writable === false && enumerable === false && configurable === true;
  if (key === "length") return usual && value === source.length;
  return (
    key === "name" &&
    usual &&
    typeof value === "string" &&
    (source.ownName === undefined ? source.form !== "member" : value === source.ownName)
  );
}

// ------------------------------------------------------------------ the other side

interface Filling {
  readonly revived: Revived;
  /** The class that is here already, whose state is the owner's. */
  readonly known: AnyFunction | undefined;
}

function makeFunction(from: In): unknown {
  const { codes, functions } = from.table(functionSection);
  const { from: bytes } = from;
  const code = codes[functions[bytes.uint()] ?? -1];
  if (code === undefined) throw new Damaged("has a function without code");
  const cid = bytes.text();
  const keys = Array.from({ length: bytes.count() }, () => from.value());
  const isNull = bytes.byte() === 1;
  const withs = Array.from({ length: bytes.count() }, () => from.shell() as object);
  const argumentCount = bytes.count();
  const revived = revive(code, { keys, extendsNull: isNull, withs, arguments: argumentCount });
  const known = cid === "" ? undefined : classes.find(cid);
  if (cid !== "" && known === undefined) classes.adopt(cid, revived.fn);
  if (code.form === "class") noteOriginals(revived.fn);
  if (known !== undefined && (classes.isOurs(cid) || !from.definition)) from.untouchable.add(known);
  from.carry = { revived, known } satisfies Filling;
  return known ?? revived.fn;
}

function fillFunction(made: AnyFunction, from: In, carry: unknown): void {
  const { revived, known } = carry as Filling;
  const { code } = revived;
  const values = code.names.slice(code.wrappers).map((_, index) => readVariable(index + code.wrappers, revived, from));
  revived.set(...values);
  const args = revived.arguments as Record<number, unknown> | undefined;
  for (let index = 0; index < (revived.arguments?.length ?? 0); index++)
    (args as Record<number, unknown>)[index] = from.value();
  const statics = code.statics.map(() => from.value());
  revived.setStatics?.(statics);
  const target = known === undefined ? made : from.untouchable.has(known) ? revived.fn : known;
  if (known !== undefined && target === known) setAgain(known, code, values, statics);
  const flags = from.from.byte();
  if ((flags & WRITES_PROTOTYPE) !== 0) {
    const prototype = from.value();
    if (target === made && Reflect.get(made, "prototype") !== prototype) Reflect.set(made, "prototype", prototype);
  }
  if (code.form === "class") readMissing(target, from);
  if (code.form === "class" && Object.getPrototypeOf(target) !== Function.prototype)
    Object.setPrototypeOf(target, Function.prototype);
  if ((flags & FIXED_PROTOTYPE) !== 0) Reflect.defineProperty(target, "prototype", { writable: false });
  readExtras(target, from);
}

function readVariable(index: number, { code }: Revived, from: In): unknown {
  const number = from.from.uint() - 1;
  if (code.parts.includes(index)) return readParts(from);
  if (code.live.some((each) => each.index === index)) {
    from.value();
    return readModule(from);
  }
  if (!code.boxed.includes(index)) return from.value();
  let box = from.boxes.get(number);
  const owner = from.table(functionSection).boxes.get(number);
  const kept = owner === undefined ? undefined : boxOfClass(owner);
  if (box === undefined) from.boxes.set(number, (box = kept ?? { v: undefined }));
  const value = from.value();
  // What a class here has made of it meanwhile is not undone by an argument that mentions the class.
  if (kept === undefined || from.definition) box.v = value;
  return box;
}
