// What the library itself has to say to whoever runs the program: a line, and only when something is wrong.
import { Console } from "node:console";
import { footerOf } from "../std/screens.ts";
import { logLine } from "../std/log-line.ts";

const STYLES: Readonly<Record<"text" | "json", (text: string) => string>> = {
  text: (text) => text,
  /** As the lines of workers, for programs that read the log. */
  json: (text) => logLine({ stream: "stderr", task: "", pid: process.pid, text }),
};

let style: "text" | "json" = "text";

export function setNoticeStyle(to: "text" | "json"): void {
  style = to;
}

export function notice(text: string): void {
  const { stderr } = process;
  const erased = footerOf(stderr).lift();
  if (erased !== "") stderr.write(erased);
  // A console's write, because that a line cannot be printed (a full disk, a reader that has left) is no error of the program.
  new Console(stderr).error(STYLES[style](`ray-ts: ${text}`));
}
