// Variables that several shipped functions see and one of them changes: they must go on sharing them.
//
// Such a variable becomes a cell. Whether it needs a box of its own is only known when all functions have been met, so each use
// is noted here, and the table of functions decides at the end. V8 does not say which scope is which: scopes of functions are
// told apart by their names and the identity of all values in them, and by contexts in a snapshot where that is not enough.
import type { Facts } from "./capture.ts";
import { variableIn, type Scope } from "./scope.ts";

/** Thrown when scopes had to be told apart by a snapshot: the payload is written again, with that knowledge. */
export class WriteAgain extends Error {}

export interface CellUse {
  readonly fn: object;
  readonly name: string;
  readonly writes: boolean;
  /** The identity of a class, which outlives the payload. */
  readonly cid: string | undefined;
  /** Same literal: same place in the same file. */
  readonly literal: string;
}

export interface Cell {
  readonly number: number;
  readonly variable: string;
  readonly uses: CellUse[];
  /** Its scope is known for certain: that of a module, or a box that arrived. */
  readonly certain: boolean;
}

export function isBoxed({ uses }: Cell): boolean {
  if (!uses.some(({ writes }) => writes)) return false;
  // A class lives on in the process that gets it, and a later payload may bring others that share what it changes.
  return uses.length > 1 || uses.some(({ cid, writes }) => cid !== undefined && writes);
}

interface KnownScope {
  readonly number: number;
  readonly cells: Map<string, Cell>;
  readonly certain: boolean;
}

/** By function: known once and for all, since a function never moves to another context. */
const contexts = new WeakMap<object, readonly number[]>();

export function noteContexts(fn: object, chain: readonly number[]): void {
  contexts.set(fn, chain);
}

export class Cells {
  readonly list: Cell[] = [];
  readonly #scopes = new Map<string, KnownScope>();
  /** Of the functions of this payload: each variable asks again. */
  readonly #found = new Map<Scope, KnownScope>();
  /** Of values that are in scopes; `Object.is` tells them apart. */
  readonly #values = new Map<unknown, number>();
  readonly #boxes = new Map<object, Cell>();

  /** `moduleLevel`: the index of the scope that belongs to the script as a whole. */
  inScope(fn: object, facts: Facts, index: number, moduleLevel: number, variable: string): Cell {
    const scope = this.#scope(fn, facts, index, moduleLevel);
    let cell = scope.cells.get(variable);
    if (cell === undefined) scope.cells.set(variable, (cell = this.#add(variable, scope.certain)));
    return cell;
  }

  inBox(box: object, variable: string): Cell {
    let cell = this.#boxes.get(box);
    if (cell === undefined) this.#boxes.set(box, (cell = this.#add(variable, true)));
    return cell;
  }

  #add(variable: string, certain: boolean): Cell {
    const cell: Cell = { number: this.list.length, variable, uses: [], certain };
    this.list.push(cell);
    return cell;
  }

  #scope(fn: object, facts: Facts, index: number, moduleLevel: number): KnownScope {
    const scope = facts.scopes[index] as Scope;
    let found = this.#found.get(scope);
    if (found === undefined) this.#found.set(scope, (found = this.#find(fn, facts, index, moduleLevel)));
    return found;
  }

  #find(fn: object, facts: Facts, index: number, moduleLevel: number): KnownScope {
    const scope = facts.scopes[index] as Scope;
    const script = facts.script?.url ?? "";
    const number = contexts.get(fn)?.[index];
    // All scripts of a context have these two in common. Of all scopes that of its global object alone is the object itself.
    if (/^(Script|Global)$/.test(scope.description))
      return this.#named(`${scope.description} ${this.#numberOf(facts.scopes.at(-1)?.object)}`, true);
    if (index >= moduleLevel) return this.#named(`${script}\0${index - moduleLevel}`, true);
    if (number !== undefined) return this.#named(`#${number}`, true);
    const parent = this.#scope(fn, facts, index + 1, moduleLevel);
    const values = Object.keys(scope.object).map((name) => `${name} ${this.#numberOf(variableIn(scope, name))}`);
    return this.#named(`${script}\0${scope.description}\0${parent.number}\0${values.join()}`, false);
  }

  #named(key: string, certain: boolean): KnownScope {
    let scope = this.#scopes.get(key);
    if (scope === undefined) this.#scopes.set(key, (scope = { number: this.#scopes.size, cells: new Map(), certain }));
    return scope;
  }

  #numberOf(value: unknown): number {
    if (Object.is(value, -0)) return -1;
    let number = this.#values.get(value);
    if (number === undefined) this.#values.set(value, (number = this.#values.size));
    return number;
  }

  /** Cells of which it cannot be said for certain whose they are: two of their users are the same literal, made twice. */
  doubtful(): Cell[] {
    return this.list.filter((cell) => {
      if (cell.certain || !isBoxed(cell)) return false;
      return new Set(cell.uses.map(({ literal }) => literal)).size < cell.uses.length;
    });
  }
}
