// Checks the house rules (house.ts) on the whole repository: prints `file:line: what, use instead`, and exits with 1 for any finding.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { check } from "./check.ts";
import { checkDocuments } from "./documents.ts";
import { parse } from "./source.ts";
import type { Source } from "./source.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const folders = ["src", "test", "bench", "labs", "examples", "tools"];

function readSources(): Source[] {
  const sources: Source[] = [];
  for (const folder of folders) {
    if (!existsSync(path.join(root, folder))) continue;
    for (const name of readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })) {
      const file = path.posix.join(folder, name);
      // Fixtures are broken on purpose, or written as users write.
      if (
        !file.endsWith(".ts") ||
        file.endsWith(".d.ts") ||
        file.includes("/fixtures/") ||
        file.includes("/node_modules/")
      )
        continue;
      sources.push(parse(file, readFileSync(path.join(root, file), "utf8")));
    }
  }
  return sources;
}

function read(file: string): string | undefined {
  const whole = path.join(root, file);
  return existsSync(whole) ? readFileSync(whole, "utf8") : undefined;
}

function main(): void {
  const sources = readSources();
  const findings = [...check(sources), ...checkDocuments(read)];
  for (const { file, line, what, instead } of findings)
    console.log(`${file}:${line}: ${what}, use instead: ${instead}`);
  console.log(`tidy: ${sources.length} files, ${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

main();
