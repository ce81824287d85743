// ArrayBuffers and the views of them. The contents stand in a table at the end, so that views share what they shared, and a Buffer
// brings only the part of its memory that is its own.
import { inspect, types } from "node:util";
import type { In, NodeKind, Out, Section } from "./graph.ts";
import { bufferOf, bytesOf, growsTo, isDetached, lengthOf, offsetOf, sizeOf, typedArrayName } from "./memory.ts";
import { readExtras, writeExtras } from "./nodes-object.ts";
import { outOfBandBytesMin } from "./payload.ts";
import { changedMeanwhile } from "./problem.ts";
import { Damaged, type Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** What one piece of memory ships: all of it when anything but a Buffer looks at it, else what its Buffers cover. */
interface Piece {
  readonly memory: ArrayBuffer;
  /** Of the value that was the first to need it. */
  readonly number: number;
  start: number;
  end: number;
}

interface Pieces {
  readonly out: Out;
  readonly list: Piece[];
  /** By the ArrayBuffer, or by the Buffer when it lies in memory that it shares with strangers. */
  readonly numbers: Map<object, number>;
}

/** Made when the first view asks for it: whoever only looks at other tables does not pay for it. */
class MadePiece {
  /** Where it began in the memory that it comes from. */
  readonly start: number;
  readonly #make: () => ArrayBuffer;
  #memory: ArrayBuffer | undefined;

  constructor(start: number, make: () => ArrayBuffer) {
    this.start = start;
    this.#make = make;
  }

  get memory(): ArrayBuffer {
    return (this.#memory ??= this.#make());
  }
}

const IN_BAND = 0;
const OUT_OF_BAND = 1;
const RESIZABLE = 2;

/** More than any buffer can be: a damaged size must not be tried. */
const RESIZABLE_BYTES_MAX = 2 ** 40;

export const bufferSection: Section<Pieces, readonly MadePiece[]> = {
  number: 1,
  begin(out) {
    const list: Piece[] = [];
    out.atEnd(() => {
      for (const piece of list) if (!isThere(piece)) out.fail(changedMeanwhile, piece.number);
    });
    return { out, list, numbers: new Map() };
  },
  write({ out, list }, to) {
    to.uint(list.length);
    for (const piece of list) writePiece(piece, out, to);
  },
  read(from, into) {
    const pieces: MadePiece[] = [];
    for (let left = from.count(2); left > 0; left--) pieces.push(readPiece(from, into));
    return pieces;
  },
};

/** Code of the user's may have run since it was met. */
function isThere({ memory, end }: Piece): boolean {
  return sizeOf(memory) >= end && !isDetached(memory);
}

function writePiece({ memory, start, end }: Piece, out: Out, to: Writer): void {
  const most = growsTo(memory);
  const bytes = new Uint8Array(memory, start, end - start);
  const away = bytes.byteLength >= outOfBandBytesMin;
  to.byte((away ? OUT_OF_BAND : IN_BAND) | (most === undefined ? 0 : RESIZABLE));
  to.uint(start);
  if (most !== undefined) to.uint(most);
  if (away) to.uint(out.buffer(bytes));
  else {
    to.uint(bytes.byteLength);
    to.raw(bytes);
  }
}

function readPiece(from: Reader, into: In): MadePiece {
  const flags = from.byte();
  const start = from.uint();
  const most = (flags & RESIZABLE) === 0 ? undefined : from.uint();
  const make = (flags & OUT_OF_BAND) === 0 ? inBand(from) : outOfBand(from, into);
  return new MadePiece(start, most === undefined ? make : () => resizable(make(), most));
}

function resizable(memory: ArrayBuffer, most: number): ArrayBuffer {
  if (most > RESIZABLE_BYTES_MAX || most < memory.byteLength)
    throw new Damaged("has a resizable buffer of a strange size");
  const Growing = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  const made = new Growing(memory.byteLength, { maxByteLength: most });
  new Uint8Array(made).set(new Uint8Array(memory));
  return made;
}

function inBand(from: Reader): () => ArrayBuffer {
  const bytes = from.raw(from.count());
  return () => {
    const copy = new Uint8Array(bytes.byteLength);
    copy.set(bytes);
    return copy.buffer;
  };
}

function outOfBand(from: Reader, { payload, shelf }: In): () => ArrayBuffer {
  const index = from.uint();
  // Not before it is needed: modules are imported while the buffers are still in the store.
  return () => {
    const bytes = payload.buffers[index];
    if (bytes === undefined) throw new Damaged(`lacks its buffer ${index}`);
    return shelf(bytes);
  };
}

function numberOf(pieces: Pieces, key: object, memory: ArrayBuffer, start: number, end: number): number {
  const known = pieces.numbers.get(key);
  if (known === undefined) {
    const number = pieces.list.push({ memory, number: pieces.out.current, start, end }) - 1;
    pieces.out.weigh(end - start);
    pieces.numbers.set(key, number);
    return number;
  }
  const piece = pieces.list[known] as Piece;
  piece.start = Math.min(piece.start, start);
  piece.end = Math.max(piece.end, end);
  return known;
}

function wholeNumber(out: Out, memory: ArrayBuffer): number {
  return numberOf(out.table(bufferSection), memory, memory, 0, sizeOf(memory));
}

function pieceOf(from: In): MadePiece {
  const piece = from.table(bufferSection)[from.from.uint()];
  if (piece === undefined) throw new Damaged("refers to a buffer that is not there");
  return piece;
}

export const arrayBufferNode: NodeKind<ArrayBuffer> = {
  head: (value, out) => out.to.uint(wholeNumber(out, value)),
  body: (value, out) => writeExtras(value, out, { prototype: ArrayBuffer.prototype }),
  make: (from) => pieceOf(from).memory,
  fill: readExtras,
};

type View = ArrayBufferView & { readonly length: number };
type ViewClass = (new (memory: ArrayBuffer, start: number, length?: number) => View) & { readonly prototype: object };

const viewClasses: readonly ViewClass[] = [
  DataView as unknown,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  // Node 24 and later; elsewhere the place stays empty.
  Reflect.get(globalThis, "Float16Array"),
].map((each) => each as ViewClass);
const viewNames = viewClasses.map((each) => (each as { name?: string } | undefined)?.name);
const BUFFER = viewClasses.length;

/** Instead of the length: as long as the memory that it looks at. */
const TRACKING = 1;

function classNumber(value: ArrayBufferView): number {
  return types.isDataView(value) ? 0 : viewNames.indexOf(typedArrayName(value));
}

export const viewNode: NodeKind<View> = {
  head(value, out) {
    const { to } = out;
    const [byteOffset, byteLength] = [offsetOf(value), bytesOf(value)];
    const memory = bufferOf(value) as ArrayBuffer;
    const isBuffer = Buffer.isBuffer(value);
    const number = classNumber(value);
    to.byte(isBuffer ? BUFFER : number);
    if (isBuffer) {
      // Small Buffers lie in one pool, beside those of others.
      const key = sizeOf(memory) === Buffer.poolSize && byteLength < sizeOf(memory) ? value : memory;
      to.uint(numberOf(out.table(bufferSection), key, memory, byteOffset, byteOffset + byteLength));
    } else to.uint(wholeNumber(out, memory));
    to.uint(byteOffset);
    const tracking = growsTo(memory) !== undefined && byteOffset + byteLength === sizeOf(memory);
    to.byte(tracking ? TRACKING : 0);
    to.uint(lengthOf(value));
  },
  body(value, out) {
    const { prototype } = Buffer.isBuffer(value) ? Buffer : (viewClasses[classNumber(value)] as ViewClass);
    const bare = lengthOf(value) > LISTED_MAX && !hasMore(value);
    out.to.byte(bare ? 1 : 0);
    if (!bare) writeExtras(value, out, { prototype, own: isIndex });
  },
  make(from) {
    const number = from.from.byte();
    const { memory, start } = pieceOf(from);
    const offset = from.from.uint() - start;
    const tracking = from.from.byte() === TRACKING;
    const length = from.from.uint();
    try {
      if (number === BUFFER) return Buffer.from(memory, offset, length);
      const View = viewClasses[number];
      if (View === undefined) throw new Damaged(`has a typed array that this version of Node does not have`);
      return tracking ? new View(memory, offset) : new View(memory, offset, length);
    } catch (error) {
      if (error instanceof Damaged) throw error;
      throw new Damaged("has a view that is not within its buffer", { cause: error });
    }
  },
  fill(made, from) {
    if (from.from.byte() === 0) readExtras(made, from);
  },
};

const isIndex = (key: PropertyKey): boolean => typeof key === "string" && /^(0|[1-9]\d*)$/.test(key);

/** Up to so many elements it is cheaper to list their keys. */
const LISTED_MAX = 40;
const printNothing = {
  maxArrayLength: 0,
  depth: 0,
  customInspect: false,
  showHidden: true,
  breakLength: Infinity,
} as const;

/** Whether a long typed array has properties beside its elements, or is of a class that is not the usual one: see plain.ts. */
function hasMore(value: View): boolean {
  const usual = Buffer.isBuffer(value) ? Buffer.prototype : (viewClasses[classNumber(value)] as ViewClass).prototype;
  if (Object.getPrototypeOf(value) !== usual || Object.getOwnPropertySymbols(value).length > 0) return true;
  if (!Object.isExtensible(value)) return true;
  const [memory, offset, length] = [bufferOf(value) as ArrayBuffer, offsetOf(value), lengthOf(value)];
  const bare = Buffer.isBuffer(value)
    ? Buffer.from(memory, offset, length)
    : new (viewClasses[classNumber(value)] as ViewClass)(memory, offset, length);
  return inspect(value, printNothing) !== inspect(bare, printNothing);
}
