// The modules that a payload needs before it can be decoded, each once.
import type { Out, Section } from "./graph.ts";
import { portable, resolved } from "./origin.ts";

/** What somebody would write in a file: `import … from specifier`, in the file `parent`. */
export interface Request {
  readonly how: "import" | "require";
  readonly specifier: string;
  readonly parent: string;
  readonly attribute: string | undefined;
}

export interface Requests {
  readonly list: Request[];
  readonly numbers: Map<string, number>;
}

export function keyOf({ how, specifier, parent, attribute }: Request): string {
  return [how, specifier, parent, attribute ?? ""].join("\0");
}

export const moduleSection: Section<Requests, readonly Request[]> = {
  number: 4,
  begin: () => ({ list: [], numbers: new Map() }),
  write({ list }, to) {
    to.uint(list.length);
    for (const { how, specifier, parent, attribute } of list) {
      to.byte(how === "import" ? 0 : 1);
      to.text(specifier);
      to.text(parent);
      to.text(attribute ?? "");
    }
  },
  read(from, into) {
    const requests: Request[] = [];
    for (let left = from.count(); left > 0; left--) {
      const how = from.byte() === 0 ? "import" : "require";
      const [specifier, parent, attribute] = [resolved(from.text(), into), resolved(from.text(), into), from.text()];
      requests.push({ how, specifier, parent, attribute: attribute === "" ? undefined : attribute });
    }
    return requests;
  },
};

export function requestNumber(request: Request, out: Out): number {
  const table = out.table(moduleSection);
  const { specifier, parent } = request;
  const relative = { ...request, specifier: portable(specifier, out), parent: portable(parent, out) };
  const key = keyOf(relative);
  let number = table.numbers.get(key);
  if (number === undefined) {
    number = table.list.push(relative) - 1;
    table.numbers.set(key, number);
  }
  return number;
}
