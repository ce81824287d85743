// What vitest and jest need: a configuration, and one test per case file that waits for its end.

type File = readonly [name: string, text: string];

/** For one case file. Longer than a case that hangs, so that the suite says which one. */
const timeoutMs = 600_000;

const esmTest = (runner: string, title: string, extension: string): string => `${runner}
import "../cases/${title}${extension}";
import { finished } from "ray-ts/suite";
test("${title}", async () => { await finished(); }, ${timeoutMs});
`;

const commonJsTest = (title: string): string => `
require("../cases/${title}.cjs");
const { finished } = require("ray-ts/suite");
test("${title}", async () => { await finished(); }, ${timeoutMs});
`;

export function vitestConfig(pool: string, titles: readonly string[]): File[] {
  const test = { include: ["tests/*.test.mjs"], pool, maxWorkers: 2, testTimeout: timeoutMs, watch: false };
  return [
    ["vitest.config.mjs", `export default ${JSON.stringify({ test, cacheDir: "vite-cache" })};\n`],
    ...titles.map((title): File => [
      `tests/${title}.test.mjs`,
      esmTest('import { test } from "vitest";', title, ".mjs"),
    ]),
  ];
}

/** Turns packages that only have ES modules into CommonJS, as jest's own documentation advises. */
const swcTransform = `
const { transformSync } = require("@swc/core");
module.exports = {
  process(text, filename) {
    if (!/\\b(import|export)\\b/.test(text) || filename.endsWith(".cjs")) return { code: text };
    return transformSync(text, { filename, swcrc: false, sourceMaps: "inline", module: { type: "commonjs" }, jsc: { target: "es2022" } });
  },
};
`;

export function jestConfig(module: "esm" | "commonjs", titles: readonly string[]): File[] {
  const common = {
    testEnvironment: "node",
    maxWorkers: 1,
    moduleFileExtensions: ["mjs", "cjs", "js", "json"],
    collectCoverageFrom: ["cases/**"],
  };
  if (module === "esm") {
    const config = { ...common, testMatch: ["<rootDir>/tests/*.test.mjs"], transform: {} };
    return [
      ["jest.config.json", JSON.stringify(config)],
      ...titles.map((title): File => [`tests/${title}.test.mjs`, esmTest("", title, ".mjs")]),
    ];
  }
  const transform = { "\\.(mjs|cjs|js)$": "<rootDir>/swc-transform.cjs" };
  const config = { ...common, testMatch: ["<rootDir>/tests/*.test.cjs"], transform, transformIgnorePatterns: [] };
  return [
    ["jest.config.json", JSON.stringify(config)],
    ["swc-transform.cjs", swcTransform],
    ...titles.map((title): File => [`tests/${title}.test.cjs`, commonJsTest(title)]),
  ];
}
