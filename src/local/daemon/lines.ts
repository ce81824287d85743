// Cuts what a worker writes into its pipe into whole lines, and tells which task each came from.
//
// The worker itself writes a control line, `<mark><name>`, when another task begins to write: in the same pipe, so that the order is
// exact whatever road the output took.
import { Buffer } from "node:buffer";

/** A longer line is cut: it must fit memory and a message, and no terminal shows it whole. */
const LINE_BYTES_MAX = 64 * 1024;
const NEWLINE = 10;

export interface LineHandler {
  /** Whole lines, each with its newline; only what was cut, or the last of a worker, has none. */
  lines(name: string, text: Buffer): void;
}

export class Lines {
  readonly #mark: Buffer;
  readonly #handler: LineHandler;
  #name = "";
  /** The beginning of a line whose end has not come. */
  #partial: Buffer[] = [];
  #partialBytes = 0;

  constructor(mark: string, handler: LineHandler) {
    this.#mark = Buffer.from(mark);
    this.#handler = handler;
  }

  feed(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) return this.#keep(chunk);
    const text =
      this.#partialBytes === 0 ? chunk.subarray(0, end) : Buffer.concat([...this.#partial, chunk.subarray(0, end)]);
    this.#partial = [];
    this.#partialBytes = 0;
    this.#whole(text);
    if (end < chunk.length) this.#keep(chunk.subarray(end));
  }

  /** No more of the line will come, or nobody is left to wait for it. */
  end(): void {
    if (this.#partialBytes > 0) this.#tell(Buffer.concat(this.#partial));
    this.#partial = [];
    this.#partialBytes = 0;
  }

  #keep(chunk: Buffer): void {
    this.#partial.push(chunk);
    this.#partialBytes += chunk.length;
    if (this.#partialBytes < LINE_BYTES_MAX) return;
    const text = Buffer.concat(this.#partial);
    this.#partial = [];
    this.#partialBytes = 0;
    // The mark of a control line may stand at the end, in pieces: it is short, and so is what is kept for it.
    const mark = text.lastIndexOf(this.#mark.subarray(0, 1));
    const cut = mark >= 0 && text.length - mark < LINE_BYTES_MAX / 2 ? mark : wholeCharacters(text);
    this.#whole(text.subarray(0, cut));
    if (cut < text.length) this.#keep(text.subarray(cut));
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
