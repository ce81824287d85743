// All there is to know about one function of the user's: its text and tree, its script and place, and the scopes that it sees.
import { types } from "node:util";
import { textOf } from "../std/text-of.ts";
import type { Place } from "./graph.ts";
import { birthOf, type Birth } from "./births.ts";
import { applied, blank } from "./edits.ts";
import { placeText } from "./places.ts";
import { noSource, type Problem } from "./problem.ts";
import { scriptInfo, type ScriptInfo } from "./scripts.ts";
import type { FunctionPlace } from "./script-table.ts";
import { canInspect, inspect, variableIn, type Inspected, type Scope } from "./scope.ts";
import { sourceOf, type Source } from "./source.ts";

export type AnyFunction = (...args: never[]) => unknown;

export interface Facts {
  readonly source: Source;
  readonly script: ScriptInfo | undefined;
  readonly place: FunctionPlace | undefined;
  /** Of the file; empty when it has none. */
  readonly url: string;
  /** Where the text begins; both count from 0. */
  readonly line: number;
  readonly column: number;
  readonly strict: boolean;
  readonly scopes: readonly Scope[];
  /** Whether `scopes` can be trusted to be all. */
  readonly inspected: boolean;
  readonly privates: ReadonlyMap<string, unknown>;
  /** Of a function that arrived here itself. */
  readonly birth: Birth | undefined;
}

const noScopes: readonly Scope[] = [];
const noPrivates: ReadonlyMap<string, unknown> = new Map();

/** Of a function with a body in JavaScript; `inspected`: what the engine said of it, if it was asked. */
export function factsOf(fn: AnyFunction, inspected: Inspected | undefined): Facts | Problem {
  const birth = birthOf(fn);
  if (birth !== undefined) return factsOfBirth(fn, birth, inspected);
  const text = textOf(fn);
  const source = sourceOf(text);
  if (typeof source === "string") return noSource(source);
  const { location, scopes, privates } = inspected ?? { location: undefined, scopes: noScopes, privates: noPrivates };
  const script = location === undefined ? undefined : scriptInfo(location.scriptId);
  const facts = { source, script, scopes, privates, inspected: inspected !== undefined, birth: undefined };
  if (script === undefined || location === undefined) {
    return { ...facts, place: undefined, url: "", line: 0, column: 0, strict: isStrict(fn, source) };
  }
  const offset = script.offsetOf(location);
  const place = script.placeOf(text, offset);
  const { line, column } = script.positionOf(script.startOf(text, offset));
  const strict = place?.strict ?? (script.kind === "module" || isStrict(fn, source));
  const renamed =
    place?.isDeclaration === true ? withoutVariableName(fn, source, scopes, script.table.assigned) : undefined;
  return { ...facts, source: renamed ?? source, place, url: script.url, line, column, strict };
}

/**
 * `function f() {…}` and then `f = wrap(f)`: inside, `f` means the wrapper; or `function f() { f = …; }`, as compilers write helpers. As
 * an expression the function would mean itself, for good, so its name is taken out of the text. `assigned`: names that may change.
 */
function withoutVariableName(
  fn: AnyFunction,
  source: Source,
  scopes: readonly Scope[],
  assigned: ReadonlySet<string>,
): Source | undefined {
  const { ownName, node, offset, text } = source;
  if (source.form !== "function" || ownName === undefined || node.type !== "FunctionExpression" || !node.id)
    return undefined;
  const scope = scopes.find(({ object }) => Object.hasOwn(object, ownName));
  if (scope === undefined) return undefined;
  const [start, end] = [node.id.start - offset, node.id.end - offset];
  const isLost = variableIn(scope, ownName) !== fn;
  if (!isLost && !assigned.has(ownName)) return undefined;
  const found = sourceOf(applied(text, [{ start, end, text: blank(ownName) }]));
  if (typeof found === "string") return undefined;
  return isLost || found.variables.free.has(ownName) ? found : undefined;
}

function factsOfBirth(fn: AnyFunction, birth: Birth, inspected: Inspected | undefined): Facts | Problem {
  const source = sourceOf(birth.text);
  if (typeof source === "string") return noSource(source);
  const { url, line, column, strict } = birth;
  const needsPrivates = source.form === "class" && source.text.includes("#") && canInspect();
  const privates = needsPrivates ? (inspected ?? inspect(fn)).privates : noPrivates;
  return {
    source,
    script: undefined,
    place: undefined,
    url,
    line,
    column,
    strict,
    scopes: noScopes,
    inspected: true,
    privates,
    birth,
  };
}

/** Without a script to look at: sloppy functions had properties that strict ones lack, until Node 26. */
function isStrict(fn: AnyFunction, source: Source): boolean {
  if (source.form === "class") return true;
  if (Object.hasOwn(fn, "caller")) return false;
  // Arrows and methods never had them; most code is strict.
  return source.form !== "function" || !canInspect();
}

/** The script that a function comes from. */
export function scriptOfFunction(fn: object): ScriptInfo | undefined {
  if (!canInspect() || types.isProxy(fn) || birthOf(fn) !== undefined) return undefined;
  const { location } = inspect(fn);
  return location === undefined ? undefined : scriptInfo(location.scriptId);
}

/** Where it is, for errors. */
export function placeFor(name: string, { url, line, column }: Facts): Place {
  return {
    name: name === "" ? "(anonymous)" : name,
    get text(): string {
      return url === "" ? "" : placeText(url, line + 1, column + 1);
    },
  };
}
