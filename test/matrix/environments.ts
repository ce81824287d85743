// The table: each way in which users run their code, how the cases get there, and what cannot pass there and why.
import { excuses } from "./excuses.js";
import type { Excuse } from "./excuses.js";
import { groups } from "./sources.js";
import { asCommonJs, asEsm, bundled, renamed, withEsbuild, withSwc, withTsc } from "./translate.js";
import type { Translate } from "./translate.js";

/** How the program is started. */
export type Launch =
  | { readonly kind: "file"; readonly extension: string; readonly flags?: (major: number) => readonly string[] }
  | { readonly kind: "stdin" | "eval" | "repl" | "stdin-module" | "worker-thread" | "own-loader" }
  | { readonly kind: "vitest"; readonly pool: "forks" | "threads" | "vmThreads" | "vmForks" }
  | { readonly kind: "jest"; readonly module: "esm" | "commonjs"; readonly coverage?: true };

/** What the cases are told about the tool that made them. */
export interface Traits {
  readonly format: "esm" | "commonjs";
  /** Names in error texts are the short ones. */
  readonly minified?: true;
  /** Imports became part of the entry. */
  readonly bundled?: true;
  /** A test runner loads the modules: everything but packages goes by value. */
  readonly framework?: "vitest" | "jest";
}

export interface Environment {
  readonly name: string;
  readonly translate: Translate;
  readonly launch: Launch;
  readonly traits: Traits;
  readonly titles: readonly string[];
  /** The versions of Node on which it runs when all run. */
  readonly nodes: readonly number[];
  readonly excused: readonly Excuse[];
}

const every = [20, 22, 24, 26] as const;
const oldest = [20] as const;
const { general, imports, esm, commonjs, typescript } = groups;

const file = (extension: string, flags?: (major: number) => readonly string[]): Launch =>
  flags === undefined ? { kind: "file", extension } : { kind: "file", extension, flags };

const tsx = (): readonly string[] => ["--import", "tsx"];

/** On Node 20, CommonJS that came through tsx's ESM hooks cannot require an ES module: "request for 'node:fs' is not in cache". */
const tsxCommonJs = (major: number): readonly string[] => (major < 22 ? ["--require", "tsx/cjs"] : tsx());

/** What switches the permission model on, without the inspector but with what a driver needs. */
const permission = (major: number): readonly string[] => [
  major < 22 ? "--experimental-permission" : "--permission",
  "--allow-fs-read=*",
  "--allow-fs-write=*",
  "--allow-child-process",
  // Sockets in the session's folder count as the net.
  ...(major < 25 ? [] : ["--allow-net"]),
];

const plain: readonly Environment[] = [
  {
    name: "plain ESM",
    translate: asEsm,
    launch: file(".mjs"),
    traits: { format: "esm" },
    titles: [...general, ...imports, ...esm],
    nodes: every,
    excused: [],
  },
  {
    name: "plain CJS",
    translate: asCommonJs,
    launch: file(".cjs"),
    traits: { format: "commonjs" },
    titles: [...general, ...commonjs],
    nodes: every,
    excused: [],
  },
  {
    name: "ESM with using",
    translate: asEsm,
    launch: file(".mjs"),
    traits: { format: "esm" },
    titles: ["using"],
    nodes: [24, 26],
    excused: [],
  },
  {
    name: "permission model",
    translate: asEsm,
    launch: file(".mjs", permission),
    traits: { format: "esm" },
    titles: ["permission"],
    nodes: every,
    excused: [],
  },
  {
    name: "worker_threads",
    translate: asEsm,
    launch: { kind: "worker-thread" },
    traits: { format: "esm" },
    titles: [...general, ...imports, "esm"],
    nodes: [20, 26],
    excused: [],
  },
];

const withoutFile: readonly Environment[] = (["stdin", "eval", "repl"] as const).map((kind) => ({
  name: { stdin: "node < stdin", eval: "node -e", repl: "REPL" }[kind],
  translate: asCommonJs,
  launch: { kind },
  traits: { format: "commonjs" },
  titles: [...general, "sloppy"],
  nodes: [20, 26],
  excused: [...excuses.withoutFile, ...(kind === "repl" ? excuses.repl : [])],
}));

const typed: readonly Environment[] = [
  {
    name: "tsx ESM",
    translate: renamed(".mts"),
    launch: file(".mts", tsx),
    traits: { format: "esm" },
    titles: [...general, ...imports, ...typescript, "esm", "entry-import", "using"],
    nodes: every,
    excused: [],
  },
  {
    name: "tsx CJS",
    translate: renamed(".cts"),
    launch: file(".cts", tsxCommonJs),
    traits: { format: "commonjs" },
    titles: [...general, ...imports, ...typescript, "using"],
    nodes: every,
    excused: excuses.tsxCommonJs,
  },
  {
    // No option of the driver tells its workers of a loader that the program registers by itself.
    name: "tsx, bare worker",
    translate: renamed(".mts"),
    launch: { kind: "own-loader" },
    traits: { format: "esm" },
    titles: ["no-loader"],
    nodes: oldest,
    excused: [],
  },
  {
    name: "type stripping",
    translate: renamed(".mts"),
    launch: file(".mts"),
    traits: { format: "esm" },
    titles: [...general, ...imports, "erasable", "esm", "entry-import"],
    nodes: [22, 24, 26],
    excused: [],
  },
];

function translated(
  name: string,
  format: "esm" | "commonjs",
  translate: Translate,
  more: Partial<Environment> = {},
): Environment {
  return {
    name,
    translate,
    launch: file(format === "esm" ? ".mjs" : ".cjs"),
    titles: [...general, ...imports, ...typescript, "using"],
    nodes: oldest,
    ...more,
    excused: [...(more.traits?.minified === true ? excuses.minified : []), ...(more.excused ?? [])],
    traits: { format, ...more.traits },
  };
}

const minified = (format: "esm" | "commonjs") => ({ traits: { format, minified: true } }) as const;
const mangle = { minify: true, jsc: { minify: { compress: true, mangle: { toplevel: true } } } } as const;

const tools: readonly Environment[] = [
  translated("esbuild CJS", "commonjs", withEsbuild({ format: "cjs", keepNames: true })),
  translated("esbuild CJS min", "commonjs", withEsbuild({ format: "cjs", minify: true }), {
    ...minified("commonjs"),
    excused: excuses.minifiedCommonJs,
  }),
  translated("esbuild ESM min", "esm", withEsbuild({ format: "esm", minify: true }), minified("esm")),
  translated("esbuild bundle", "esm", bundled(false), {
    traits: { format: "esm", bundled: true },
    titles: [...general, ...imports, "using"],
    nodes: every,
    excused: excuses.bundled,
  }),
  translated("esbuild bundle min", "esm", bundled(true), {
    traits: { format: "esm", bundled: true, minified: true },
    titles: [...general, ...imports, "using"],
    nodes: every,
    excused: excuses.bundled,
  }),
  translated("SWC CJS", "commonjs", withSwc("commonjs")),
  translated("SWC ESM", "esm", withSwc("es6")),
  translated("SWC CJS min", "commonjs", withSwc("commonjs", mangle), {
    ...minified("commonjs"),
    excused: excuses.swcMangle,
  }),
  translated("SWC ESM min", "esm", withSwc("es6", mangle), {
    ...minified("esm"),
    excused: excuses.swcMangle,
  }),
  translated("tsc ES2022", "commonjs", withTsc({ target: "es2022" })),
  translated("tsc ES2017", "commonjs", withTsc({ target: "es2017" }), { excused: excuses.lowered }),
  translated("tsc ES2015", "commonjs", withTsc({ target: "es2015" }), { excused: excuses.lowered }),
  translated("tsc old decorators", "commonjs", withTsc({ target: "es2022", experimentalDecorators: true }), {
    titles: ["legacy-decorators", "classes"],
  }),
];

const runners: readonly Environment[] = [
  ...(["forks", "threads", "vmThreads"] as const).map((pool) => ({
    name: `vitest ${pool}`,
    translate: asEsm,
    launch: { kind: "vitest", pool } as const,
    traits: { format: "esm", framework: "vitest" } as const,
    titles: general,
    nodes: oldest,
    excused: [...excuses.framework, ...excuses.vitest, ...(pool === "vmThreads" ? excuses.ownPackages : [])],
  })),
  {
    name: "jest ESM",
    translate: asEsm,
    launch: { kind: "jest", module: "esm" },
    traits: { format: "esm", framework: "jest" },
    titles: general,
    nodes: oldest,
    excused: [...excuses.framework, ...excuses.ownPackages],
  },
  {
    name: "jest ESM, coverage",
    translate: asEsm,
    launch: { kind: "jest", module: "esm", coverage: true },
    traits: { format: "esm", framework: "jest" },
    titles: general,
    nodes: oldest,
    excused: [...excuses.framework, ...excuses.ownPackages],
  },
  {
    name: "jest CJS",
    translate: withSwc("commonjs"),
    launch: { kind: "jest", module: "commonjs" },
    traits: { format: "commonjs", framework: "jest" },
    titles: general,
    nodes: oldest,
    excused: excuses.framework,
  },
];

const stdinModule: Environment = {
  name: "--input-type=module",
  translate: asEsm,
  launch: { kind: "stdin-module" },
  traits: { format: "esm" },
  titles: general,
  nodes: [20, 26],
  excused: excuses.withoutFile,
};

export const environments: readonly Environment[] = [
  ...plain,
  ...withoutFile,
  stdinModule,
  ...typed,
  ...tools,
  ...runners,
];
