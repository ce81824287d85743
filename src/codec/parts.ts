// Objects that only stand for a module (exports, namespaces made by a tool): of them, what the shipped functions use.
import { isObject } from "../std/is-object.ts";
import type { In, NodeKind, Out, Step } from "./graph.ts";
import { Damaged } from "./reader.ts";

/** In the place of the object: one for all functions that use parts of it. */
export class Parts {
  readonly of: object;

  constructor(of: object) {
    this.of = of;
  }
}

const memoKey = new WeakMap<object, object>();

/** The memo is by object, and the object itself may have an entry of another kind. */
function keyFor(value: object): object {
  let key = memoKey.get(value);
  if (key === undefined) memoKey.set(value, (key = {}));
  return key;
}

export function writeParts(value: object, names: readonly string[], step: Step, out: Out): void {
  const key = keyFor(value);
  let parts = out.memo.get(key) as Parts | undefined;
  if (parts === undefined) out.memo.set(key, (parts = new Parts(value)));
  out.value(parts, step);
  const present = names.filter((name) => name in value);
  out.to.uint(present.length);
  for (const name of present) {
    out.to.text(name);
    out.value(partOf(value, name), { text: `${typeof step === "object" ? step.text : ""}.${name}` });
  }
}

/** Modules show their exports through getters, which may not be ready. */
function partOf(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

export function readParts(from: In): unknown {
  const made = from.value();
  if (!isObject(made)) throw new Damaged("has parts of something that is no object");
  for (let left = from.from.count(); left > 0; left--) {
    const name = from.from.text();
    Object.defineProperty(made, name, { value: from.value(), writable: true, enumerable: true, configurable: true });
  }
  return made;
}

export const partsNode: NodeKind<Parts> = {
  head() {},
  make: () => ({}),
};
