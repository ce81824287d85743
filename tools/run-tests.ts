// Finds the compiled tests and runs them under `node --test`; Node 20's runner has no glob patterns of its own.
//
//   node build/tools/run-tests.js [options] [word...]     only files whose path contains one of the words
//     --concurrency N   files at once (default: the number of CPUs)
//     --without WORD    leave out files whose path contains it
//     --timeout MS      for each file (default 300000)
//     --verbose         every test, not only those that failed
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = path.resolve(import.meta.dirname, "../..");

/** Where compiled tests are, and where their sources are: an output whose source is gone is not a test any more. */
const places = [
  { compiled: "build/src", source: "src" },
  { compiled: "build/test", source: "test" },
  { compiled: "build/tools", source: "tools" },
];

function findTests(words: readonly string[], without: string | undefined): string[] {
  const found: string[] = [];
  for (const { compiled, source } of places) {
    const folder = path.join(root, compiled);
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".test.js")) continue;
      if (!existsSync(path.join(root, source, name.replace(/\.js$/, ".ts")))) continue;
      const file = path.join(compiled, name);
      if (without !== undefined && file.includes(without)) continue;
      if (words.length === 0 || words.some((word) => file.includes(word))) found.push(file);
    }
  }
  return found.toSorted();
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      concurrency: { type: "string", default: String(availableParallelism()) },
      without: { type: "string" },
      timeout: { type: "string", default: "300000" },
      verbose: { type: "boolean", default: false },
    },
  });
  const files = findTests(positionals, values.without);
  if (files.length === 0) {
    console.error(`no test file matches ${positionals.join(", ") || "build/**/*.test.js"}`);
    process.exitCode = 1;
    return;
  }
  const reporter = fileURLToPath(new URL("quiet-reporter.js", import.meta.url));
  const args = [
    "--enable-source-maps",
    "--test",
    `--test-concurrency=${values.concurrency}`,
    `--test-timeout=${values.timeout}`,
    `--test-reporter=${values.verbose ? "spec" : reporter}`,
    "--test-reporter-destination=stdout",
    ...files,
  ];
  // A run started from inside a test would else think that it is a child of that test's runner and print for it.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env });
  child.on("exit", (code, signal) => {
    if (signal !== null) console.error(`the test runner was ended by ${signal}`);
    process.exitCode = code ?? 1;
  });
}

main();
