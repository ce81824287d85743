// Writes one batch of messages as one frame: numbers, texts and bytes one after another, large byte arrays beside it, uncopied.
//
//   frame:  magic (4) | attachments (4) | length of body (4) | body | attachment | attachment | …
//   body:   message | message | … | length of each attachment (8)
import { Buffer } from "node:buffer";
import { serialize } from "node:v8";
import {
  CROWDED_BYTES,
  HEADER_BYTES,
  INLINE_BYTES_MAX,
  INLINE_CROWDED_BYTES_MAX,
  MAGIC,
  WORDS_MAX,
  WORD_LENGTH_MAX,
} from "./limits.ts";

/** Frames are written one after another into a slab; a slab that the kernel still reads from is left to it. */
const SLAB_BYTES = 128 * 1024;
/** Less room than this at the start of a frame: a fresh slab, so that frames rarely have to move. */
const ROOM_BYTES = 32 * 1024;
const SHORT_TEXT = 64;

export interface Frame {
  /** Header and body. Valid until `recycle`. */
  readonly head: Buffer;
  readonly attachments: readonly Uint8Array[];
}

const NONE: readonly Uint8Array[] = [];

export class Writer {
  #slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** Where the current frame begins. */
  #start = 0;
  #at = HEADER_BYTES;
  #attachments: Uint8Array[] = [];
  #attachedBytes = 0;
  /** Words that the other side knows by number. */
  readonly #words = new Map<string, number>();

  /** Bytes of the frame so far. */
  get size(): number {
    return this.#at - this.#start - HEADER_BYTES + this.#attachedBytes;
  }

  /** What was written since the last frame. */
  take(): Frame {
    const attachments = this.#attachments;
    for (const attachment of attachments) {
      this.#reserve(8);
      this.#at = this.#slab.writeDoubleLE(attachment.length, this.#at);
    }
    const slab = this.#slab;
    slab.writeUInt32LE(MAGIC, this.#start);
    slab.writeUInt32LE(attachments.length, this.#start + 4);
    slab.writeUInt32LE(this.#at - this.#start - HEADER_BYTES, this.#start + 8);
    const head = slab.subarray(this.#start, this.#at);
    this.#start = this.#at;
    if (slab.length - this.#start < ROOM_BYTES) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#start = 0;
    }
    this.#at = this.#start + HEADER_BYTES;
    if (attachments.length === 0) return { head, attachments: NONE };
    this.#attachments = [];
    this.#attachedBytes = 0;
    return { head, attachments };
  }

  /** The kernel has taken every frame: their memory may be used again. Not while a frame is begun. */
  recycle(): void {
    this.#start = 0;
    this.#at = HEADER_BYTES;
  }

  /** 0–255. */
  byte(value: number): void {
    this.#reserve(1);
    this.#slab[this.#at++] = value;
  }

  flag(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  /** A whole number from 0 to 2^53 - 1. */
  count(value: number): void {
    this.#reserve(8);
    const slab = this.#slab;
    let at = this.#at;
    let rest = value;
    while (rest > 0x7fffffff) {
      slab[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      slab[at++] = (rest & 127) | 0x80;
      rest >>>= 7;
    }
    slab[at++] = rest;
    this.#at = at;
  }

  text(value: string): void {
    if (value.length <= SHORT_TEXT && this.#ascii(value)) return;
    const length = Buffer.byteLength(value);
    this.count(length);
    this.#reserve(length);
    this.#at += this.#slab.write(value, this.#at, length, "utf8");
  }

  /** A text that comes again and again on this connection, such as a function's name: sent once, then a number. */
  word(value: string): void {
    const known = this.#words.get(value);
    if (known !== undefined) return this.count(known + 2);
    if (this.#words.size >= WORDS_MAX || value.length > WORD_LENGTH_MAX) {
      this.count(1);
      return this.text(value);
    }
    this.#words.set(value, this.#words.size);
    this.count(0);
    this.text(value);
  }

  /** Takes the array when it is large: it may not be changed afterwards. */
  bytes(value: Uint8Array): void {
    const length = value.length;
    const crowded = this.#at - this.#start > CROWDED_BYTES;
    if (length > (crowded ? INLINE_CROWDED_BYTES_MAX : INLINE_BYTES_MAX)) {
      this.count(0);
      this.#attachments.push(value);
      this.#attachedBytes += length;
      return;
    }
    this.count(length + 1);
    this.#reserve(length);
    const slab = this.#slab;
    const at = this.#at;
    // Below some dozen bytes a loop beats the call into the runtime.
    if (length <= 40) for (let index = 0; index < length; index += 1) slab[at + index] = value[index] as number;
    else slab.set(value, at);
    this.#at = at + length;
  }

  texts(values: readonly string[]): void {
    this.count(values.length);
    for (const value of values) this.text(value);
  }

  /** Any plain data, by the structured clone algorithm. Not for what is sent often. */
  data(value: unknown): void {
    this.bytes(serialize(value));
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#slab.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const used = this.#at - this.#start;
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (used + bytes)));
    slab.set(this.#slab.subarray(this.#start, this.#at));
    this.#slab = slab;
    this.#start = 0;
    this.#at = used;
  }

  /** Writes a short ASCII text; says false, and has written nothing, when it is not. */
  #ascii(value: string): boolean {
    const length = value.length;
    this.#reserve(length + 1);
    const slab = this.#slab;
    const at = this.#at + 1;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      slab[at + index] = code;
    }
    slab[at - 1] = length;
    this.#at = at + length;
    return true;
  }
}
