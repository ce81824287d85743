// What could not travel, as one error: the path to the first of it in full, the others in a line each.
import { SerializationError } from "../domain/errors.ts";
import type { Place, Step } from "./graph.ts";
import type { Problem, Root } from "./problem.ts";

/** More failures than this of one value help nobody: they tend to have one cause. */
export const failuresMax = 5;

export interface Failure {
  readonly path: string;
  readonly problem: Problem;
  readonly advice: string | undefined;
  /** The functions on the way, the innermost first. */
  readonly places: readonly Place[];
}

export function stepText(step: Step): string {
  switch (typeof step) {
    case "number":
      return `[${step}]`;
    case "string":
      return isIdentifier(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    case "symbol":
      return `[${String(step)}]`;
    default:
      return step.text;
  }
}

function isIdentifier(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);
}

/** `what`: the function or value as the user named it. */
export function refusal(what: string, failures: readonly Failure[]): SerializationError {
  const [first, ...others] = failures as readonly [Failure, ...Failure[]];
  const { path, problem } = first;
  const reason = problem.reason;
  const location = places(first);
  const lines = [`cannot ship ${what}: ${path}${reason.startsWith(":") ? "" : " "}${reason}`];
  if (problem.detail !== undefined) lines.push(`  (${problem.detail})`);
  for (const line of location) lines.push(`    ${line}`);
  const hint = hintFor(first);
  lines.push(`  ${hint}`);
  if (others.length > 0) lines.push("  It has more that cannot travel:");
  for (const other of others) lines.push(`    ${other.path} ${other.problem.reason} ${plainHint(other)}`);
  return new SerializationError(lines.join("\n"), { path, reason, hint, location: location.join("\n") });
}

function places({ places }: Failure): string[] {
  return places
    .filter(({ text }) => text !== "")
    .slice(0, failuresMax)
    .map(({ name, text }, index) => `${index === 0 ? "captured at" : "through    "}  ${text}   ${name}`);
}

/** Inside a package, the user can only change which variable of their own leads there. */
function hintFor({ problem, places, path, advice }: Failure): string {
  const innermost = places[0];
  const variable = / -> ([^ .[<]+)/.exec(path)?.[1];
  if (innermost !== undefined && /[\\/]node_modules[\\/]/.test(innermost.text) && variable !== undefined) {
    return `'${variable}' leads into a package and cannot be copied; create it in a module and import it.`;
  }
  const hint = plainHint({ problem, path });
  const also = advice === undefined ? "" : ` ${advice}`;
  const minified = innermost !== undefined && innermost.name.length <= 2 && /^\S+:1:\d{4,}$/.test(innermost.text);
  return minified ? `${hint} (Names are minified: ship from source or enable source maps.)` : hint + also;
}

/** By how the paths begin that encoders are told. */
const roots: readonly (readonly [RegExp, Root])[] = [
  [/^\(?result (\d+ )?of /, "result"],
  [/^\(?item \d+ of /, "item"],
  [/^\(?the value\b/, "put"],
];

function plainHint({ problem, path }: Pick<Failure, "problem" | "path">): string {
  const root = roots.find(([pattern]) => pattern.test(path))?.[1];
  return (root === undefined ? undefined : problem.hintIn?.[root]) ?? problem.hint;
}
