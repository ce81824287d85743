// Runs the cases of one prepared environment on one Node, and reads what they wrote down.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Prepared } from "./prepare.js";
import { repository } from "./sources.js";

export interface CaseResult {
  readonly title: string;
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped" | "excused";
  readonly message?: string;
}

interface Command {
  readonly args: readonly string[];
  readonly cwd: string;
  /** The case files of which this one process writes results. */
  readonly titles: readonly string[];
  /** Written to its standard input. The end follows, unless the program is to end itself. */
  readonly input?: { readonly text: string; readonly keepOpen: boolean };
}

export interface Node {
  readonly major: number;
  readonly binary: string;
}

/** How long one process may take before it counts as hanging. The slowest, a test runner with all case files, takes a minute alone. */
const processMsMax = 1_200_000;

const bin = (name: string): string => path.join(repository, "node_modules", name);

const endAfterwards = 'require("ray-ts/suite").finished().finally(() => process.exit());\n';

function commandsOf({ environment, folder }: Prepared, { major }: Node): Command[] {
  const { launch, titles } = environment;
  const cases = path.join(folder, "cases");
  const text = (title: string, extension: string): string => readFileSync(path.join(cases, title + extension), "utf8");
  const perTitle = (one: (title: string) => Omit<Command, "titles">): Command[] =>
    titles.map((title) => ({ ...one(title), titles: [title] }));
  switch (launch.kind) {
    case "file":
      return perTitle((title) => ({
        args: [...(launch.flags?.(major) ?? []), path.join(cases, title + launch.extension)],
        cwd: folder,
      }));
    case "worker-thread":
      return perTitle((title) => ({ args: ["thread.mjs", path.join(cases, `${title}.mjs`)], cwd: folder }));
    case "own-loader":
      return perTitle((title) => ({ args: ["loader.mjs", path.join(cases, `${title}.mts`)], cwd: folder }));
    case "eval":
      return perTitle((title) => ({ args: ["-e", text(title, ".cjs")], cwd: cases }));
    case "stdin":
      return perTitle((title) => ({ args: ["-"], cwd: cases, input: { text: text(title, ".cjs"), keepOpen: false } }));
    case "stdin-module":
      return perTitle((title) => ({
        args: ["--input-type=module", "-"],
        cwd: cases,
        input: { text: text(title, ".mjs"), keepOpen: false },
      }));
    case "repl":
      return perTitle((title) => ({
        args: ["-i"],
        cwd: cases,
        input: { text: `.load ${title}.cjs\n${endAfterwards}`, keepOpen: true },
      }));
    case "vitest":
      return [{ args: [bin("vitest/vitest.mjs"), "run", "--root", folder], cwd: folder, titles }];
    case "jest": {
      const flags = [
        "--experimental-vm-modules",
        bin("jest/bin/jest.js"),
        "--config",
        "jest.config.json",
        "--no-cache",
      ];
      // Istanbul's counters in every function; its report is not what we are after.
      const coverage = launch.coverage === true ? ["--coverage", "--coverageReporters", "json-summary"] : [];
      return [{ args: [...flags, ...coverage], cwd: folder, titles }];
    }
  }
}

interface Ended {
  readonly code: number | string;
  readonly output: string;
}

function execute(binary: string, command: Command, variables: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(binary, command.args, {
      cwd: command.cwd,
      env: { ...cleanEnvironment(), ...variables },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-8_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    // A program that ended early closes its input; what it said is in the output.
    child.stdin.on("error", () => {});
    child.stdin.write(command.input?.text ?? "");
    if (command.input?.keepOpen !== true) child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), processMsMax);
    child.on("error", (error) => resolve({ code: error.message, output }));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal ?? "?", output });
    });
  });
}

/** Without what a surrounding test runner or tool would tell our children. */
function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(NODE_|VITEST|JEST|TSX|npm_)/.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""]));
}

const resultFile = (prepared: Prepared, node: Node, title: string): string =>
  path.join(prepared.folder, "results", `${node.major}.${title}.json`);

function readResults(prepared: Prepared, node: Node, title: string, ended: Ended): CaseResult[] {
  const file = resultFile(prepared, node, title);
  if (!existsSync(file)) {
    const message = `wrote no results; it ended with ${ended.code} and said:\n${ended.output.slice(-2_000)}`;
    return [{ title, name: "the file as a whole", status: "failed", message }];
  }
  const { results } = JSON.parse(readFileSync(file, "utf8")) as { results: Omit<CaseResult, "title">[] };
  return results.map((result) => ({ title, ...result }));
}

function excuse({ environment: { excused } }: Prepared, { major }: Node, result: CaseResult): CaseResult {
  if (result.status !== "failed") return result;
  const found = excused.find(
    ({ cases, says, nodes }) =>
      cases.test(result.name) &&
      (says === undefined || result.message?.includes(says) === true) &&
      (nodes?.includes(major) ?? true),
  );
  return found === undefined ? result : { ...result, status: "excused", message: found.why };
}

/** One function per process, so that the caller decides how many run at once. */
export function launches(prepared: Prepared, node: Node, only?: string): (() => Promise<CaseResult[]>)[] {
  const { environment, folder } = prepared;
  return commandsOf(prepared, node).map((command) => async () => {
    for (const title of command.titles) rmSync(resultFile(prepared, node, title), { force: true });
    const ended = await execute(node.binary, command, {
      RAY_TS_SUITE_ENVIRONMENT: JSON.stringify({ name: environment.name, ...environment.traits }),
      RAY_TS_SUITE_RESULTS: path.join(folder, "results", String(node.major)),
      ...(only === undefined ? {} : { RAY_TS_SUITE_ONLY: only }),
    });
    return command.titles.flatMap((title) =>
      readResults(prepared, node, title, ended).map((result) => excuse(prepared, node, result)),
    );
  });
}
