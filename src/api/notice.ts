// What the library itself has to say to whoever runs the program: a line, and only when something is wrong.
import { Console } from "node:console";

export function notice(text: string): void {
  // A console's write, because that a line cannot be printed (a full disk, a reader that has left) is no error of the program.
  new Console(process.stderr).error(`ray-ts: ${text}`);
}
