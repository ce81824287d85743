// Objects of the web platform, and some of Node's own, that are their settings and nothing else: made again from those.
import { TextDecoder, TextEncoder } from "node:util";
import { URLSearchParams } from "node:url";
import type { NodeKind } from "./graph.ts";
import { nodeClasses, type MadeOfText } from "./node-classes.ts";
import { readExtras, writeExtras } from "./nodes-object.ts";
import { Damaged } from "./reader.ts";

function getter(prototype: object, name: string): (this: object) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as (this: object) => unknown;
}

const encoderEncoding = getter(TextEncoder.prototype, "encoding");
const decoderEncoding = getter(TextDecoder.prototype, "encoding");
const FLAGS = ["fatal", "ignoreBOM"] as const;
const flagGetters = FLAGS.map((name) => [name, getter(TextDecoder.prototype, name)] as const);
const searchText = URLSearchParams.prototype.toString;

/** By their names as globals, or as exports of Node's modules. A decoder in the middle of a stream forgets the bytes of a character that had only begun. */
const WEB: Readonly<Record<string, MadeOfText>> = {
  TextEncoder: {
    born: () => TextEncoder.prototype,
    settings: (value) => (encoderEncoding.call(value), []),
    make: () => new TextEncoder(),
  },
  TextDecoder: {
    born: () => TextDecoder.prototype,
    settings: (value) => [
      String(decoderEncoding.call(value)),
      ...flagGetters.flatMap(([name, get]) => (get.call(value) === true ? [name] : [])),
    ],
    make: ([encoding, ...flags]) => new TextDecoder(encoding, Object.fromEntries(flags.map((name) => [name, true]))),
  },
  URLSearchParams: {
    born: () => URLSearchParams.prototype,
    settings: (value) => [searchText.call(value)],
    make: ([text]) => new URLSearchParams(text),
  },
  ...nodeClasses,
};

/** Whether it is what its prototype, the global or export of this name, says. */
export function isWeb(name: string, value: object): boolean {
  const known = Object.hasOwn(WEB, name) ? WEB[name] : undefined;
  try {
    return known?.settings(value as never) !== undefined;
  } catch {
    return false;
  }
}

function nameOf(value: object): string {
  for (const name in WEB) if (isWeb(name, value)) return name;
  throw new Error("not one of the web's classes");
}

export const webNode: NodeKind = {
  head(value, out) {
    const name = nameOf(value);
    const settings = WEB[name]?.settings(value as never) ?? [];
    out.to.text(name);
    out.to.uint(settings.length);
    for (const text of settings) out.to.text(text);
  },
  // What Node keeps on them is under symbols of its own.
  body: (value, out) =>
    writeExtras(value, out, { prototype: WEB[nameOf(value)]?.born(value) ?? Object.prototype, own: isSymbol }),
  make({ from }) {
    const known = WEB[from.text()];
    if (known === undefined) throw new Damaged("has an object of a class that is not known");
    const settings: string[] = [];
    for (let count = from.uint(); count > 0; count -= 1) settings.push(from.text());
    try {
      return known.make(settings);
    } catch {
      throw new Damaged("has an object that cannot be made");
    }
  },
  fill: readExtras,
};

function isSymbol(key: PropertyKey): boolean {
  return typeof key === "symbol";
}
