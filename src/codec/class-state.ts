// The state of classes that are in this process already, and that arrive again: which class a name means, and what it closes over.
import { birthOf, type Birth } from "./births.ts";
import { factsOf, type AnyFunction } from "./capture.ts";
import type { Code } from "./code.ts";
import { environmentOf } from "./environment.ts";
import { Identities } from "./identities.ts";
import { canInspect, inspect, inspecting } from "./scope.ts";

/** Classes, and functions used as classes: the same one in every payload. */
export const classes: Identities<AnyFunction> = new Identities();

/** One variable of one class. */
export interface ClassVariable {
  readonly cid: string;
  readonly variable: string;
}

function birthOfClass(cid: string): Birth | undefined {
  const cls = classes.find(cid);
  return cls === undefined ? undefined : birthOf(cls);
}

/** The box in which a class that arrived keeps one of its variables. */
export function boxOfClass({ cid, variable }: ClassVariable): { v: unknown } | undefined {
  const birth = birthOfClass(cid);
  return birth?.boxed.has(variable) === true
    ? (birth.get()[birth.names.indexOf(variable)] as { v: unknown })
    : undefined;
}

/** The value of a variable of a class that is here, be it one of this process's own. */
export function variableOfClass({ cid, variable }: ClassVariable): unknown {
  const birth = birthOfClass(cid);
  if (birth !== undefined) {
    const value = birth.get()[birth.names.indexOf(variable)];
    return birth.boxed.has(variable) ? (value as { v: unknown }).v : value;
  }
  const cls = classes.find(cid);
  if (cls === undefined || !canInspect()) return undefined;
  return inspecting(() => {
    const facts = factsOf(cls, inspect(cls));
    const found =
      "reason" in facts ? undefined : environmentOf(facts, undefined).variables.find(({ name }) => name === variable);
    return found?.by === "value" ? found.value : undefined;
  });
}

/** A class comes again with a new function: its variables and static fields are as they are where it comes from. */
export function setAgain(
  known: AnyFunction,
  code: Code,
  values: readonly unknown[],
  statics: readonly unknown[],
): void {
  const birth = birthOf(known);
  if (birth === undefined) return;
  const arrived = new Map(values.map((value, index) => [code.names[index + code.wrappers] as string, value]));
  const boxed = new Set(code.boxed.map((index) => code.names[index]));
  const exported = new Map(code.live.map(({ index, name }) => [code.names[index], name]));
  const before = birth.get();
  const merged = birth.names.map((name, index) => {
    if (!arrived.has(name) || birth.boxed.has(name) || birth.live.has(name)) return before[index];
    const value = arrived.get(name);
    if (boxed.has(name)) return (value as { v: unknown }).v;
    const live = exported.get(name);
    return live === undefined ? value : Reflect.get(value as object, live);
  });
  birth.set(...merged);
  birth.setStatics?.(statics);
}
