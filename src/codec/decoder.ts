// Bytes to values: follows the encoder's walk step by step, with the same depth and the same queue.
import type { In, NodeKind, Section } from "./graph.ts";
import type { Payload, Shelf } from "./payload.ts";
import { readPrimitive } from "./primitives.ts";
import { Damaged, Reader } from "./reader.ts";
import { readShape } from "./shapes.ts";
import {
  ARRAY,
  BACK,
  BYTES_OF_INTS,
  DEPTH_MAX,
  DOUBLE,
  DOUBLES,
  FALSE,
  HAS_TRAILER,
  INT,
  IS_DEFINITION,
  IS_LENIENT,
  NODE,
  NULL,
  OBJECT,
  POSITIVE_BIGINT,
  SMALL_INT,
  TRUE,
  UNDEFINED,
  WORDS_OF_INTS,
} from "./tags.ts";

/** A table says so many sections at most: more means that the bytes are no table. */
const SECTIONS_MAX = 64;

interface Waiting {
  readonly made: object;
  readonly kind: NodeKind | undefined;
  readonly carry: unknown;
}

export class Decoder implements In {
  readonly from: Reader;
  readonly payload: Payload;
  readonly shelf: Shelf;
  readonly definition: boolean;
  carry: unknown;
  number = -1;
  readonly #kinds: readonly NodeKind[];
  readonly #objects: unknown[] = [];
  readonly #shapes: (readonly string[])[] = [];
  #queue: Waiting[] = [];
  #depth = 0;
  #tables: Map<number, unknown> | undefined;
  // Only functions need them.
  #untouchable: Set<object> | undefined;
  #boxes: Map<number, { v: unknown }> | undefined;

  /** Without `sections`, the tables are left unread. */
  constructor(
    payload: Payload,
    kinds: readonly NodeKind[],
    sections: readonly Section<unknown, unknown>[] | undefined,
    shelf: Shelf,
  ) {
    const { bytes } = payload;
    this.payload = payload;
    this.shelf = shelf;
    this.#kinds = kinds;
    const flags = bytes.length === 0 ? -1 : (bytes[0] as number);
    if (flags < 0 || flags > (HAS_TRAILER | IS_DEFINITION | IS_LENIENT))
      throw new Damaged("does not begin as a payload does");
    this.definition = (flags & IS_DEFINITION) !== 0;
    if ((flags & HAS_TRAILER) === 0) this.from = new Reader(bytes, 1);
    else {
      const start = trailerOf(bytes);
      this.from = new Reader(bytes, 1, start);
      if (sections !== undefined) this.#readTrailer(new Reader(bytes, start, bytes.byteLength - 4), sections);
    }
  }

  #readTrailer(from: Reader, sections: readonly Section<unknown, unknown>[]): void {
    const tables = new Map<number, unknown>();
    this.#tables = tables;
    let left = from.count();
    if (left > SECTIONS_MAX) throw new Damaged(`has ${left} tables`);
    for (; left > 0; left--) {
      const number = from.uint();
      const section = sections.find((each) => each.number === number);
      if (section === undefined) throw new Damaged(`has an unknown table ${number}`);
      tables.set(number, section.read(from, this));
    }
  }

  get untouchable(): Set<object> {
    return (this.#untouchable ??= new Set());
  }

  get boxes(): Map<number, { v: unknown }> {
    return (this.#boxes ??= new Map());
  }

  run(): unknown {
    const value = this.value();
    this.#drain();
    // What the encoder only knew when all was written: it puts itself where it belongs.
    while (this.from.left > 0) {
      this.value();
      this.#drain();
    }
    return value;
  }

  /** The first element of an array, before anything that follows it is made. */
  first(): unknown {
    if (this.from.byte() !== ARRAY || this.from.count() === 0) throw new Damaged("is no list");
    this.#objects.push([]);
    this.#depth += 1;
    return this.value();
  }

  tableIf<W, R>(section: Section<W, R>): R | undefined {
    return this.#tables?.get(section.number) as R | undefined;
  }

  table<W, R>(section: Section<W, R>): R {
    const table = this.tableIf(section);
    if (table === undefined) throw new Damaged(`lacks its table ${section.number}`);
    return table;
  }

  value(): unknown {
    const { from } = this;
    const tag = from.byte();
    return tag < POSITIVE_BIGINT ? readLeaf(tag, from) : this.#object(tag, false);
  }

  shell(): unknown {
    const tag = this.from.peek();
    if (tag < OBJECT) return this.value();
    this.from.byte();
    return this.#object(tag, true);
  }

  complete(): unknown {
    const queue = this.#queue;
    this.#queue = [];
    const value = this.value();
    this.#drain();
    this.#queue = queue;
    return value;
  }

  #object(tag: number, shell: boolean): unknown {
    const { from } = this;
    switch (tag) {
      case BACK: {
        const made = this.#objects[from.uint()];
        if (made === undefined) throw new Damaged("refers to an object that is not there");
        return made;
      }
      case OBJECT:
        return this.#begin({}, shell);
      case ARRAY: {
        const wait = shell || this.#depth >= DEPTH_MAX;
        return this.#begin(wait ? [] : this.#roomFor(from.count()), shell);
      }
      case BYTES_OF_INTS:
        return this.#keep(from.ints(from.count(), 1));
      case WORDS_OF_INTS:
        return this.#keep(from.ints(from.count(4), 4));
      case DOUBLES:
        return this.#keep(from.doubles(from.count(8)));
      default:
        return tag >= NODE ? this.#node(tag - NODE, shell) : readPrimitive(tag, from);
    }
  }

  /** The length is kept in the array until it is filled. */
  #roomFor(length: number): unknown[] {
    this.carry = length;
    return [];
  }

  #keep(made: object): object {
    this.#objects.push(made);
    return made;
  }

  #begin(made: object, shell: boolean): object {
    this.#objects.push(made);
    if (shell || this.#depth >= DEPTH_MAX) this.#queue.push({ made, kind: undefined, carry: undefined });
    else if (Array.isArray(made)) this.#elements(made, this.carry as number);
    else this.#properties(made as Record<string, unknown>);
    return made;
  }

  #properties(made: Record<string, unknown>): void {
    const keys = readShape(this.#shapes, this.from);
    if (keys === undefined) throw new Damaged("refers to keys that are not there");
    this.#depth += 1;
    for (const key of keys) {
      if (key === "__proto__") throw new Damaged("has a plain object with a key that is none");
      made[key] = this.value();
    }
    this.#depth -= 1;
  }

  #elements(made: unknown[], length: number): void {
    this.#depth += 1;
    for (let left = length; left > 0; left--) made.push(this.value());
    this.#depth -= 1;
  }

  #node(index: number, shell: boolean): unknown {
    const kind = this.#kinds[index];
    if (kind === undefined) throw new Damaged(`has a node of the unknown sort ${index}`);
    const number = this.#objects.push(undefined) - 1;
    const wait = shell || this.#depth >= DEPTH_MAX;
    if (this.#depth > 4 * DEPTH_MAX) throw new Damaged("is nested more deeply than a writer nests");
    this.#depth += 1;
    this.number = number;
    const made = kind.make(this);
    const { carry } = this;
    this.carry = undefined;
    this.#objects[number] = made;
    if (kind.fill !== undefined) {
      if (wait) this.#queue.push({ made: made as object, kind, carry });
      else kind.fill(made as object, this, carry);
    }
    this.#depth -= 1;
    return made;
  }

  #drain(): void {
    while (this.#queue.length > 0) {
      const queue = this.#queue;
      for (let index = 0; index < queue.length; index++) {
        const { made, kind, carry } = queue[index] as Waiting;
        if (kind?.fill !== undefined) kind.fill(made, this, carry);
        else if (Array.isArray(made)) this.#elements(made, this.from.count());
        else this.#properties(made as Record<string, unknown>);
      }
      // What was added while it was emptied has been done too.
      if (this.#queue === queue) this.#queue = [];
    }
  }
}

/** Strings, numbers and the like, which stand alone: the value of a tag below the bigints'. */
function readLeaf(tag: number, from: Reader): unknown {
  if (tag < SMALL_INT) return from.textAfter(tag);
  if (tag < UNDEFINED) return tag - SMALL_INT;
  switch (tag) {
    case UNDEFINED:
      return undefined;
    case NULL:
      return null;
    case TRUE:
      return true;
    case FALSE:
      return false;
    case INT:
      return from.int();
    case DOUBLE:
      return from.double();
    default:
      return from.textAfter(tag);
  }
}

/** Whether the payload is one leaf and nothing else, as most results are. */
export function isLeaf({ bytes }: Payload): boolean {
  return bytes[0] === 0 && (bytes[1] ?? OBJECT) < POSITIVE_BIGINT;
}

/** What `isLeaf` says yes to, without all that a decoder keeps. */
export function decodeLeaf({ bytes }: Payload): unknown {
  const from = new Reader(bytes, 1);
  const value = readLeaf(from.byte(), from);
  if (from.left > 0) throw new Damaged("goes on after its end");
  return value;
}

function trailerOf(bytes: Uint8Array): number {
  const start = bytes.byteLength < 6 ? -1 : new Reader(bytes, bytes.byteLength - 4).offset();
  if (start < 1 || start > bytes.byteLength - 4) throw new Damaged("has no table where one should be");
  return start;
}
