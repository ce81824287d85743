// The keys of plain objects: objects with the same keys in the same order name them once per payload.
import { emptied } from "./lists.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** So many shapes are compared one by one, the latest first; more are found by their keys as one string. */
const COMPARED_MAX = 6;

export class Shapes {
  #shapes: (readonly string[])[] = [];
  #byText: Map<string, number> | undefined;
  #last = 0;

  clear(): void {
    this.#shapes = emptied(this.#shapes);
    this.#byText = undefined;
    this.#last = 0;
  }

  write(keys: readonly string[], to: Writer): void {
    const found = this.#find(keys);
    if (found >= 0) {
      this.#last = found;
      return to.uint(found + 1);
    }
    this.#last = this.#shapes.push(keys) - 1;
    to.byte(0);
    to.uint(keys.length);
    for (const key of keys) to.text(key);
  }

  #find(keys: readonly string[]): number {
    const shapes = this.#shapes;
    if (shapes.length === 0) return -1;
    const last = shapes[this.#last];
    if (last !== undefined && same(keys, last)) return this.#last;
    if (shapes.length <= COMPARED_MAX) {
      for (let index = 0; index < shapes.length; index++)
        if (same(keys, shapes[index] as readonly string[])) return index;
      return -1;
    }
    // Keys may contain anything: the text only says where to look.
    this.#byText ??= new Map(shapes.map((shape, index) => [shape.join("\0"), index]));
    const text = keys.join("\0");
    const index = this.#byText.get(text);
    if (index !== undefined && same(keys, shapes[index] as readonly string[])) return index;
    this.#byText.set(text, shapes.length);
    return -1;
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** The reading side. */
export function readShape(shapes: (readonly string[])[], from: Reader): readonly string[] | undefined {
  const index = from.uint();
  if (index > 0) return shapes[index - 1];
  const keys: string[] = [];
  for (let left = from.count(); left > 0; left--) keys.push(from.text());
  shapes.push(keys);
  return keys;
}
