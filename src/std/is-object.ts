// What JavaScript calls an object: whatever can have properties of its own.
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
