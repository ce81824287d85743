// A program that a bundler has put into one file, and ray-ts with it, is told what to do.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { root, run } from "../harness/program.ts";

const program = `
  import { get, init, remote } from "ray-ts";
  const told = (error) => console.log(error.code, error.message);
  try { get(remote(() => 1).remote()).then(console.log, told); } catch (error) { told(error); }
  init().then(console.log, told);
`;

for (const format of ["esm", "cjs"] as const) {
  test(`bundled with other code, as ${format}`, async (context) => {
    const folder = mkdtempSync(path.join(root, "build", "bundled-"));
    context.after(() => rmSync(folder, { recursive: true }));
    const outfile = path.join(folder, `out.${format === "esm" ? "mjs" : "cjs"}`);
    await build({
      stdin: { contents: program, resolveDir: root },
      bundle: true,
      platform: "node",
      format,
      outfile,
      logLevel: "silent",
    });
    const { code, stdout, stderr } = await run(path.relative(root, outfile));
    assert.equal(code, 0, stderr);
    const told = /RAY_CONNECTION_ERROR No cluster at "local": a bundler .*\n.*--external:ray-ts/g;
    assert.equal(stdout.match(told)?.length, 2, stdout);
  });
}
