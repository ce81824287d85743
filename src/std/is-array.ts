// Array.isArray for whatever users hand over: it throws of a revoked proxy.

export function isRevoked(value: unknown): boolean {
  try {
    Array.isArray(value);
    return false;
  } catch {
    return true;
  }
}

export function isArray(value: unknown): value is unknown[] {
  return !isRevoked(value) && Array.isArray(value);
}
