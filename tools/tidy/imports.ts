// Imports only go down, come in by the doors, and never in a circle, those of types included.
import { doors, floors } from "./house.ts";
import type { Floor } from "./house.ts";
import type { Finding, Import, Source } from "./source.ts";

export function checkFloors(sources: readonly Source[]): Finding[] {
  const findings: Finding[] = [];
  for (const { file, isTest, imports } of sources) {
    // A test may bring its subject together with anything.
    if (isTest || !file.startsWith("src/")) continue;
    const floor = floorOf(file);
    if (floor === undefined) {
      findings.push({
        rule: "floor",
        file,
        line: 1,
        what: "stands on no floor",
        instead: "add its place to tools/tidy/house.ts",
      });
      continue;
    }
    for (const one of imports) {
      if (one.byUrl === true) continue;
      const other = one.file?.startsWith("src/") === true ? floorOf(one.file) : undefined;
      if (other === undefined || other === floor || mayImport(floor, other, one)) continue;
      const may = floor.may.length === 0 ? "nothing" : floor.may.join(", ");
      const what = `${floor.place} may not import ${one.typesOnly ? "types of " : ""}${other.place} (${one.specifier})`;
      findings.push({ rule: "floor", file, line: one.line, what, instead: `${may}; or move what it needs down` });
    }
  }
  return findings;
}

function floorOf(file: string): Floor | undefined {
  const inside = file.slice("src/".length);
  let found: Floor | undefined;
  for (const floor of floors) {
    const fits = inside === floor.place || inside.startsWith(`${floor.place}/`);
    if (fits && floor.place.length > (found?.place.length ?? -1)) found = floor;
  }
  return found;
}

function mayImport(floor: Floor, other: Floor, { typesOnly }: Import): boolean {
  return floor.may.includes(other.place) || (typesOnly && floor.may.includes(`${other.place} (types)`));
}

export function checkDoors(sources: readonly Source[]): Finding[] {
  const findings: Finding[] = [];
  for (const { file, isTest, imports } of sources) {
    for (const { specifier, line, typesOnly } of imports) {
      const module = doors.some((door) => door.module === `node:${specifier}`) ? `node:${specifier}` : specifier;
      const door = doors.find((one) => one.module === module);
      if (door === undefined || typesOnly || isTest || within(file, door.importers)) continue;
      findings.push({ rule: "door", file, line, what: `${specifier} has its own door`, instead: door.instead });
    }
  }
  return findings;
}

export function within(file: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith("/") ? file.startsWith(place) : file === place));
}

export function checkCycles(sources: readonly Source[]): Finding[] {
  const byFile = new Map(sources.map((source) => [source.file, source]));
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (source: Source, above: readonly string[]): void => {
    const at = above.indexOf(source.file);
    if (at !== -1) {
      const circle = [...above.slice(at), source.file];
      findings.push({
        rule: "cycle",
        file: source.file,
        line: source.imports.find(({ file }) => file === circle[1])?.line ?? 1,
        what: `imports itself: ${circle.join(" → ")}`,
        instead: "move what both need into a third file",
      });
      return;
    }
    if (done.has(source.file)) return;
    for (const { file, byUrl } of source.imports) {
      const next = byUrl === true || file === undefined || file === source.file ? undefined : byFile.get(file);
      if (next !== undefined) visit(next, [...above, source.file]);
    }
    done.add(source.file);
  };
  for (const source of sources) visit(source, []);
  return findings;
}
