// By what a value is known again, whole or in part, without a look at what may be large and without running anybody's code.
import { isArray } from "../std/is-array.ts";
import { isPlain } from "../std/is-plain.ts";

const PARTS_MAX = 20;
const TEXT_MAX = 100;

/** The value, and what it is made of: but for what says nothing, since everything has it, such as true or 1. */
export function partsOf(value: unknown): readonly unknown[] {
  if (!isArray(value) && !isPlain(value)) return telling(value);
  return [value, ...membersOf(value).flatMap(telling)];
}

/** What a small array or a plain object of few members holds; of anything else nothing. */
export function membersOf(value: unknown): readonly unknown[] {
  if (!isArray(value) && !isPlain(value)) return [];
  const { length } = isArray(value) ? value : Object.keys(value);
  return length > PARTS_MAX
    ? []
    : Object.values(Object.getOwnPropertyDescriptors(value)).map((each): unknown => each.value);
}

function telling(value: unknown): readonly unknown[] {
  switch (typeof value) {
    case "string":
      return value === "" ? [] : [value.length > TEXT_MAX ? `${value.length} ${value.slice(0, TEXT_MAX)}` : value];
    case "number":
      return Math.abs(value) <= 1 && Number.isInteger(value) ? [] : [value];
    case "bigint":
      return [value];
    case "object":
      return value === null ? [] : [value];
    default:
      return [];
  }
}
