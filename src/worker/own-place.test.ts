// The module of this package that a stack ends in, in each of the ways in which stacks name places.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { codeFolder, packageFolder } from "../std/code-folder.ts";
import { innermostOwn } from "./own-place.ts";

assert.ok(packageFolder !== undefined);
const sources = fileURLToPath(`${packageFolder}src/`);

function stackOf(...frames: readonly string[]): string {
  return ["Error: x", ...frames.map((frame) => `    at ${frame}`)].join("\n");
}

test("a file for each module, by URL or by path", () => {
  const user = "run (file:///app/worker/main.js:1:2)";
  assert.equal(innermostOwn(stackOf(user, `run (${codeFolder}worker/main.js:1:2)`)), "worker/main.ts");
  assert.equal(innermostOwn(stackOf(`${sources}wire/socket.ts:1:2`, user)), "wire/socket.ts");
  const both = [`a (${codeFolder}api/get.js:1:2)`, `b (${codeFolder}wire/socket.js:3:4)`];
  assert.equal(innermostOwn(stackOf(...both)), "api/get.ts");
  assert.equal(innermostOwn(stackOf(user)), undefined);
  assert.equal(innermostOwn(`Error: ${codeFolder}worker/main.js:1:2`), undefined);
});

test("a bundle names its modules, which is what the places inside are known by", () => {
  const dist = fileURLToPath(`${packageFolder}dist/`);
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  const named = files.flatMap((file) => readFileSync(`${dist}${file}`, "utf8").match(/^\/\/ src\/\S+\.ts$/gm) ?? []);
  for (const module of ["worker/runner.ts", "wire/socket.ts", "api/execute.ts"])
    assert.ok(named.includes(`// src/${module}`), module);
});
