// Functions that are made of other values: bound ones, promisified ones, `require`; and proxies.
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isObject } from "../std/is-object.ts";
import type { AnyFunction } from "./capture.ts";
import { memberIn, type Member } from "./class-members.ts";
import { derive, type Derived } from "./derived.ts";
import type { NodeKind } from "./graph.ts";
import { requireFor } from "./imports.ts";
import { readExtras, writeExtras } from "./nodes-object.ts";
import { portable, resolved } from "./origin.ts";
import { Damaged } from "./reader.ts";
import type { Inspected } from "./scope.ts";

export class Bound {
  readonly bound: NonNullable<Inspected["bound"]>;

  constructor(bound: NonNullable<Inspected["bound"]>) {
    this.bound = bound;
  }
}

export const boundNode: NodeKind<AnyFunction, void> = {
  head(fn, out) {
    const { target, self, args } = (out.memo.get(fn) as Bound).bound;
    out.shell(target, { text: "<bound function>" });
    out.shell(self, { text: "<bound this>" });
    out.to.uint(args.length);
    for (const [index, each] of args.entries()) out.shell(each, { text: `<bound argument ${index}>` });
  },
  body: (fn, out) =>
    writeExtras(fn, out, {
      prototype: Object.getPrototypeOf((out.memo.get(fn) as Bound).bound.target) as object,
      own: (key) => key === "length" || key === "name",
    }),
  make(from) {
    const target = from.shell();
    const self = from.shell();
    const args = Array.from({ length: from.from.count() }, () => from.shell());
    if (typeof target !== "function") throw new Damaged("binds what is no function");
    return Function.prototype.bind.call(target, self, ...args) as object;
  },
  fill: readExtras,
};

/** Made by `util.promisify` and the like. */
export const derivedNode: NodeKind<AnyFunction, void> = {
  head(fn, out) {
    const { number, parts } = out.memo.get(fn) as Derived;
    out.to.byte(number);
    out.to.uint(parts.length);
    for (const part of parts) out.shell(part, { text: "<original>" });
  },
  make(from) {
    const number = from.from.byte();
    return derive(
      number,
      Array.from({ length: from.from.count() }, () => from.shell()),
    );
  },
};

/** A `require`, by the folder that it looks from. */
class Requirer {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }
}

/** Whether a function is some module's `require`, and whose. */
export function requirerOf(fn: object): Requirer | undefined {
  const resolve: unknown = Object.getOwnPropertyDescriptor(fn, "resolve")?.value;
  if (typeof resolve !== "function" || !Object.hasOwn(fn, "cache") || !Object.hasOwn(fn, "extensions"))
    return undefined;
  const paths: unknown = Object.getOwnPropertyDescriptor(resolve, "paths")?.value;
  if (typeof paths !== "function") return undefined;
  try {
    const [folder] = (paths as (request: string) => string[])("./_");
    return folder === undefined ? undefined : new Requirer(folder);
  } catch {
    return undefined;
  }
}

export const requireNode: NodeKind<AnyFunction, void> = {
  head(fn, out) {
    const { folder } = out.memo.get(fn) as Requirer;
    out.to.text(portable(pathToFileURL(path.join(folder, "_")).href, out));
    out.needsModules();
  },
  make: (from) => {
    const url = resolved(from.from.text(), from);
    if (!url.startsWith("file:")) throw new Damaged("has a require without a folder");
    return requireFor(pathToFileURL(fileURLToPath(url)).href);
  },
};

const memberParts = ["value", "get", "set"] as const;

/** A method of a class that travels as a whole. */
export const memberNode: NodeKind<AnyFunction, void> = {
  head(fn, out) {
    const { cls, isStatic, key, kind } = out.memo.get(fn) as Member;
    out.shell(cls, { text: `<class ${cls.name}>` });
    out.to.byte((isStatic ? 8 : 0) | memberParts.indexOf(kind));
    out.value(key, { text: "<key>" });
  },
  make(from) {
    const cls = from.shell();
    const flags = from.from.byte();
    return memberIn(cls, (flags & 8) !== 0, from.value(), memberParts[flags & 7] ?? "value");
  },
};

export const proxyNode: NodeKind<object, void> = {
  head(proxy, out) {
    const { target, handler } = out.memo.get(proxy) as { target: object; handler: object };
    out.shell(target, { text: "<target>" });
    out.shell(handler, { text: "<handler>" });
  },
  make(from) {
    const target = from.shell();
    const handler = from.shell();
    if (!isObject(target) || !isObject(handler)) throw new Damaged("has a proxy of what is no object");
    return new Proxy(target, handler);
  },
};
