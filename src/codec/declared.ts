// Modules that say themselves what their object is and where they stand: what they export is known, whatever way a program got it.
import { ImportRef } from "./import-ref.ts";
import { noteNamespace } from "./imports.ts";
import { isImportable } from "./modules.ts";
import type { Request } from "./module-table.ts";

const declared: { readonly namespace: object; readonly request: Request }[] = [];
/** Made when first asked for: a module declares itself before all that it exports is there. */
let parts: WeakMap<object, ImportRef> | undefined;

/** `namespace`: the object that stands for the module, or what a tool has made in its place. */
export function declareModule(namespace: object, url: string): void {
  const request: Request = { how: "import", specifier: url, parent: url, attribute: undefined };
  noteNamespace(namespace, request);
  declared.push({ namespace, request });
  parts = undefined;
}

/** A function or class that such a module exports. */
export function declaredPart(value: object): ImportRef | undefined {
  const found = (parts ??= partsOfAll()).get(value);
  return found !== undefined && isImportable(found.request.specifier) ? found : undefined;
}

function partsOfAll(): WeakMap<object, ImportRef> {
  const all = new WeakMap<object, ImportRef>();
  for (const { namespace, request } of declared) {
    for (const name of Object.keys(namespace)) {
      const part: unknown = Reflect.get(namespace, name);
      if (typeof part === "function") all.set(part, new ImportRef(request, name, "none", part));
    }
  }
  return all;
}
