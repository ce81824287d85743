// Which module of this package a stack ends in: by the path in its frames, or in the bundle by the names that stand before the modules.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { codeFolder, ownFolders } from "../std/code-folder.ts";

/** The module of the innermost frame that is of this package, as `worker/runner.ts`. Undefined: there is no such frame. */
export function innermostOwn(stack: string): string | undefined {
  for (const line of stack.split("\n")) {
    const folder = ownFolders.find((each) => line.includes(each));
    if (folder === undefined || !/^\s+at /.test(line)) continue;
    const place = line.slice(line.indexOf(folder) + folder.length);
    const [, file, row] = /^([\w./-]+):(\d+):\d+\)?$/.exec(place) ?? [];
    if (file !== undefined) return bundledModule(file, Number(row)) ?? file.replace(/\.js$/, ".ts");
  }
  return undefined;
}

/** A bundle has a line `// src/worker/runner.ts` before each module. */
function bundledModule(file: string, row: number): string | undefined {
  try {
    const lines = readFileSync(fileURLToPath(new URL(file, codeFolder)), "utf8").split("\n", row);
    const name = lines.findLast((line) => /^\/\/ src\/\S+\.ts$/.test(line));
    return name?.slice("// src/".length);
  } catch {
    // A name from a source map is no file there; and user code may have deleted what it likes.
    return undefined;
  }
}
