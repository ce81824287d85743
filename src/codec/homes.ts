// The home of a method that uses `super`: the object it was defined in, found among all that is shipped.
import { isObject } from "../std/is-object.ts";
import { birthOf } from "./births.ts";
import type { NodeKind, Out } from "./graph.ts";
import { homeless } from "./problem.ts";
import { Damaged } from "./reader.ts";

/** Follows the graph when a home is known: what must be above it. */
export class HomeFix {
  readonly method: object;
  readonly above: object | null;

  constructor(method: object, above: object | null) {
    this.method = method;
    this.above = above;
  }
}

interface HomeIndex {
  seen: number;
  readonly homes: Map<object, object>;
}

const indexKey = {};

/** Called when the method is written; the home may come later. */
export function findHome(method: object, known: object | undefined, out: Out): void {
  const number = out.current;
  let found = false;
  out.later(() => {
    if (found) return false;
    const home = known ?? homesIn(out).get(method);
    if (home === undefined) return false;
    found = true;
    out.afterwards(new HomeFix(method, Object.getPrototypeOf(home) as object | null), "");
    return true;
  });
  out.atEnd(() => {
    if (!found) out.fail(homeless, number);
  });
}

function homesIn(out: Out): ReadonlyMap<object, object> {
  let index = out.memo.get(indexKey) as HomeIndex | undefined;
  if (index === undefined) out.memo.set(indexKey, (index = { seen: 0, homes: new Map() }));
  const fresh = [...out.objects()].slice(index.seen);
  index.seen += fresh.length;
  for (const object of fresh) {
    methodsOf(object, index.homes);
    const prototype: unknown =
      typeof object === "function" ? Object.getOwnPropertyDescriptor(object, "prototype")?.value : undefined;
    if (isObject(prototype)) methodsOf(prototype, index.homes);
  }
  return index.homes;
}

function methodsOf(object: object, homes: Map<object, object>): void {
  if (Array.isArray(object) || ArrayBuffer.isView(object)) return;
  for (const { value, get, set } of Object.values(Object.getOwnPropertyDescriptors(object))) {
    for (const method of [value as unknown, get, set])
      if (typeof method === "function" && !homes.has(method)) homes.set(method, object);
  }
}

export const homeNode: NodeKind<HomeFix> = {
  head() {},
  body({ method, above }, out) {
    out.value(method, "");
    out.value(above, { text: "<home>" });
  },
  make: () => ({}),
  fill(_made, from) {
    const method = from.value();
    const above = from.value();
    const home = isObject(method) ? birthOf(method)?.home : undefined;
    if (above !== null && !isObject(above)) throw new Damaged("has a home that is no object");
    if (home !== undefined) Object.setPrototypeOf(home, above);
  },
};
