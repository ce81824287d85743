// Packs the package as npm would publish it, installs it in an empty project, and uses it as a new user does: what the README shows
// and what goes wrong at first, as ESM, as CommonJS and from TypeScript, on this Node and on the newest one with long support.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { currentMajor, nodeBinary } from "../test/matrix/nodes.ts";
import { beginner, names, tour, typed, uncaught, type UserProgram } from "./smoke-programs.ts";

const root = path.resolve(import.meta.dirname, "../..");
const cache = path.join(root, "node_modules/.cache/ray-ts");
const NODES: readonly number[] = [...new Set([currentMajor, 24])];
/** A program that does not end by itself is a finding. */
const PATIENCE_MS = 60_000;

interface Resolution {
  readonly module: string;
  readonly moduleResolution: string;
  /** A compiler that still has it, installed for this. Left out: ours. */
  readonly typescript?: string;
}

const resolutions: Readonly<Record<string, Resolution>> = {
  node16: { module: "node16", moduleResolution: "node16" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
  // Knows nothing of `exports`: it finds the types by `types`. There is one entry, so `typesVersions` would have nothing to say.
  node10: { module: "esnext", moduleResolution: "node10", typescript: "5.9" },
};

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-smoke-"));
  try {
    install(folder);
    checkTypes(folder);
    const readme = readFileSync(path.join(folder, "node_modules/ray-ts/README.md"), "utf8");
    const programs = [...tour(readme), beginner, names, uncaught];
    for (const { file, source } of programs) writeFileSync(path.join(folder, file), source);
    for (const major of NODES) {
      const binary = await nodeBinary(major, cache);
      for (const program of programs) {
        report(`${program.file} on Node ${major}`, difference(program, run(folder, binary, program)));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function install(folder: string): void {
  const sh = (file: string, ...args: string[]): string => execFileSync(file, args, { cwd: folder, encoding: "utf8" });
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no package");
  checkContents(sh("tar", "-tzf", tarball).split("\n"));
  writeFileSync(path.join(folder, "package.json"), '{ "private": true, "type": "module" }');
  sh("npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", `./${tarball}`);
}

function checkContents(files: readonly string[]): void {
  const strangers = files.filter((file) => /\.test\.|\.fuzz\.|\.bench\.|tsbuildinfo|\/(test|tools|labs)\//.test(file));
  const wanted = ["dist/index.js", "dist/index.d.ts", "README.md", "docs/api.md", "docs/errors.md", "docs/options.md"];
  const missing = wanted.filter((file) => !files.includes(`package/${file}`));
  report(`contents (${files.length} files)`, [...strangers, ...missing].join(", "));
}

function checkTypes(folder: string): void {
  writeFileSync(path.join(folder, "typed.mts"), typed);
  for (const [name, { typescript, ...resolution }] of Object.entries(resolutions)) {
    const compilerOptions = {
      ...resolution,
      target: "es2020",
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: [],
    };
    const config = path.join(folder, `tsconfig.${name}.json`);
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ["typed.mts"] }));
    const { stdout, stderr } = spawnSync(compiler(typescript), ["-p", config], { cwd: folder, encoding: "utf8" });
    report(`types, ${name}`, stdout + stderr);
  }
}

/** The program of the project's own compiler, or of another version, which stays for the next time. */
function compiler(version: string | undefined): string {
  if (version === undefined) return path.join(root, "node_modules/.bin/tsc");
  const folder = path.join(cache, `typescript-${version}`);
  const program = path.join(folder, "node_modules/.bin/tsc");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "package.json"), '{ "private": true }');
    const args = ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", `typescript@${version}`];
    execFileSync("npm", args, { cwd: folder });
  }
  return program;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(folder: string, binary: string, { file, typescript }: UserProgram): Ended {
  const loader = typescript ? [path.join(root, "node_modules/tsx/dist/cli.mjs")] : [];
  const options = { cwd: folder, encoding: "utf8", timeout: PATIENCE_MS } as const;
  const { status, stdout, stderr } = spawnSync(binary, [...loader, file], options);
  return { code: status, stdout, stderr };
}

/** What is not as promised; "" when all is. */
function difference({ prints, exitCode, stderr }: UserProgram, ended: Ended): string {
  const sorted = (lines: readonly string[]): string[] => lines.filter((line) => line !== "").toSorted();
  const lines = sorted(ended.stdout.split("\n"));
  const unmet = prints.filter((pattern) => !lines.some((line) => new RegExp(`^${pattern}$`).test(line)));
  const good = unmet.length === 0 && lines.length === prints.length;
  if (good && ended.code === exitCode && stderr.test(ended.stderr)) return "";
  const wrong = unmet.map((pattern) => `nothing like: ${pattern}`);
  return [`exit code ${ended.code}`, ...wrong, "it printed:", ended.stdout, ended.stderr].join("\n");
}

function report(what: string, problem: string): void {
  console.log(`package ${what}: ${problem === "" ? "ok" : `failed\n${problem.replaceAll(/^/gm, "    ")}`}`);
  if (problem !== "") process.exitCode = 1;
}

await main();
