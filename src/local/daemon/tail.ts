// The last of what a worker wrote to stderr, for the error that says how it ended.
import { Buffer } from "node:buffer";

const LINES_MAX = 20;
const BYTES_MAX = 8 * 1024;

export class Tail {
  #kept: Buffer = Buffer.alloc(0);

  add(text: Uint8Array): void {
    const all = Buffer.concat([this.#kept, text.subarray(Math.max(0, text.length - BYTES_MAX))]);
    this.#kept = all.subarray(Math.max(0, all.length - BYTES_MAX));
  }

  get text(): string {
    const lines = this.#kept.toString("utf8").split("\n");
    // What Node and V8 say when they give up comes before a long stack, and says more.
    const fatal = lines.findLastIndex((line) => line.startsWith("FATAL ERROR"));
    const start = Math.max(0, lines.length - LINES_MAX - 1);
    return (fatal >= 0 && fatal < start ? lines.slice(fatal, fatal + LINES_MAX) : lines.slice(start)).join("\n");
  }
}
