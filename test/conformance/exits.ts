// When a program that uses the cluster ends: as soon as it waits for nothing, and not before.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { it } from "node:test";
import type { Setting } from "./setting.ts";

/** A hang must fail the test and not the whole run. No program takes a tenth of it. */
const hangMs = 30_000;

function run(
  program: string,
  address: string,
): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  const file = path.join(import.meta.dirname, "programs", `${program}.js`);
  const { NODE_TEST_CONTEXT: _context, RAY_TS_ADDRESS: _address, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, address], { env, timeout: hangMs, killSignal: "SIGKILL" });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

export function exits({ address }: Setting): void {
  const programs: readonly [string, string, string][] = [
    ["a program that forgets shutdown ends", "forgets-shutdown", "[1,2]\n"],
    ["a program that forgets its results ends", "forgets-results", "submitted\n"],
    ["a program that cancels and forgets ends", "forgets-cancelled", "cancelled\n"],
    ["a program that only waits lives until it has what it waits for", "waits", "[1,2,3,1]\n"],
  ];
  for (const [what, program, expected] of programs) {
    it(what, async () => {
      assert.deepEqual(await run(program, address), { code: 0, signal: null, stdout: expected, stderr: "" });
    });
  }
}
