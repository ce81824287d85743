// Stacks without the frames of this package.
import { ownFolders } from "./code-folder.ts";

/** Of a frame in words, or of a file. */
export function isOwn(frame: string): boolean {
  return ownFolders.some((folder) => frame.includes(folder)) && !frame.includes(".test.");
}

/** The error, with a stack that begins with whoever called this public function. */
export function calledAt<E extends Error>(callee: (...args: never[]) => unknown, error: E): E {
  Error.captureStackTrace(error, callee);
  return error;
}

/** Below it there is only what starts a task, some of it Node's. */
function startsTask(frame: string): boolean {
  return /^\s+at invokeTask \(/.test(frame) && isOwn(frame);
}

/** A stack without our frames and what is below a task; at most `framesMax` of the rest. */
export function withoutOwnFrames(stack: string, framesMax: number = Infinity): string {
  const lines: string[] = [];
  let frames = 0;
  const all = stack.split("\n");
  for (const [index, line] of all.entries()) {
    if (startsTask(line)) break;
    const isFrame = /^\s+at /.test(line);
    // What the engine did for us, such as `Array.from`, is ours too.
    const isOurs = isOwn(line) || (line.endsWith(" (<anonymous>)") && isOwn(all[index + 1] ?? ""));
    if (isFrame && (isOurs || frames >= framesMax)) continue;
    if (isFrame) frames += 1;
    lines.push(line);
  }
  return lines.join("\n");
}
