// Stacks without the frames of this package.
import { ownFolders } from "./code-folder.ts";

function isOwn(frame: string): boolean {
  return ownFolders.some((folder) => frame.includes(folder)) && !frame.includes(".test.");
}

/** Below it there is only what starts a task, some of it Node's. */
function startsTask(frame: string): boolean {
  return /^\s+at invokeTask \(/.test(frame) && isOwn(frame);
}

/** A stack without our frames and what is below a task; at most `framesMax` of the rest. */
export function withoutOwnFrames(stack: string, framesMax: number = Infinity): string {
  const lines: string[] = [];
  let frames = 0;
  for (const line of stack.split("\n")) {
    if (startsTask(line)) break;
    const isFrame = /^\s+at /.test(line);
    if (isFrame && (isOwn(line) || frames >= framesMax)) continue;
    if (isFrame) frames += 1;
    lines.push(line);
  }
  return lines.join("\n");
}
