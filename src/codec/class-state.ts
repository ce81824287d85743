// The state of classes that are in this process already, and that arrive again: which class a name means, and what it closes over.
import { birthOf, type Birth } from "./births.ts";
import { factsOf, type AnyFunction } from "./capture.ts";
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
