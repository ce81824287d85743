// `npm test`, after the build: everything that must be green, cheap things first. Says at its end which steps failed.
//
//   node build/tools/check.js [step…]     only these steps
import { spawnSync } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const bin = path.join(root, "node_modules/.bin");

interface Step {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
}

/** The types are proven by the build: test/types compiles only if every expected error is one. */
const steps: readonly Step[] = [
  { name: "format", command: [path.join(bin, "prettier"), "--check", "--log-level", "warn", "."] },
  { name: "lint", command: [path.join(bin, "oxlint")] },
  { name: "tidy", command: [process.execPath, "build/tools/tidy/main.js"] },
  {
    name: "simulate",
    command: [process.execPath, "--enable-source-maps", "build/test/simulation/main.js", "--seeds", "200"],
  },
  // Alone: their bounds in seconds are part of the lesson, and other tests beside them would take their CPUs.
  { name: "labs", command: [process.execPath, "build/tools/run-tests.js", "--concurrency", "1", "test/labs/"] },
  // Last, so that what the runner counts is what stands at the end.
  { name: "tests", command: [process.execPath, "build/tools/run-tests.js", "--without", "test/labs/"] },
];

function run({ name, command: [program, ...args] }: Step): boolean {
  console.log(`== ${name}`);
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (error !== undefined) console.error(`${name} could not be started: ${error.message}`);
  if (signal !== null) console.error(`${name} was ended by ${signal}`);
  return status === 0;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`no step ${unknown.join(", ")}; there are ${steps.map(({ name }) => name).join(", ")}`);
  process.exitCode = 1;
} else {
  const failed = steps.filter((step) => (wanted.length === 0 || wanted.includes(step.name)) && !run(step));
  if (failed.length > 0) {
    console.error(`== failed: ${failed.map(({ name }) => name).join(", ")}`);
    process.exitCode = 1;
  }
}
