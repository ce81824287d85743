// The primitives that are neither short nor frequent: bigints of any size, and the three sorts of symbols.
import { Identities } from "./identities.ts";
import { Damaged, type Reader } from "./reader.ts";
import { KNOWN_SYMBOL, NEGATIVE_BIGINT, POSITIVE_BIGINT, REGISTERED_SYMBOL, UNIQUE_SYMBOL } from "./tags.ts";
import type { Writer } from "./writer.ts";

/** Symbols that belong to nobody else: a property that is found under one must be found again in the next call. */
const symbols = new Identities<symbol>();

const knownNames = new Map<symbol, string>();
for (const name of Object.getOwnPropertyNames(Symbol)) {
  const value: unknown = Reflect.get(Symbol, name);
  if (typeof value === "symbol") knownNames.set(value, name);
}

/** Whether it is the only one of its kind, as opposed to one that every process can find by a name. */
export function isUnique(value: symbol): boolean {
  return Symbol.keyFor(value) === undefined && !knownNames.has(value);
}

export function symbolName(unique: symbol): string {
  return symbols.nameOf(unique);
}

/** What a name means here, of a symbol that was found in another way: a module that exports it has made one in each process. */
export function nameSymbol(name: string, unique: symbol): void {
  if (symbols.find(name) !== unique) symbols.adopt(name, unique);
}

export function primitive(value: bigint | symbol, to: Writer): void {
  if (typeof value === "bigint") return bigint(value, to);
  const key = Symbol.keyFor(value);
  const name = knownNames.get(value);
  if (key !== undefined) {
    to.byte(REGISTERED_SYMBOL);
    return to.text(key);
  }
  if (name !== undefined) {
    to.byte(KNOWN_SYMBOL);
    return to.text(name);
  }
  to.byte(UNIQUE_SYMBOL);
  to.text(symbols.nameOf(value));
  const { description } = value;
  to.byte(description === undefined ? 0 : 1);
  if (description !== undefined) to.text(description);
}

function bigint(value: bigint, to: Writer): void {
  to.byte(value < 0n ? NEGATIVE_BIGINT : POSITIVE_BIGINT);
  const digits = (value < 0n ? -value : value).toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  to.uint(bytes.length);
  to.raw(bytes);
}

/** The primitive whose tag was just read. */
export function readPrimitive(tag: number, from: Reader): bigint | symbol {
  switch (tag) {
    case POSITIVE_BIGINT:
    case NEGATIVE_BIGINT: {
      const value = BigInt(`0x${Buffer.from(from.raw(from.count())).toString("hex") || "0"}`);
      return tag === NEGATIVE_BIGINT ? -value : value;
    }
    case REGISTERED_SYMBOL:
      return Symbol.for(from.text());
    case KNOWN_SYMBOL: {
      const name = from.text();
      const value: unknown = Reflect.get(Symbol, name);
      if (typeof value !== "symbol")
        throw new Damaged(`names the symbol ${name}, which this version of Node does not have`);
      return value;
    }
    case UNIQUE_SYMBOL: {
      const name = from.text();
      const description = from.byte() === 0 ? undefined : from.text();
      const known = symbols.find(name);
      if (known !== undefined) return known;
      const made = Symbol(description);
      symbols.adopt(name, made);
      return made;
    }
    default:
      throw new Damaged(`has a value of the unknown sort ${tag}`);
  }
}
