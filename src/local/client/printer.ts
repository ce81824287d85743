// What workers wrote, on the driver's own terminal: whole lines, each with the task and the process it came from.
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import type { Output } from "../../protocol/hello.ts";

export type Printable = Pick<Output, "to" | "name" | "pid"> & { readonly text: string };

export class Printer {
  /** The number of the last output that was printed. */
  seen = 0;

  print(output: Output): void {
    this.seen = output.number;
    const { to, name, pid } = output;
    const text = Buffer.from(output.text.buffer, output.text.byteOffset, output.text.byteLength).toString("utf8");
    const stream = to === "stdout" ? process.stdout : process.stderr;
    if (stream.writable) stream.write(prefixed({ to, name, pid, text }));
  }

  /** In the last moment of the process, when nothing waits for a stream any more. */
  printNow(output: Printable): void {
    const fd = output.to === "stdout" ? 1 : 2;
    const bytes = Buffer.from(prefixed(output));
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } catch {
      // Nobody reads it (EPIPE), or not fast enough for a process that ends (EAGAIN).
    }
  }

  /** Resolves when the streams have taken all of it. */
  async drained(): Promise<void> {
    await Promise.all([taken(process.stdout), taken(process.stderr)]);
  }
}

function prefixed({ name, pid, text }: Printable): string {
  const prefix = name === "" ? `(pid=${pid}) ` : `(${name} pid=${pid}) `;
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  return `${prefix}${body.replaceAll("\n", `\n${prefix}`)}\n`;
}

function taken(stream: NodeJS.WriteStream): Promise<void> {
  if (!stream.writable || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("error", done);
      stream.off("close", done);
      resolve();
    };
    stream.once("error", done);
    stream.once("close", done);
    stream.write("", done);
  });
}
