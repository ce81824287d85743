// Bytes in: the counterpart of writer.ts. Trusts nothing that it reads: damaged bytes end in a Damaged error, soon.
import { INT, LATIN_TEXT, DOUBLE, SHORT_TEXT_MAX, SMALL_INT, WIDE_TEXT } from "./tags.ts";

/** The bytes are not what a writer wrote. Becomes a SerializationError at the border of the codec. */
export class Damaged extends Error {}

/** Short strings come again and again, above all as keys: found by their bytes, they need not be made. */
const CACHED_TEXT_MAX = 24;
const cache: (string | undefined)[] = Array.from({ length: 1024 });

/** Native methods of Buffer that take any Uint8Array: making a Buffer of every payload would cost more than reading it. */
interface NativeSlices {
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
}
const { latin1Slice, ucs2Slice } = Buffer.prototype as Buffer & NativeSlices;

export class Reader {
  readonly #bytes: Uint8Array;
  /** Made when the first number needs it. */
  #view: DataView | undefined;
  #at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.byteLength) {
    this.#bytes = bytes;
    this.#at = at;
    this.end = end;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.end - this.#at;
  }

  get #numbers(): DataView {
    return (this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength));
  }

  #take(count: number): number {
    const at = this.#at;
    if (!(count <= this.end - at)) throw new Damaged(`ends at byte ${this.end} where ${count} more were to come`);
    this.#at = at + count;
    return at;
  }

  byte(): number {
    if (this.#at >= this.end) throw new Damaged("ends too early");
    return this.#bytes[this.#at++] as number;
  }

  /** The next byte, which stays to be read. */
  peek(): number {
    return this.#at < this.end ? (this.#bytes[this.#at] as number) : -1;
  }

  uint(): number {
    let value = this.byte();
    if (value < 0x80) return value;
    value &= 0x7f;
    let factor = 0x80;
    for (;;) {
      const part = this.byte();
      value += (part & 0x7f) * factor;
      if (part < 0x80) break;
      factor *= 0x80;
      if (factor > 2 ** 49) throw new Damaged("has a number that is too long");
    }
    return value;
  }

  /** How many things follow, of at least so many bytes each: never more than there can be. */
  count(bytesEach = 1): number {
    const count = this.uint();
    if (count * bytesEach > this.end - this.#at) throw new Damaged(`announces ${count} things and then ends`);
    return count;
  }

  offset(): number {
    return this.#numbers.getUint32(this.#take(4), true);
  }

  double(): number {
    return this.#numbers.getFloat64(this.#take(8), true);
  }

  int(): number {
    const coded = this.uint();
    return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
  }

  /** A number written with its tag. */
  number(): number {
    const tag = this.byte();
    if (tag >= SMALL_INT && tag < 0x80) return tag - SMALL_INT;
    if (tag === INT) return this.int();
    if (tag === DOUBLE) return this.double();
    throw new Damaged("has no number where one should be");
  }

  text(): string {
    return this.textAfter(this.byte());
  }

  /** The string whose tag was just read. */
  textAfter(tag: number): string {
    if (tag <= SHORT_TEXT_MAX) return this.#shortText(tag);
    if (tag === LATIN_TEXT) {
      const length = this.count();
      const at = this.#take(length);
      return latin1Slice.call(this.#bytes, at, at + length);
    }
    if (tag !== WIDE_TEXT) throw new Damaged("has no string where one should be");
    const length = this.count(2) * 2;
    const at = this.#take(length);
    return ucs2Slice.call(this.#bytes, at, at + length);
  }

  #shortText(length: number): string {
    const at = this.#take(length);
    if (length === 0) return "";
    const bytes = this.#bytes;
    if (length > CACHED_TEXT_MAX) return latin1Slice.call(bytes, at, at + length);
    let hash = length;
    for (let index = at; index < at + length; index++) hash = (hash * 31 + (bytes[index] as number)) | 0;
    const slot = hash & 1023;
    const found = cache[slot];
    if (found !== undefined && found.length === length && isAt(bytes, at, found)) return found;
    const text = latin1Slice.call(bytes, at, at + length);
    cache[slot] = text;
    return text;
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  ints(count: number, width: 1 | 4): number[] {
    let at = this.#take(count * width);
    const values: number[] = [];
    if (width === 1) for (; values.length < count; at++) values.push(this.#bytes[at] as number);
    else {
      const numbers = this.#numbers;
      for (; values.length < count; at += 4) values.push(numbers.getInt32(at, true));
    }
    return values;
  }

  doubles(count: number): number[] {
    let at = this.#take(count * 8);
    const values: number[] = [];
    const numbers = this.#numbers;
    for (; values.length < count; at += 8) values.push(numbers.getFloat64(at, true));
    return values;
  }
}

function isAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
