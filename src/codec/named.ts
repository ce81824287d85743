// What this process and others have named to each other as an export of a module. Who hears such a name from them has the value already, also while
// the module still waits at its top: an import of it would not come before the end of that.
import type { AnyFunction } from "./capture.ts";
import type { ImportRef } from "./import-ref.ts";
import { importRules } from "./modules.ts";
import { noteOwner } from "./owners.ts";
import { keyOf, type Request } from "./module-table.ts";
import { isObject } from "../std/is-object.ts";

/** By module, then by the name of the export. */
const values = new Map<string, Map<string, object>>();
/** Not all say themselves that they are exported: of some functions only whoever imports them knows. */
const refs = new WeakMap<object, { readonly rules: number; readonly ref: ImportRef }>();

export function noteNamed(ref: ImportRef): void {
  const { request, name, interop, value, wrapped } = ref;
  if (wrapped || interop !== "none" || !isObject(value)) return;
  const known = refs.get(value);
  if (known?.rules === importRules() && isSame(known.ref, ref)) return;
  refs.set(value, { rules: importRules(), ref });
  if (typeof value === "function") noteOwner(value as AnyFunction);
  const module = urlOf(request);
  const names = values.get(module) ?? new Map<string, object>();
  values.set(module, names.set(name, value));
}

/** Each instance of a class that is imported names it once more. */
function isSame({ name, request }: ImportRef, other: ImportRef): boolean {
  return name === other.name && keyOf(request) === keyOf(other.request);
}

export function isPartlyNamed(request: Request): boolean {
  return values.has(urlOf(request));
}

export function valueNamed(request: Request, name: string): object | undefined {
  return values.get(urlOf(request))?.get(name);
}

export function refNamed(fn: object): ImportRef | undefined {
  const known = refs.get(fn);
  return known?.rules === importRules() ? known.ref : undefined;
}

/** Files are named from where they are imported, or by their URL. */
export function urlOf({ specifier, parent }: Request): string {
  return /^\.{0,2}\//.test(specifier) && URL.canParse(specifier, parent) ? new URL(specifier, parent).href : specifier;
}
