// Packs the package as npm would publish it, installs it in an empty project, and uses it as ESM, as CommonJS and from TypeScript.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

const program = `
  const run = async () => {
    await ray.init({ numCpus: 1 });
    const factor = 21;
    const twice = ray.remote((x) => x * factor);
    const value = await ray.get(twice.remote(2));
    await ray.shutdown();
    if (value !== 42) throw new Error("got " + value);
    console.log("ok");
  };
  run();
`;

const typed = `
  import { get, remote } from "ray-ts";
  export const twice = remote((x: number) => x * 2);
  export const value: Promise<number> = get(twice.remote(2));
  // @ts-expect-error a number is expected
  twice.remote("2");
`;

const projects: Readonly<Record<string, { readonly module: string; readonly moduleResolution: string }>> = {
  node: { module: "node16", moduleResolution: "node16" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

function main(): void {
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-smoke-"));
  const sh = (file: string, ...args: string[]): string => execFileSync(file, args, { cwd: folder, encoding: "utf8" });
  try {
    execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: root });
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    if (tarball === undefined) throw new Error("npm pack made no package");
    checkContents(sh("tar", "-tzf", tarball).split("\n"));
    writeFileSync(path.join(folder, "package.json"), '{ "private": true }');
    sh("npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", `./${tarball}`);
    writeFileSync(path.join(folder, "module.mjs"), `import * as ray from "ray-ts";${program}`);
    writeFileSync(path.join(folder, "common.cjs"), `const ray = require("ray-ts");${program}`);
    for (const file of ["module.mjs", "common.cjs"]) report(file, sh(process.execPath, file).trim() === "ok");
    writeFileSync(path.join(folder, "typed.mts"), typed);
    for (const [name, options] of Object.entries(projects)) {
      const compilerOptions = {
        ...options,
        target: "es2022",
        strict: true,
        noEmit: true,
        types: [],
        lib: ["es2023", "esnext.disposable", "dom"],
      };
      const config = `tsconfig.${name}.json`;
      writeFileSync(path.join(folder, config), JSON.stringify({ compilerOptions, files: ["typed.mts"] }));
      report(`types, ${name}`, sh(path.join(root, "node_modules/.bin/tsc"), "-p", config) === "");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkContents(files: readonly string[]): void {
  const strangers = files.filter((file) => /\.test\.|\.fuzz\.|\.bench\.|tsbuildinfo|\/(test|tools|labs)\//.test(file));
  const missing = ["index.js", "index.d.ts"].filter((file) => !files.includes(`package/dist/${file}`));
  report(
    `contents (${files.length} files)`,
    strangers.length === 0 && missing.length === 0,
    [...strangers, ...missing].join(", "),
  );
}

function report(what: string, good: boolean, detail = ""): void {
  console.log(`package ${what}: ${good ? "ok" : `failed ${detail}`}`);
  if (!good) process.exitCode = 1;
}

main();
