// Writes the folder of one environment: translated cases, a copy of the package with the suite in it, configurations.
//
//   build/matrix/run-…/<environment>/cases/…              what runs
//   build/matrix/run-…/<environment>/node_modules/ray-ts  as a user would have it: a package, not part of the program
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { jestConfig, vitestConfig } from "./runner-files.js";
import type { Environment } from "./environments.js";
import { caseSources, packagesFolder, repository, suiteFolder } from "./sources.js";

export type Adapter = "codec" | "ray" | "inline";

export interface Prepared {
  readonly environment: Environment;
  /** Of the environment, and of the adapter. */
  readonly folder: string;
}

interface PackageFile {
  exports: Record<string, unknown>;
  imports: Record<string, unknown>;
}

/** The package as it would be installed, with the suite as one more entry point. */
function installPackage(folder: string, adapter: Adapter): void {
  const target = path.join(folder, "node_modules/ray-ts");
  // What is published, and for the codec alone its modules; the compiled tests stay behind.
  for (const part of ["dist", "build/src"]) {
    cpSync(path.join(repository, part), path.join(target, part), {
      recursive: true,
      filter: (source) => !/\.(test|fuzz|bench)\.|\.map$|\.d\.ts$|\.tsbuildinfo$/.test(source),
    });
  }
  cpSync(suiteFolder, path.join(target, "suite"), { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8")) as PackageFile;
  manifest.exports["./suite"] = "./suite/suite.mjs";
  manifest.imports["#adapter"] = `./suite/adapter-${adapter}.mjs`;
  writeFileSync(path.join(target, "package.json"), JSON.stringify(manifest, undefined, 2));
}

/** A new folder for a run. Below build/, so that tools are found in the repository's node_modules. */
export function newPlace(): string {
  const parent = path.join(repository, "build/matrix");
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, "run-"));
}

function folderName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

/** `place`: a folder of this run alone; two runs at once must not overwrite each other's files. */
export async function prepare(environment: Environment, adapter: Adapter, place: string): Promise<Prepared> {
  const folder = path.join(place, folderName(environment.name));
  mkdirSync(path.join(folder, "results"), { recursive: true });
  installPackage(folder, adapter);
  cpSync(packagesFolder, path.join(folder, "node_modules"), { recursive: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "cases", private: true }));
  const wanted = new Set(environment.titles);
  const sources = caseSources().filter(({ title }) => title.startsWith("lib/") || wanted.has(title));
  await environment.translate(sources, path.join(folder, "cases"));
  writeRunnerFiles(environment, folder);
  return { environment, folder };
}

function writeRunnerFiles({ launch, titles }: Environment, folder: string): void {
  const write = (name: string, text: string): void => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  if (launch.kind === "vitest") for (const [name, text] of vitestConfig(launch.pool, titles)) write(name, text);
  if (launch.kind === "jest") for (const [name, text] of jestConfig(launch.module, titles)) write(name, text);
  if (launch.kind === "worker-thread") {
    const lines = ['import { Worker } from "node:worker_threads";', "new Worker(process.argv[2]);", ""];
    write("thread.mjs", lines.join("\n"));
  }
  if (launch.kind === "own-loader") {
    const lines = ['import { register } from "tsx/esm/api";', "register();", "await import(process.argv[2]);", ""];
    write("loader.mjs", lines.join("\n"));
  }
}
