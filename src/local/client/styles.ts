// How a line of a worker looks on the driver's streams.
import type { LogStyle } from "../../domain/options.ts";
import type { Output } from "../../protocol/hello.ts";
import { logLine } from "../../std/log-line.ts";

/** Of what a worker wrote, without its newline. */
export type Line = Pick<Output, "to" | "name" | "pid"> & { readonly text: string };

interface Style {
  /** Whether lines that many workers print are shown once. */
  readonly folds: boolean;
  render(line: Line, coloured: boolean): string;
}

const CYAN = "\u001b[36m";
const PLAIN = "\u001b[39m";

function prefixed({ name, pid, text }: Line, coloured: boolean): string {
  const prefix = name === "" ? `(pid=${pid})` : `(${name} pid=${pid})`;
  return coloured ? `${CYAN}${prefix}${PLAIN} ${text}\n` : `${prefix} ${text}\n`;
}

function asJson({ to, name, pid, text }: Line): string {
  return `${logLine({ stream: to, task: name, pid, text })}\n`;
}

export const STYLES: Readonly<Record<LogStyle, Style>> = {
  folded: { folds: true, render: prefixed },
  all: { folds: false, render: prefixed },
  json: { folds: false, render: asJson },
};
