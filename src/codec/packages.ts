// What the program itself imports of a package. A class is named by the file where it stands, but other files of its package may complete
// it: whoever gets a value of such a class imports what the program has imported of the package as well.
import type { Out } from "./graph.ts";
import { importsIn } from "./import-statements.ts";
import type { ImportRef } from "./import-ref.ts";
import { requireFor } from "./imports.ts";
import { isOutsidePackages } from "./modules.ts";
import { requestNumber, type Request } from "./module-table.ts";
import { canInspect, scriptsFrom } from "./scope.ts";

/** Each is read once: of a larger program nobody would want to wait for it. */
const SCRIPTS_MAX = 500;
const FOLDER = "/node_modules/";

const none: readonly Request[] = [];
/** By package, when a class of it was met first. */
const known = new Map<string, readonly Request[]>();

/** For a class, or what leads to one: whoever decodes imports these first. Within `inspecting`. */
export function noteBeside({ request }: ImportRef, out: Out): void {
  for (const each of importsBeside(request)) requestNumber(each, out);
}

/** None for a class that is named by what the program imports. */
function importsBeside({ specifier }: Request): readonly Request[] {
  const name = packageOf(specifier);
  if (name === undefined) return none;
  const found = known.get(name);
  if (found !== undefined) return found;
  if (!canInspect()) return none;
  const requests = importsOf(name);
  known.set(name, requests);
  return requests;
}

/** Its name, of a file's URL. */
function packageOf(url: string): string | undefined {
  const at = url.startsWith("file:") ? url.lastIndexOf(FOLDER) : -1;
  return at < 0 ? undefined : /^(?:@[^/]+\/)?[^/]+/.exec(url.slice(at + FOLDER.length))?.[0];
}

function importsOf(name: string): readonly Request[] {
  const requests = new Map<string, Request>();
  let count = 0;
  for (const { url, source, isModule } of scriptsFrom(isOutsidePackages)) {
    count += 1;
    if (count > SCRIPTS_MAX) break;
    if (!source.includes(name)) continue;
    for (const { how, specifier } of importsIn(source)) {
      const fits = specifier === name || specifier.startsWith(`${name}/`);
      if (!fits || how !== (isModule ? "import" : "require") || requests.has(specifier)) continue;
      const request = { how, specifier, parent: url, attribute: undefined };
      if (hasRun(request)) requests.set(specifier, request);
    }
  }
  return [...requests.values()];
}

/** A statement of a module has. Where something is required, it may be in a function that was never called. */
function hasRun({ how, specifier, parent }: Request): boolean {
  if (how === "import") return true;
  try {
    const require = requireFor(parent);
    return require.cache[require.resolve(specifier)] !== undefined;
  } catch {
    return false;
  }
}
