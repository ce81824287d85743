// What the system calls an error, "ENOENT"; undefined for whatever has no code.

export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
