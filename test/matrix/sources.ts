// The case files and what they need beside them, as they are before any tool has seen them.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Where the repository is, seen from the compiled output. */
export const repository = path.resolve(import.meta.dirname, "../../..");

const fixtures = path.join(repository, "test/closures/fixtures");

export type Language = "esm" | "commonjs" | "typescript";

export interface Source {
  /** Relative to the folder of cases, without its extension: "functions", "lib/counter". */
  readonly title: string;
  readonly language: Language | "other";
  readonly extension: string;
  readonly text: string;
}

const languages: Readonly<Record<string, Language>> = { ".mjs": "esm", ".cjs": "commonjs", ".mts": "typescript" };

function readSources(folder: string): Source[] {
  const found: Source[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const extension = path.extname(file);
    const title = path.relative(folder, file).slice(0, -extension.length).replaceAll("\\", "/");
    const language = languages[extension] ?? "other";
    found.push({ title, language, extension, text: readFileSync(file, "utf8") });
  }
  return found;
}

export const caseSources = (): Source[] => readSources(path.join(fixtures, "cases"));
export const packagesFolder: string = path.join(fixtures, "packages");
export const suiteFolder: string = path.join(repository, "test/closures/suite");

/** The case files by what they are about; helper modules in lib/ go along with all of them. */
export const groups = {
  /** Plain modern JavaScript: passes through every tool. */
  general: [
    "functions",
    "functions-more",
    "values",
    "graphs",
    "classes",
    "heritage",
    "modules",
    "state",
    "errors",
    "evals",
    "lowered",
    "captures",
  ],
  /** As ES modules, or as what a tool makes of their imports. */
  imports: ["live"],
  /** Only as ES modules. */
  esm: ["esm", "entry-import", "system"],
  /** Only as CommonJS, only untouched by tools. */
  commonjs: ["sloppy", "commonjs"],
  /** Only where a tool translates TypeScript's own syntax. */
  typescript: ["typescript", "decorators", "erasable"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Relative imports of other case files and helper modules get the extension that the tool writes. */
export function withExtension(text: string, extension: string): string {
  return text.replaceAll(/(["'])(\.\.?\/[\w./-]+)\.m[jt]s\1/g, `$1$2${extension}$1`);
}
