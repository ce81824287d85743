// Whether a value is large: about as many bytes as it takes to write it down. Looks at no more of it than that takes, and runs nobody's
// code.
import { types } from "node:util";

/** Of a number, or for a member to be there at all. */
const WORD = 8;

export function weighs(value: unknown, least: number): boolean {
  const seen = new Set<object>();
  const open: unknown[] = [value];
  let left = least;
  while (open.length > 0 && left > 0) {
    const each = open.pop();
    left -= WORD;
    if (typeof each === "string") left -= each.length;
    if (typeof each !== "object" || each === null || types.isProxy(each) || seen.has(each)) continue;
    seen.add(each);
    if (ArrayBuffer.isView(each) || types.isAnyArrayBuffer(each)) left -= each.byteLength;
    else left -= openUp(each, open, left);
  }
  return left <= 0;
}

/** Its parts, as many as matter, come to those that are to be weighed. What their names weigh. */
function openUp(value: object, open: unknown[], left: number): number {
  const most = left / WORD;
  if (types.isMap(value)) {
    for (const entry of first(Map.prototype.entries.call(value), most)) open.push(...entry);
    return 0;
  }
  if (types.isSet(value)) {
    open.push(...first(Set.prototype.values.call(value), most));
    return 0;
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && index <= most; index += 1) open.push(partOf(value, index));
    return 0;
  }
  let names = 0;
  for (const name of Object.keys(value)) {
    if (names > left) break;
    open.push(partOf(value, name));
    names += name.length + WORD;
  }
  return names;
}

/** A getter has none. */
function partOf(value: object, name: string | number): unknown {
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function first<T>(all: IterableIterator<T>, most: number): T[] {
  const found: T[] = [];
  for (const each of all) {
    if (found.length >= most) break;
    found.push(each);
  }
  return found;
}
