// The working directory. It may have been removed, or be out of reach for this user: Node then throws, though all else works on.

/** Nothing is below it. */
const NOWHERE = "/working-directory-that-is-gone";

export function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return NOWHERE;
  }
}
