// Amounts of memory in words.

/** Unit, its size, digits after the point, and the amount from which on. */
const UNITS: readonly (readonly [string, number, number, number])[] = [
  ["GB", 1e9, 1, 1e9],
  ["MB", 1e6, 0, 1e7],
  ["MB", 1e6, 1, 1e6],
  ["kB", 1e3, 0, 1e4],
];
const LEAST = ["bytes", 1, 0] as const;

/** For messages. */
export function megabytes(bytes: number): string {
  if (bytes === 1) return "1 byte";
  const [unit, size, digits] = UNITS.find(([, , , from]) => bytes >= from) ?? LEAST;
  return `${(bytes / size).toFixed(digits)} ${unit}`;
}
