// Cuts a stream of bytes, in whatever pieces it comes, into the frames that `Writer` made. Copies only what arrives in pieces.
import { Buffer } from "node:buffer";
import { WireError } from "./error.ts";
import { BODY_BYTES_MAX, GREETING_BYTES_MAX, HEADER_BYTES, MAGIC } from "./limits.ts";

export type FrameHandler = (body: Buffer, messagesEnd: number, attachments: readonly Uint8Array[]) => void;

const NONE: readonly Uint8Array[] = [];
/** Longer than any array the engine can hold. */
const ATTACHMENT_BYTES_MAX = 2 ** 40;

export class FrameSplitter {
  readonly #onFrame: FrameHandler;
  /** Whether only a greeting may come: nobody has shown yet that he belongs here. */
  stranger = false;
  #state: "header" | "body" | "attachment" = "header";
  /** Length of the part that is being read. */
  #need = HEADER_BYTES;
  /** The part so far, when it did not come in one piece. */
  #partial: Buffer | undefined;
  #filled = 0;
  #attachmentCount = 0;
  #body: Buffer | undefined;
  #lengths: number[] = [];
  #attachments: Uint8Array[] = [];

  constructor(onFrame: FrameHandler) {
    this.#onFrame = onFrame;
  }

  /** Something has begun that has not ended. */
  get midFrame(): boolean {
    return this.#state !== "header" || this.#filled > 0;
  }

  /** Takes the chunk: frames may keep views of it, unless it is lent. Throws a `WireError`; nothing may follow that. */
  feed(chunk: Buffer, lent = false): void {
    let at = 0;
    for (;;) {
      const part = this.#take(chunk, at, lent);
      if (part === undefined) return;
      at += this.#consumed;
      this.#part(part);
      if (at >= chunk.length && this.#need > 0) return;
    }
  }

  #consumed = 0;

  /** The next part if it is complete; else keeps what there is of it. */
  #take(chunk: Buffer, at: number, lent: boolean): Buffer | undefined {
    const need = this.#need;
    const left = chunk.length - at;
    // Attachments become user data: each gets memory of its own, so that keeping one keeps nothing else.
    if (this.#partial === undefined && left >= need && this.#state !== "attachment") {
      this.#consumed = need;
      const part = chunk.subarray(at, at + need);
      // Of a header nothing is kept.
      return lent && this.#state === "body" ? Buffer.from(part) : part;
    }
    this.#partial ??= allocate(need);
    const count = Math.min(left, need - this.#filled);
    this.#partial.set(chunk.subarray(at, at + count), this.#filled);
    this.#filled += count;
    this.#consumed = count;
    if (this.#filled < need) return undefined;
    const part = this.#partial;
    this.#partial = undefined;
    this.#filled = 0;
    return part;
  }

  #part(part: Buffer): void {
    switch (this.#state) {
      case "header":
        return this.#header(part);
      case "body":
        if (this.#attachmentCount === 0) return this.#complete(part, part.length, NONE);
        this.#body = part;
        this.#readLengths(part);
        return this.#nextAttachment();
      case "attachment":
        this.#attachments.push(part);
        return this.#nextAttachment();
    }
  }

  #header(header: Buffer): void {
    const magic = header.readUInt32LE(0);
    if (magic !== MAGIC) throw new WireError(`it begins with ${magic.toString(16)}`);
    this.#attachmentCount = header.readUInt32LE(4);
    const length = header.readUInt32LE(8);
    const bytesMax = this.stranger ? GREETING_BYTES_MAX : BODY_BYTES_MAX;
    if (length > bytesMax) throw new WireError(`it claims to be ${length} bytes long, more than ${bytesMax}`);
    if (this.stranger && this.#attachmentCount > 0) throw new WireError("a greeting has no attachments");
    if (length < 8 * this.#attachmentCount) throw new WireError("it is too short for its attachments");
    this.#state = "body";
    this.#need = length;
  }

  #readLengths(body: Buffer): void {
    this.#lengths = [];
    for (let at = body.length - 8 * this.#attachmentCount; at < body.length; at += 8) {
      const length = body.readDoubleLE(at);
      const possible = Number.isInteger(length) && length >= 0 && length <= ATTACHMENT_BYTES_MAX;
      if (!possible) throw new WireError(`an attachment of ${length} bytes`);
      this.#lengths.push(length);
    }
    this.#attachments = [];
  }

  #nextAttachment(): void {
    const length = this.#lengths[this.#attachments.length];
    if (length !== undefined) {
      this.#state = "attachment";
      this.#need = length;
      return;
    }
    const body = this.#body as Buffer;
    const attachments = this.#attachments;
    this.#body = undefined;
    this.#attachments = [];
    this.#complete(body, body.length - 8 * attachments.length, attachments);
  }

  #complete(body: Buffer, messagesEnd: number, attachments: readonly Uint8Array[]): void {
    this.#state = "header";
    this.#need = HEADER_BYTES;
    this.#onFrame(body, messagesEnd, attachments);
  }
}

/** What a length claims may be more than there is memory: then nobody of ours has sent it. */
function allocate(bytes: number): Buffer {
  try {
    return Buffer.allocUnsafeSlow(bytes);
  } catch (error) {
    throw new WireError(`no memory for ${bytes} bytes`, { cause: error });
  }
}
