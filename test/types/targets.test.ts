// Our declarations compile for older targets, their own errors included: users without skipLibCheck see those.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { it } from "node:test";

const root = path.resolve(import.meta.dirname, "../../..");
const compiler = path.join(root, "node_modules/typescript/bin/tsc");

const program = `
import * as ray from ${JSON.stringify(path.join(root, "dist/index.js"))};
export const value: Promise<number> = ray.get(ray.remote((n: number) => n).remote(1));
`;

for (const target of ["es2021", "es2020", "es2017"]) {
  it(`with the library of ${target}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-targets-"));
    try {
      const file = path.join(folder, "main.mts");
      writeFileSync(file, program);
      const settings = [
        "--ignoreConfig",
        "--noEmit",
        "--strict",
        "--module",
        "nodenext",
        "--target",
        target,
        "--lib",
        `${target},dom`,
      ];
      const { status, stdout } = spawnSync(process.execPath, [compiler, ...settings, "--types", "", file], {
        encoding: "utf8",
        cwd: folder,
      });
      assert.equal(status, 0, stdout);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
