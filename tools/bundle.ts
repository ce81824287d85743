// Makes the package that is published, dist/: the sources as few files, since a process loads two hundred modules slowly.
//
//   dist/index.js               what users import
//   dist/worker/main.js         the program of a worker
//   dist/local/daemon/main.js   the program of a daemon
//   dist/chunks/…               what two of them need: one instance, so that a task's "ray-ts" is that of its worker
//
// The declarations beside them are the compiler's, and so is build/src, where each module is a file: tests import it as `#src/…`.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, type Plugin } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");
const dist = path.join(root, "dist");

/** The public names stay a module of their own: it tells workers where it stands, and means itself when it does. */
const indexApart: Plugin = {
  name: "index apart",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.{1,2}\/index\.ts$/ }, (imported) =>
      imported.kind === "entry-point" ? undefined : { path: imported.path.replace(/\.ts$/, ".js"), external: true },
    ),
};

async function main(): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["./src/index.ts", "./src/worker/main.ts", "./src/local/daemon/main.ts"],
    outdir: "dist",
    outbase: "src",
    // One folder deep, as src/std/code-folder.ts expects it.
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    packages: "external",
    sourcemap: true,
    plugins: [indexApart],
    write: false,
    logLevel: "warning",
  });
  const made = new Map(outputFiles.map((file) => [file.path, file.contents]));
  for (const [file, contents] of made) {
    if (existsSync(file) && readFileSync(file).equals(contents)) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const file = path.join(dist, name);
    // Left from a build before: chunks are called by what is in them.
    if (/\.js(\.map)?$/.test(name) && !made.has(file)) rmSync(file);
  }
}

await main();
