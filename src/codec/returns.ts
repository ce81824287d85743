// Modules that import the program's main file back: a worker that imports them runs that file a second time, with classes and variables
// of its own. Nothing stops that (a program may guard itself with `isWorker`), but nobody finds it out by himself.
import { fileURLToPath } from "node:url";
import { importsIn } from "./import-statements.ts";
import type { Request } from "./module-table.ts";
import { bareUrl, isOutsidePackages, programs, workerSide } from "./modules.ts";
import { canInspect, scriptsBy } from "./scope.ts";

/** Each is read once: of a larger program nobody would want to wait for it. */
const MODULES_MAX = 500;

/** What was asked for, by specifier and parent. */
const noted = new Map<string, Set<string>>();
/** Modules, as `bareUrl` names them. */
const seen = new Set<string>();
let fresh: string[] = [];

/** A module that workers are to import. */
export function noteImport({ specifier, parent }: Request): void {
  const parents = noted.get(specifier);
  if (parents?.has(parent) === true) return;
  noted.set(specifier, (parents ?? new Set()).add(parent));
  const module = ownModule(specifier, parent);
  if (module === undefined || seen.has(module)) return;
  seen.add(module);
  fresh.push(module);
}

/** What to tell the user of the modules noted since it was asked last. Within `inspecting`. */
export function returnsToMain(): string | undefined {
  if (fresh.length === 0) return undefined;
  const queue = fresh;
  fresh = [];
  if (workerSide() !== undefined || seen.size > MODULES_MAX || !canInspect()) return undefined;
  const mains = new Map(Array.from(programs(), (url) => [bareUrl(url), url]));
  const scriptBy = scriptsBy(bareUrl);
  // An array is walked as it grows.
  for (const module of queue) {
    const script = scriptBy(module);
    for (const { specifier } of importsIn(script?.source ?? "")) {
      const next = ownModule(specifier, module);
      const main = next === undefined ? undefined : mains.get(next);
      if (main !== undefined) return told(fileURLToPath(script?.url ?? module), fileURLToPath(main));
      if (next === undefined || seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return undefined;
}

function told(module: string, main: string): string {
  return (
    `workers import ${module}, which imports the program's main file ${main} back: so they run that file again, and its classes and ` +
    "variables are not those that travel. Move what both need into a module of its own."
  );
}

/** Of the user's own files: packages do not import programs. */
function ownModule(specifier: string, parent: string): string | undefined {
  if (!/^(?:\.{0,2}\/|file:)/.test(specifier) || !URL.canParse(specifier, parent)) return undefined;
  const { href } = new URL(specifier, parent);
  return isOutsidePackages(href) ? bareUrl(href) : undefined;
}
