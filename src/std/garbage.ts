// Collects garbage now. V8 does so when its own heap grows, and knows nothing of what a small object keeps elsewhere.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Takes some milliseconds, and up to a tenth of a second with a large heap. Finalizers are called some turns later. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
