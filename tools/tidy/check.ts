// All rules over all sources, less what is excused.
import { checkErrorsExported } from "./documents.ts";
import { excuses as houseExcuses } from "./house.ts";
import type { Excuse } from "./house.ts";
import { checkCycles, checkDoors, checkFloors } from "./imports.ts";
import { checkShape } from "./shape.ts";
import type { Finding, Source } from "./source.ts";
import { checkUnused } from "./unused.ts";
import { checkWords } from "./words.ts";

const rules: readonly ((sources: readonly Source[]) => Finding[])[] = [
  checkFloors,
  checkDoors,
  checkCycles,
  checkShape,
  checkWords,
  checkUnused,
  checkErrorsExported,
];

export function check(sources: readonly Source[], excuses: readonly Excuse[] = houseExcuses): Finding[] {
  const needed = new Set<Excuse>();
  const findings = rules
    .flatMap((rule) => rule(sources))
    .filter((finding) => {
      const excuse = excuses.find(({ rule, place }) => rule === finding.rule && placesOf(finding).includes(place));
      if (excuse !== undefined) needed.add(excuse);
      return excuse === undefined;
    });
  for (const excuse of excuses) {
    if (needed.has(excuse)) continue;
    const what = `the excuse of ${excuse.place} from ${excuse.rule} excuses nothing`;
    findings.push({ rule: "excuse", file: "tools/tidy/house.ts", line: 1, what, instead: "delete it" });
  }
  return findings.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

function placesOf({ file, name }: Finding): string[] {
  return name === undefined ? [file] : [file, `${file}#${name}`];
}
