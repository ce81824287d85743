// Cuts what a worker writes into its pipe into whole lines, and tells which task each came from.
//
// The worker itself writes a control line, `<mark><name>`, when another task begins to write: in the same pipe, so that the order is
// exact whatever road the output took.
import { Buffer } from "node:buffer";

/** A longer line is cut: each worker may have the beginning of one here, and a message of it on its way. Programs that read logs take as much. */
const LINE_BYTES_MAX = 1024 * 1024;
/** A control line is shorter. */
const CONTROL_BYTES_MAX = 32 * 1024;
const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);

export interface LineHandler {
  /** Whole lines, each with its newline; only what was cut, or the last of a worker, has none. */
  lines(name: string, text: Buffer): void;
}

export class Lines {
  readonly #mark: Buffer;
  readonly #handler: LineHandler;
  #name = "";
  /** The beginning of a line whose end has not come, with room for more. */
  #partial: Buffer = NOTHING;
  #partialBytes = 0;

  constructor(mark: string, handler: LineHandler) {
    this.#mark = Buffer.from(mark);
    this.#handler = handler;
  }

  feed(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) return this.#keep(chunk);
    const whole = chunk.subarray(0, end);
    this.#whole(this.#partialBytes === 0 ? whole : Buffer.concat([this.#takePartial(), whole]));
    if (end < chunk.length) this.#keep(chunk.subarray(end));
  }

  /** No more of the line will come, or nobody is left to wait for it. */
  end(): void {
    if (this.#partialBytes > 0) this.#tell(this.#takePartial());
  }

  #keep(chunk: Buffer): void {
    const bytes = this.#partialBytes + chunk.length;
    // In one piece, which grows by doubling: a line may come byte by byte.
    if (bytes > this.#partial.length) {
      const roomy = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#partial.length));
      this.#partial.copy(roomy, 0, 0, this.#partialBytes);
      this.#partial = roomy;
    }
    chunk.copy(this.#partial, this.#partialBytes);
    this.#partialBytes = bytes;
    if (bytes < LINE_BYTES_MAX) return;
    const text = this.#takePartial();
    // The mark of a control line may stand at the end, in pieces: it is short, and so is what is kept for it.
    const mark = text.lastIndexOf(this.#mark.subarray(0, 1));
    const cut = mark >= 0 && text.length - mark < CONTROL_BYTES_MAX ? mark : wholeCharacters(text);
    this.#whole(text.subarray(0, cut));
    if (cut < text.length) this.#keep(text.subarray(cut));
  }

  /** Whoever gets it may keep it. */
  #takePartial(): Buffer {
    const text = this.#partial.subarray(0, this.#partialBytes);
    this.#partial = NOTHING;
    this.#partialBytes = 0;
    return text;
  }

  #whole(text: Buffer): void {
    let at = 0;
    for (let mark = text.indexOf(this.#mark); mark >= 0; mark = text.indexOf(this.#mark, at)) {
      const end = text.indexOf(NEWLINE, mark);
      if (end < 0) break;
      if (mark > at) this.#tell(text.subarray(at, mark));
      this.#name = text.toString("utf8", mark + this.#mark.length, end);
      at = end + 1;
    }
    if (at < text.length) this.#tell(text.subarray(at));
  }

  #tell(text: Buffer): void {
    this.#handler.lines(this.#name, text);
  }
}

/** How many bytes hold whole characters of UTF-8: the last one may have come in part. */
function wholeCharacters(text: Buffer): number {
  for (let back = 1; back <= 3 && back <= text.length; back += 1) {
    const byte = text[text.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const bytes = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return bytes > back ? text.length - back : text.length;
  }
  return text.length;
}
