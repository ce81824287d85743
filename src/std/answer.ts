// What an object has under a symbol of ours.

/** Undefined where it has nothing, and of a proxy that does not want to be asked: one that was revoked, or a user's. */
export function answerOf(value: unknown, key: symbol): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return key in value ? Reflect.get(value, key) : undefined;
  } catch {
    return undefined;
  }
}
