// How every lab ends: checks in the lab's own words, then one verdict and an exit code.
import { inspect, isDeepStrictEqual } from "node:util";

/** A check that did not hold. The message is for the learner: what was seen, and where to look. */
class CheckFailed extends Error {
  override name = "CheckFailed";
}

/**
 * Runs the checks and prints the verdict: `VERIFY: success` with what `checks` returns, or `VERIFY: failed` with the message of
 * the first check that did not hold. A failure makes the program exit with code 1, but later parts of the lab still run.
 */
export function verify(checks: () => string, part?: string): void {
  const title = part === undefined ? "VERIFY" : `VERIFY (${part})`;
  try {
    console.log(`${title}: success: ${checks()}`);
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error;
    process.exitCode = 1;
    console.log(`${title}: failed: ${error.message}`);
  }
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CheckFailed(message);
}

/** Remote functions and actor classes, by their names in the lab. */
export function checkRemote(functions: Record<string, unknown>): void {
  for (const [name, fn] of Object.entries(functions)) {
    const isRemote = typeof fn === "function" && "remote" in fn && typeof fn.remote === "function";
    const kind = /^class\b/.test(String(fn)) ? "class" : "function";
    check(isRemote, `${name} is still an ordinary ${kind}. Wrap it: const ${name} = ray.remote(…).`);
  }
}

export function isReference(value: unknown): boolean {
  return inspect(value).startsWith("ObjectRef(");
}

/** The most usual mistake of a beginner has its own message. */
export function checkValues(values: readonly unknown[], what: string): void {
  check(!values.some(isReference), `${what} are references, not values. Did you remember ray.get?`);
}

export function checkEqual(actual: unknown, expected: unknown, what: string): void {
  checkValues(Array.isArray(actual) ? actual : [actual], what);
  const seen = `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}.`;
  check(isDeepStrictEqual(actual, expected), seen);
}

export interface Bounds {
  /** What no correct answer can be faster than. Never relaxed. */
  readonly above: number;
  /** What the best answer takes on a machine that does nothing else. */
  readonly ideal: number;
  /** What a right answer stays under. `RAY_TS_LAB_SLACK` multiplies the distance from `ideal`. */
  readonly below: number;
  /** What to look at when a bound is missed. */
  readonly tooSlow: string;
  readonly tooFast: string;
}

const IF_BUSY =
  "(If nothing is wrong with that, the machine may be busy: RAY_TS_LAB_SLACK=3 lets the bound be that much further off.)";

export function checkSeconds(seconds: number, bounds: Bounds): void {
  const { above, tooSlow, tooFast } = bounds;
  const below = relaxed(bounds);
  const took = `it took ${seconds.toFixed(3)} s`;
  check(seconds < below, `too slow: ${took}, and should take less than ${below} s. ${tooSlow} ${IF_BUSY}`);
  check(seconds > above, `too fast: ${took}, and cannot take less than ${above} s. ${tooFast}`);
}

/** The upper bound in force. The factor is for busy shared machines; learners never set it. */
export function relaxed({ ideal, below }: Pick<Bounds, "ideal" | "below">): number {
  const slack = Number(process.env["RAY_TS_LAB_SLACK"] ?? 1);
  if (!(slack >= 1))
    throw new TypeError(`RAY_TS_LAB_SLACK must be a number of at least 1, got ${process.env["RAY_TS_LAB_SLACK"]}.`);
  return Number((ideal + (below - ideal) * slack).toFixed(3));
}
