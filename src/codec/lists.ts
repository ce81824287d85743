// Lists that are used again and again. Setting the length of an array is ten times as slow as taking a few elements off it.

/** Beyond this, a new list is cheaper than taking the elements off one by one. */
const TAKEN_MAX = 32;

export function takeLast(list: unknown[], count: number): void {
  if (count > TAKEN_MAX) list.length -= count;
  else for (let left = count; left > 0; left--) list.pop();
}

/** The same list without elements, or another one. */
export function emptied<T>(list: T[]): T[] {
  if (list.length > TAKEN_MAX) return [];
  takeLast(list, list.length);
  return list;
}
