// A name that stands for something in a module: written in the place of the value, which the other side finds again.
import type { Interop } from "./interop.ts";
import type { Request } from "./module-table.ts";

export class ImportRef {
  readonly request: Request;
  /** The export; "*" for the module as a whole. */
  readonly name: string;
  readonly interop: Interop;
  readonly value: unknown;
  /** The export is a remote function made of the value. */
  readonly wrapped: boolean;

  constructor(request: Request, name: string, interop: Interop, value: unknown, wrapped = false) {
    this.request = request;
    this.name = name;
    this.interop = interop;
    this.value = value;
    this.wrapped = wrapped;
  }
}
