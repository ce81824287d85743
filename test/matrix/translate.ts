// One function per tool: case sources in, what the tool makes of them out.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { transform as swcTransform } from "@swc/core";
import type { Options as SwcOptions } from "@swc/core";
import { build, transform as esbuildTransform } from "esbuild";
import type { TransformOptions } from "esbuild";
import { toCommonJs } from "./commonjs.js";
import { repository, withExtension } from "./sources.js";
import type { Source } from "./sources.js";

/** Writes the sources below `folder` in the form that will run. */
export type Translate = (sources: readonly Source[], folder: string) => Promise<void>;

function write(folder: string, title: string, extension: string, text: string): void {
  const file = path.join(folder, title + extension);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Sources that no tool touches: CommonJS and data. */
const isUntouched = ({ language }: Source): boolean => language === "commonjs" || language === "other";

/** Each source by itself. TypeScript only where the tool can read it. */
function each(
  extension: string,
  one: (text: string, source: Source) => string | Promise<string>,
  reads: readonly Source["language"][] = ["esm", "typescript"],
): Translate {
  return async (sources, folder) => {
    for (const source of sources) {
      if (isUntouched(source)) write(folder, source.title, source.extension, source.text);
      else if (reads.includes(source.language)) {
        write(folder, source.title, extension, await one(withExtension(source.text, extension), source));
      }
    }
  };
}

export const asEsm: Translate = each(".mjs", (text) => text, ["esm"]);
/** From the source as it is: a default import of a .cjs file is another thing than one of a module that becomes .cjs. */
export const asCommonJs: Translate = each(".cjs", (_text, { text }) => withExtension(toCommonJs(text), ".cjs"), [
  "esm",
]);

/** ES module syntax in a file of another kind, for tools that work while the program runs. */
export const renamed = (extension: ".mts" | ".cts"): Translate => each(extension, (text) => text);

export function withEsbuild(options: TransformOptions): Translate {
  const extension = options.format === "cjs" ? ".cjs" : ".mjs";
  return each(extension, async (text) => {
    const { code } = await esbuildTransform(text, { loader: "ts", platform: "node", target: "node20", ...options });
    return code;
  });
}

export function withSwc(module: "commonjs" | "es6", options: SwcOptions = {}): Translate {
  return each(module === "commonjs" ? ".cjs" : ".mjs", async (text, { title }) => {
    const { code } = await swcTransform(text, {
      filename: `${title}.ts`,
      swcrc: false,
      module: { type: module },
      ...options,
      jsc: {
        parser: { syntax: "typescript", decorators: true },
        transform: { decoratorVersion: "2022-03" },
        target: "es2022",
        ...options.jsc,
      },
    });
    return code;
  });
}

/** One file per case file, helper modules inside. */
export function bundled(minify: boolean): Translate {
  return async (sources, folder) => {
    const unbundled = path.join(folder, "..", "unbundled");
    await each(".mjs", (text) => text, ["esm"])(sources, unbundled);
    const titles = sources.filter(({ language, title }) => language === "esm" && !title.startsWith("lib/"));
    await build({
      entryPoints: titles.map(({ title }) => path.join(unbundled, `${title}.mjs`)),
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      minify,
      packages: "external",
      logLevel: "error",
      supported: { using: false },
    });
  };
}

const run = promisify(execFile);
const tsc = path.join(repository, "node_modules/typescript/bin/tsc");

export interface TscOptions {
  readonly target: string;
  readonly experimentalDecorators?: boolean;
}

/** The compiler itself, from ES module syntax to CommonJS. Types are not its business here. */
export function withTsc(options: TscOptions): Translate {
  return async (sources, folder) => {
    const input = path.join(folder, "..", "tsc-input");
    rmSync(input, { recursive: true, force: true });
    const translated = sources.filter((source) => !isUntouched(source));
    // A .cts file is imported by the name of what it becomes.
    for (const { title, text } of translated) write(input, title, ".cts", withExtension(text, ".cjs"));
    const compilerOptions = {
      module: "commonjs",
      moduleResolution: "bundler",
      rootDir: ".",
      outDir: "out",
      noCheck: true,
      noEmitOnError: false,
      skipLibCheck: true,
      strict: false,
      esModuleInterop: true,
      allowImportingTsExtensions: false,
      types: [],
      useDefineForClassFields: options.experimentalDecorators !== true,
      ...options,
    };
    writeFileSync(path.join(input, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["**/*.cts"] }));
    await run(process.execPath, [tsc, "-p", input], { maxBuffer: 1 << 24 });
    cpSync(path.join(input, "out"), folder, { recursive: true });
    for (const source of sources.filter(isUntouched)) write(folder, source.title, source.extension, source.text);
  };
}
