// Why an instance of a class cannot be copied although its class is no stranger: it has something inside that properties do not show.
import { textOf } from "../std/text-of.ts";
import type { AnyFunction } from "./capture.ts";
import { birthOf } from "./births.ts";
import { above } from "./chain.ts";
import { classNameOf } from "./choose-function.ts";
import { classTextOf } from "./class-text.ts";
import { isNative, rarePathOf } from "./intrinsics.ts";
import { isPackageClass } from "./package-classes.ts";
import { hostObject, mixed, privateMembers, type Problem } from "./problem.ts";
import { scriptInfo } from "./scripts.ts";
import { canInspect, inspect } from "./scope.ts";
import { sourceOf } from "./source.ts";

const known = new WeakMap<object, Problem | false>();

/** `prototype`: one above the instance, which is not a known intrinsic. */
export function problemOfClass(prototype: object): Problem | undefined {
  let found = known.get(prototype);
  if (found === undefined) known.set(prototype, (found = look(prototype) ?? false));
  return found === false ? undefined : found;
}

function look(prototype: object): Problem | undefined {
  const cls: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof cls !== "function") return undefined;
  if (isNative(cls) || isOfNode(cls as AnyFunction)) {
    if (!leadsTo(prototype, cls)) return mixed(classNameAround(prototype), cls.name);
    // A class that Node shows, but only makes when it is first asked for, is known from now on.
    return rarePathOf(prototype) === undefined ? hostObject(cls.name) : undefined;
  }
  const text = birthOf(cls)?.text ?? textOf(cls);
  if (!text.startsWith("class") || !text.includes("#")) return undefined;
  const source = sourceOf(text);
  if (typeof source === "string" || source.form !== "class") return undefined;
  const { instancePrivates } = classTextOf(source);
  if (instancePrivates.length === 0) return undefined;
  return privateMembers(classNameOf(cls as AnyFunction), instancePrivates, isPackageClass(cls as AnyFunction));
}

/** Not where a mixin has copied the property `constructor` with the others. */
function leadsTo(prototype: object, cls: object): boolean {
  const own: unknown = Object.getOwnPropertyDescriptor(cls, "prototype")?.value;
  for (let at: object | null = prototype; at !== null; at = above(at)) if (at === own) return true;
  return false;
}

/** The name of the class in whose text one of these methods stands. */
function classNameAround(prototype: object): string | undefined {
  for (const key of Reflect.ownKeys(prototype)) {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value;
    if (typeof method !== "function" || isNative(method) || !canInspect()) continue;
    const { location } = inspect(method);
    const script = location && scriptInfo(location.scriptId);
    if (script === undefined || script.kind === "node") continue;
    const place = script.placeOf(textOf(method), script.offsetOf(location as NonNullable<typeof location>));
    const around = script.table.functions[place?.parent ?? -1];
    if (around?.isClass === true && around.name !== "") return around.name;
  }
  return undefined;
}

/** How compilers write private members for older engines: as entries of a WeakMap or WeakSet that stand beside the class. */
const lowered =
  /\b(?:__privateAdd|_class_?private_?(?:field|method)_?init(?:spec)?)\b[^()]*\)?\(this,\s*([\w$]+)|\b(_[A-Za-z$][\w$]*_[\w$]+)\.(?:set|add)\(this\b/gi;

interface Lowered {
  readonly cls: AnyFunction;
  readonly names: readonly string[];
}

const knownLowered = new WeakMap<object, Lowered | false>();

/** Names of private members that a compiler has lowered. They only stay behind where the class is imported, and finds other collections. */
export function loweredPrivates(prototype: object): Lowered | undefined {
  let found = knownLowered.get(prototype);
  if (found === undefined) knownLowered.set(prototype, (found = lookForLowered(prototype) ?? false));
  return found === false ? undefined : found;
}

function lookForLowered(prototype: object): Lowered | undefined {
  const cls: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof cls !== "function" || isNative(cls) || birthOf(cls) !== undefined) return undefined;
  const names = Array.from(textOf(cls).matchAll(lowered), ([, helped, plain]) => helped ?? plain);
  return names.length === 0 ? undefined : { cls: cls as AnyFunction, names: names as string[] };
}

/** Timers and the like are of classes that Node shows to nobody. */
function isOfNode(cls: AnyFunction): boolean {
  if (birthOf(cls) !== undefined || !canInspect()) return false;
  const { location } = inspect(cls);
  return location !== undefined && scriptInfo(location.scriptId)?.kind === "node";
}
