// Makes the package that is published, dist/: the sources as few files, since a process loads two hundred modules slowly.
//
//   dist/index.js               what users import
//   dist/parallel/index.js      and what is made of it, "ray-ts/parallel"
//   dist/worker/main.js         the program of a worker
//   dist/chunks/…               what both need: one instance, so that a task's "ray-ts" is that of its worker
//   dist/local/daemon/main.js   the program of a daemon, alone, and as CommonJS, which Node is quicker to start: workers wait for it
//
// The declarations beside them are the compiler's, and so is build/src, where each module is a file: tests import it as `#src/…`.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, type BuildOptions, type OutputFile, type Plugin } from "esbuild";

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

const always = {
  absWorkingDir: root,
  outdir: "dist",
  outbase: "src",
  bundle: true,
  platform: "node",
  target: "es2022",
  packages: "external",
  sourcemap: true,
  write: false,
  logLevel: "warning",
} satisfies BuildOptions;

/** For drivers and workers. */
async function shared(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    ...always,
    entryPoints: ["./src/index.ts", "./src/parallel/index.ts", "./src/worker/main.ts"],
    format: "esm",
    splitting: true,
    // One folder deep, as src/std/code-folder.ts expects it.
    chunkNames: "chunks/[name]-[hash]",
    plugins: [indexApart],
  });
  return outputFiles;
}

async function daemon(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    ...always,
    entryPoints: ["./src/local/daemon/main.ts"],
    format: "cjs",
    // A folder further down than the chunks.
    banner: {
      js: 'const moduleUrl = require("node:url").pathToFileURL(require("node:path").dirname(__filename)).href;',
    },
    define: { "import.meta.url": "moduleUrl" },
  });
  return outputFiles;
}

async function main(): Promise<void> {
  const made = new Map<string, Uint8Array>();
  for (const { path: file, contents } of [...(await shared()), ...(await daemon())]) made.set(file, contents);
  made.set(path.join(dist, "local/daemon/package.json"), Buffer.from('{ "type": "commonjs" }\n'));
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
