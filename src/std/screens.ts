// Which screen a stream is, and what stands at its foot.
import { Footer } from "./footer.ts";

/** Standard output and standard error of a program on a terminal are the same screen. */
const ofTerminal = new Footer(() => writtenTo(process.stdout) + writtenTo(process.stderr));
const others = new WeakMap<object, Footer>();

function writtenTo(stream: Partial<Pick<NodeJS.WriteStream, "isTTY" | "bytesWritten">> | undefined): number {
  return stream?.isTTY === true ? (stream.bytesWritten ?? 0) : 0;
}

/** Of a terminal. */
export function footerOf(stream: object): Footer {
  if (stream === process.stderr || stream === process.stdout) return ofTerminal;
  const found = others.get(stream) ?? new Footer();
  others.set(stream, found);
  return found;
}
