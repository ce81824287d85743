// Functions that were made here from what arrived: what they were made of, so that they can travel on without being inspected.

export interface Birth {
  /** As its author wrote it. */
  readonly text: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
  readonly strict: boolean;
  /** Names of its variables, in the order of `get` and `set`. */
  readonly names: readonly string[];
  /** Those that others share: their values are boxes. */
  readonly boxed: ReadonlySet<string>;
  /** Those that are read from a module, which is their value: under which names it exports them. */
  readonly live: ReadonlyMap<string, string>;
  /** Words of the module around it that it uses. */
  readonly wrappers: readonly string[];
  readonly get: () => unknown[];
  readonly set: (...values: unknown[]) => void;
  /** Of a class: for its static private fields, and its worked-out keys. */
  readonly setStatics: ((values: readonly unknown[]) => void) | undefined;
  readonly keys: readonly unknown[];
  /** What its home object must have above it, for `super`. */
  readonly home: object | undefined;
  /** The `arguments` that an arrow function closes over. */
  readonly arguments: IArguments | undefined;
  /** The scopes of `with` around it, the outermost first. */
  readonly withs: readonly object[];
}

const births = new WeakMap<object, Birth>();

export function birthOf(fn: object): Birth | undefined {
  return births.get(fn);
}

export function noteBirth(fn: object, birth: Birth): void {
  births.set(fn, birth);
}
