// The members of a class: which of them its text makes by itself, which were changed afterwards, and what worked-out keys came to.
import { isObject } from "../std/is-object.ts";
import { textOf } from "../std/text-of.ts";
import { classTextOf, memberKey, type WorkedOutKey } from "./class-text.ts";
import type { AnyFunction, Facts } from "./capture.ts";
import type { In, Out } from "./graph.ts";
import { Damaged } from "./reader.ts";
import { variableIn } from "./scope.ts";
import { parsed, type AnyNode } from "./syntax.ts";

/** A method that is part of the text of a class: found through the class. */
export class Member {
  readonly cls: AnyFunction;
  readonly isStatic: boolean;
  readonly key: PropertyKey;
  readonly kind: "value" | "get" | "set";

  constructor(cls: AnyFunction, isStatic: boolean, key: PropertyKey, kind: "value" | "get" | "set") {
    this.cls = cls;
    this.isStatic = isStatic;
    this.key = key;
    this.kind = kind;
  }
}

/** Which of its methods or accessors a function is, as the class is now. */
export function memberOf(fn: AnyFunction, cls: AnyFunction): Member | undefined {
  for (const isStatic of [true, false]) {
    const owner: object | undefined = ownerOf(cls, isStatic);
    // An arrow function has no prototype.
    if (owner === undefined) continue;
    for (const key of Reflect.ownKeys(owner)) {
      const descriptor = Object.getOwnPropertyDescriptor(owner, key);
      for (const kind of ["value", "get", "set"] as const)
        if (descriptor?.[kind] === fn) return new Member(cls, isStatic, key, kind);
    }
  }
  return undefined;
}

function ownerOf(cls: AnyFunction, isStatic: boolean): object {
  return isStatic ? cls : (Object.getOwnPropertyDescriptor(cls, "prototype")?.value as object);
}

const textIf = (fn: unknown): string => (typeof fn === "function" ? textOf(fn) : "");

export interface FoundKey {
  readonly text: string;
  /** Undefined when the engine has dropped it. */
  readonly key: string | symbol | undefined;
}

/** What the expressions in brackets gave when the class was made. */
export function keysOfClass(cls: AnyFunction, facts: Facts): readonly FoundKey[] {
  const { keys } = classTextOf(facts.source);
  if (facts.birth !== undefined)
    return keys.map(({ text }, index) => ({ text, key: facts.birth?.keys[index] as string | symbol }));
  const used = new Set<string>();
  return keys.map((each) => ({ text: each.text, key: keyOf(each, cls, facts, used) }));
}

function keyOf(wanted: WorkedOutKey, cls: AnyFunction, facts: Facts, used: Set<string>): string | symbol | undefined {
  if (wanted.kind === "field") return fieldKey(wanted.text, facts);
  const owner = ownerOf(cls, wanted.isStatic);
  const part = wanted.kind === "method" ? "value" : wanted.kind;
  for (const key of Reflect.ownKeys(owner)) {
    const mark = memberKey(wanted.isStatic, key, wanted.kind);
    const descriptor = Object.getOwnPropertyDescriptor(owner, key) as PropertyDescriptor;
    if (used.has(mark) || textIf(descriptor[part]) !== wanted.functionText) continue;
    used.add(mark);
    return key;
  }
  // It was replaced or taken away: then any key will do that the expression may still give.
  return fieldKey(wanted.text, facts);
}

/** The key of an instance field leaves no trace: it is read again, if that runs no code. */
function fieldKey(text: string, facts: Facts): string | symbol | undefined {
  const statement = parsed(`(${text}\n)`, "script")?.body[0];
  const value = statement?.type === "ExpressionStatement" ? constantOf(statement.expression, facts) : undefined;
  if (typeof value === "symbol") return value;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function constantOf(node: AnyNode, facts: Facts): unknown {
  switch (node.type) {
    case "Literal":
      return node.value;
    case "Identifier":
      return variableOf(node.name, facts);
    case "MemberExpression": {
      const object = constantOf(node.object, facts);
      const key = !node.computed && node.property.type === "Identifier" ? node.property.name : undefined;
      return isObject(object) && key !== undefined
        ? (Object.getOwnPropertyDescriptor(object, key)?.value as unknown)
        : undefined;
    }
    default:
      return undefined;
  }
}

function variableOf(name: string, { scopes }: Facts): unknown {
  const scope = scopes.find(({ object }) => Object.hasOwn(object, name));
  return scope === undefined
    ? (Object.getOwnPropertyDescriptor(globalThis, name)?.value as unknown)
    : variableIn(scope, name);
}

/** Whether a property is there by the text of the class alone. */
export function naturalMember(cls: AnyFunction, facts: Facts, isStatic: boolean): (key: PropertyKey) => boolean {
  const isOfText = partsOfText(cls, facts, isStatic);
  const owner = ownerOf(cls, isStatic);
  return (key) => {
    const { value, get, set, enumerable, configurable, writable } = Object.getOwnPropertyDescriptor(
      owner,
      key,
    ) as PropertyDescriptor;
    if (enumerable === true || configurable !== true || writable === false) return false;
    const parts = [
      ["value", value],
      ["get", get],
      ["set", set],
    ] as const;
    const present = parts.filter(([, fn]) => fn !== undefined);
    return present.length > 0 && present.every(([kind, fn]) => isOfText(key, kind, fn) && isBare(fn));
  };
}

/** Whether a function is what the text of the class makes of this member. */
function partsOfText(
  cls: AnyFunction,
  facts: Facts,
  isStatic: boolean,
): (key: PropertyKey, kind: "value" | "get" | "set", fn: unknown) => boolean {
  // The text of one that arrived was changed on the way: its keys, and the names of shared variables.
  const made = originals.get(cls)?.[isStatic ? "statics" : "instance"];
  if (made !== undefined) return (key, kind, fn) => typeof fn === "function" && made[key as string]?.[kind] === fn;
  const texts = textsOf(cls, facts);
  return (key, kind, fn) => texts.get(memberKey(isStatic, key, kind === "value" ? "method" : kind)) === textIf(fn);
}

/** Somebody may have put properties on a method. */
function isBare(fn: unknown): boolean {
  return Reflect.ownKeys(fn as object).every((key) => key === "length" || key === "name" || key === "prototype");
}

/** The texts of all members with their keys, those that were worked out too. */
function textsOf(cls: AnyFunction, facts: Facts): ReadonlyMap<string, string> {
  const { members, keys } = classTextOf(facts.source);
  if (keys.length === 0) return members;
  const found = keysOfClass(cls, facts);
  const all = new Map(members);
  for (const [index, { isStatic, kind, functionText }] of keys.entries()) {
    const key = found[index]?.key;
    if (key !== undefined && kind !== "field") all.set(memberKey(isStatic, key, kind), functionText);
  }
  return all;
}

export function noteMembers(cls: AnyFunction, facts: Facts, out: Out): void {
  for (const isStatic of [true, false]) {
    const owner = ownerOf(cls, isStatic);
    const natural = naturalMember(cls, facts, isStatic);
    for (const key of Reflect.ownKeys(owner)) {
      if (!natural(key)) continue;
      const descriptor = Object.getOwnPropertyDescriptor(owner, key) as PropertyDescriptor;
      for (const kind of ["value", "get", "set"] as const) {
        const fn: unknown = descriptor[kind];
        if (typeof fn === "function" && !out.memo.has(fn)) out.memo.set(fn, new Member(cls, isStatic, key, kind));
      }
    }
  }
}

/** Members of the text that somebody has deleted. */
export function writeMissing(cls: AnyFunction, facts: Facts, isStatic: boolean, out: Out): void {
  const owner = ownerOf(cls, isStatic);
  const keys = [...classTextOf(facts.source).members.keys()].flatMap((mark) => {
    const [side, ...rest] = mark.split(" ");
    const key = rest.slice(0, -1).join(" ");
    return (side === "static") === isStatic && !Object.hasOwn(owner, key) ? [key] : [];
  });
  out.to.uint(keys.length);
  for (const key of keys) out.to.text(key);
}

export function readMissing(owner: object, from: In): void {
  for (let left = from.from.count(); left > 0; left--) Reflect.deleteProperty(owner, from.from.text());
}

type Descriptors = Readonly<Record<PropertyKey, PropertyDescriptor | undefined>>;

/** What the text of a class that arrived made, before anything was replaced. */
const originals = new WeakMap<object, { readonly statics: Descriptors; readonly instance: Descriptors }>();

export function noteOriginals(cls: AnyFunction): void {
  const [statics, instance] = [true, false].map((isStatic) =>
    Object.getOwnPropertyDescriptors(ownerOf(cls, isStatic)),
  ) as [Descriptors, Descriptors];
  originals.set(cls, { statics, instance });
}

export function memberIn(cls: unknown, isStatic: boolean, key: unknown, kind: string): object {
  if (typeof cls !== "function") throw new Damaged("refers to a method of what is no class");
  const made = originals.get(cls);
  const descriptor = isStatic ? made?.statics[key as string] : made?.instance[key as string];
  return partIn(
    descriptor ?? Object.getOwnPropertyDescriptor(ownerOf(cls as AnyFunction, isStatic), key as PropertyKey),
    kind,
  );
}

function partIn(descriptor: PropertyDescriptor | undefined, kind: string): object {
  const found: unknown = descriptor?.[kind as "value"];
  if (!isObject(found)) throw new Damaged("refers to a method that its class does not have");
  return found;
}
