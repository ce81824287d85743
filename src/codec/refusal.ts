// What could not travel, as one error: the path to the first of it in full, the others in a line each.
import { SerializationError } from "../domain/errors.ts";
import type { Place, Step } from "./graph.ts";
import { isOfPackage } from "./package-classes.ts";
import type { Problem, Root } from "./problem.ts";

/** More failures than this of one value help nobody: they tend to have one cause. */
export const failuresMax = 5;

export interface Failure {
  readonly path: string;
  readonly problem: Problem;
  readonly advice: string | undefined;
  /** The functions on the way, the innermost first. */
  readonly places: readonly Place[];
  /** The class of a package that it lies in an instance of. */
  readonly packageClass?: string | undefined;
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
  for (const other of others) lines.push(`    ${other.path} ${other.problem.reason} ${whatToDo(other)}`);
  return new SerializationError(lines.join("\n"), { path, reason, hint, location: location.join("\n") });
}

function places({ places }: Failure): string[] {
  return places
    .filter(({ text }) => text !== "")
    .slice(0, failuresMax)
    .map(({ name, text }, index) => `${index === 0 ? "captured at" : "through    "}  ${text}   ${name}`);
}

function hintFor(failure: Failure): string {
  const { places, advice } = failure;
  const innermost = places[0];
  const hint = whatToDo(failure);
  if (innermost !== undefined && isOfPackage(innermost.text)) return hint;
  const minified = innermost !== undefined && innermost.name.length <= 2 && /^\S+:1:\d{4,}$/.test(innermost.text);
  if (minified) return `${hint} (Names are minified: ship from source or enable source maps.)`;
  return advice === undefined ? hint : `${hint} ${advice}`;
}

function whatToDo({ problem, places, path, packageClass }: Failure): string {
  if (places[0] !== undefined && isOfPackage(places[0].text))
    return packageHint(path, "leads into the code of a package and cannot be copied:");
  const root = rootOf(path);
  const hint = (root === undefined ? undefined : problem.hintIn?.[root]) ?? problem.hint;
  if (packageClass === undefined) return hint;
  const leads = `leads into an instance of ${packageClass}, a class of a package`;
  // Of a socket, or what only the engine makes, there is nothing else to say, whoever has put it there.
  if (/^(?:(?:Create|Use) it|Call the API) inside the function/.test(hint)) return packageHint(path, `${leads}:`);
  return `${packageHint(path, `${leads}. If that has put there what cannot travel:`)} If you have: ${hint}`;
}

/** Nobody edits a package: what can be done is to leave it in its process, and to make another one where it is needed. */
function packageHint(path: string, leads: string): string {
  const root = rootOf(path);
  const variable = root === undefined ? / -> ([^ .[<]+)/.exec(path)?.[1] : undefined;
  return `${variable === undefined ? "It" : `'${variable}'`} ${leads} ${insteadOfPackage[root ?? "given"]}`;
}

const insteadOfPackage: { readonly [R in Root | "given"]: string } = {
  given: "create it inside the function, or in a module that it imports.",
  result: "use it inside the function, and return what you got from it.",
  item: "use it inside the function, and yield what you got from it.",
  put: "put what you got from it.",
};

/** By how the paths begin that encoders are told. */
const roots: readonly (readonly [RegExp, Root])[] = [
  [/^\(?result (\d+ )?of /, "result"],
  [/^\(?item \d+ of /, "item"],
  [/^\(?the value\b/, "put"],
];

function rootOf(path: string): Root | undefined {
  return roots.find(([pattern]) => pattern.test(path))?.[1];
}
