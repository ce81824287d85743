// Bytes out: numbers and strings into a buffer that grows and is used again for the next value.
import { DOUBLE, INT, LATIN_TEXT, SHORT_TEXT, SHORT_TEXT_MAX, SMALL_INT, SMALL_INT_MAX, WIDE_TEXT } from "./tags.ts";

/** Small values are written side by side into one slab and keep a view of it: no copy, and no buffer of their own. */
const SLAB_BYTES = 16 * 1024;
/** Room that a slab must have left for another value to be begun in it. */
const SLAB_LEFT_MIN = 2 * 1024;
/** Above this a string is written by the engine; below, a loop is faster than the call. */
const LOOP_TEXT_MAX = SHORT_TEXT_MAX;

export class Writer {
  #bytes: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #view: DataView = viewOf(this.#bytes);
  #start = 0;
  #at = 0;
  /** Whether the buffer is a slab, whose parts may be given away. */
  #slab = true;

  /** Begins a value. */
  begin(): void {
    if (!this.#slab || this.#bytes.length - this.#at < SLAB_LEFT_MIN) {
      this.#use(Buffer.allocUnsafeSlow(SLAB_BYTES));
      this.#slab = true;
      this.#at = 0;
    }
    this.#start = this.#at;
  }

  /** What was written since `begin`; the caller's from then on. */
  end(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + this.#start, this.#at - this.#start);
  }

  /** Forgets what was written since `begin`. */
  abandon(): void {
    this.#at = this.#start;
  }

  get length(): number {
    return this.#at - this.#start;
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const length = this.length;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * (length + count), SLAB_BYTES));
    larger.set(this.#bytes.subarray(this.#start, this.#at));
    this.#use(larger);
    // The rest of the old slab is lost; that of the new buffer is too large to be kept for others.
    this.#slab = false;
    this.#start = 0;
    this.#at = length;
  }

  byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** Changes a byte that was written: `at` counts from `begin`. */
  patch(at: number, value: number): void {
    this.#bytes[this.#start + at] = value;
  }

  /** A count, a length, an index: a non-negative integer below 2^53. */
  uint(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    bytes[this.#at++] = rest;
  }

  /** Four bytes, so that the place of something can be found from the end. */
  offset(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#at, value, true);
    this.#at += 4;
  }

  /** A number as a value, with its tag. */
  number(value: number): void {
    if (value === (value | 0) && (value !== 0 || 1 / value > 0)) {
      if (value >= 0 && value <= SMALL_INT_MAX) return this.byte(SMALL_INT | value);
      this.byte(INT);
      return this.uint(value < 0 ? -2 * value - 1 : 2 * value);
    }
    this.byte(DOUBLE);
    this.double(value);
  }

  /** A string, with its tag: as a value, and wherever a string stands. */
  text(value: string): void {
    const { length } = value;
    if (length > LOOP_TEXT_MAX) return this.#longText(value);
    this.#reserve(length + 1);
    const bytes = this.#bytes;
    let at = this.#at + 1;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return this.#longText(value);
      bytes[at++] = code;
    }
    bytes[this.#at] = SHORT_TEXT | length;
    this.#at = at;
  }

  #longText(value: string): void {
    const { length } = value;
    // Most texts that are not Latin show it at once.
    const latin = value.charCodeAt(0) <= 0xff && (Buffer.byteLength(value) === length || !/[^\0-\xff]/.test(value));
    const size = latin ? length : 2 * length;
    this.byte(latin ? LATIN_TEXT : WIDE_TEXT);
    this.uint(length);
    this.#reserve(size);
    // "utf16le" and "latin1" keep every code unit, lone surrogates too.
    this.#bytes.write(value, this.#at, size, latin ? "latin1" : "utf16le");
    this.#at += size;
  }

  /** Bytes as they are; the reader must know how many. */
  raw(value: Uint8Array): void {
    this.#reserve(value.byteLength);
    this.#bytes.set(value, this.#at);
    this.#at += value.byteLength;
  }

  ints(values: readonly number[], width: 1 | 4): void {
    this.#reserve(values.length * width);
    if (width === 1) for (const value of values) this.#bytes[this.#at++] = value;
    else {
      for (const value of values) {
        this.#view.setInt32(this.#at, value, true);
        this.#at += 4;
      }
    }
  }

  doubles(values: readonly number[]): void {
    this.#reserve(values.length * 8);
    for (const value of values) {
      this.#view.setFloat64(this.#at, value, true);
      this.#at += 8;
    }
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
