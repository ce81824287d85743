// Reads what a `Writer` wrote, in the same order. Anything that cannot be is a `WireError`, never a wrong value.
import type { Buffer } from "node:buffer";
import { deserialize } from "node:v8";
import { WireError } from "./error.ts";
import { WORDS_MAX } from "./limits.ts";

const SHORT_TEXT = 24;

export class Reader {
  #body: Buffer;
  #at = 0;
  #end = 0;
  #attachments: readonly Uint8Array[] = [];
  #nextAttachment = 0;
  readonly #words: string[] = [];

  constructor(empty: Buffer) {
    this.#body = empty;
  }

  /** From here on reads this frame. `end` is where its messages end. */
  open(body: Buffer, end: number, attachments: readonly Uint8Array[]): void {
    this.#body = body;
    this.#at = 0;
    this.#end = end;
    this.#attachments = attachments;
    this.#nextAttachment = 0;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  byte(): number {
    if (this.#at >= this.#end) throw truncated();
    return this.#body[this.#at++] as number;
  }

  flag(): boolean {
    return this.byte() !== 0;
  }

  count(): number {
    const body = this.#body;
    let at = this.#at;
    let byte = body[at++] as number;
    if (byte < 128 && at <= this.#end) {
      this.#at = at;
      return byte;
    }
    let value = byte & 127;
    for (let scale = 128; byte >= 128; scale *= 128) {
      if (at >= this.#end || scale > Number.MAX_SAFE_INTEGER) throw truncated();
      byte = body[at++] as number;
      value += (byte & 127) * scale;
    }
    if (at > this.#end) throw truncated();
    this.#at = at;
    return value;
  }

  text(): string {
    const length = this.count();
    const start = this.#skip(length);
    if (length > SHORT_TEXT) return this.#body.toString("utf8", start, start + length);
    let text = "";
    for (let at = start; at < start + length; at += 1) {
      const code = this.#body[at] as number;
      if (code > 127) return this.#body.toString("utf8", start, start + length);
      text += String.fromCharCode(code);
    }
    return text;
  }

  word(): string {
    const known = this.count();
    if (known === 1) return this.text();
    if (known === 0) {
      const text = this.text();
      if (this.#words.length >= WORDS_MAX) throw new WireError("more words than a connection may remember");
      this.#words.push(text);
      return text;
    }
    const word = this.#words[known - 2];
    if (word === undefined) throw new WireError(`word ${known - 2} was never sent`);
    return word;
  }

  /** A view of what was received, where it was received. */
  bytes(): Uint8Array {
    const header = this.count();
    if (header === 0) {
      const attachment = this.#attachments[this.#nextAttachment++];
      if (attachment === undefined) throw new WireError("an attachment is missing");
      return attachment;
    }
    const start = this.#skip(header - 1);
    return new Uint8Array(this.#body.buffer, this.#body.byteOffset + start, header - 1);
  }

  texts(): string[] {
    const length = this.count();
    const values: string[] = [];
    for (let index = 0; index < length; index += 1) values.push(this.text());
    return values;
  }

  data(): unknown {
    const bytes = this.bytes();
    try {
      return deserialize(bytes);
    } catch (error) {
      throw new WireError("data that cannot be read", { cause: error });
    }
  }

  #skip(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw truncated();
    this.#at = start + length;
    return start;
  }
}

function truncated(): WireError {
  return new WireError("a message ends too soon");
}
