// What code finds in a worker under the names that its module or a test runner gave it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { SerializationError } from "../domain/errors.ts";
import { valuesOf } from "./module-words.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-words-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const url = pathToFileURL(path.join(folder, "some.test.ts")).href;

function word(name: string): unknown {
  return valuesOf({ names: [name], wrappers: 1, url, usesMeta: false }).values[0];
}

describe("the words of Vite", () => {
  it("import.meta has its settings, which are in the environment, with those that are no texts there", () => {
    const names = ["MODE", "DEV", "PROD"] as const;
    const before = names.map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, { MODE: "test", DEV: "1", PROD: "" });
    try {
      const meta = word("__vite_ssr_import_meta__") as { url: string; env: Record<string, unknown> };
      assert.equal(meta.url, url);
      assert.deepEqual([meta.env["MODE"], meta.env["DEV"], meta.env["PROD"]], ["test", true, false]);
      assert.equal(meta.env["PATH"], process.env["PATH"]);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it("import() says what to do where its loader would be needed", async () => {
    writeFileSync(path.join(folder, "lib.ts"), "export enum Level { low }");
    writeFileSync(path.join(folder, "lib.mjs"), "export const level = 3;");
    const load = word("__vite_ssr_dynamic_import__") as (specifier: string) => Promise<{ level: number }>;
    assert.equal((await load("./lib.mjs")).level, 3);
    // Vitest names files from the root of its project.
    await assert.rejects(load("/lib.ts"), (error: unknown) => {
      assert.ok(error instanceof SerializationError);
      assert.match(
        error.message,
        /cannot load file:.*\/ray-ts-words-.*\/lib\.ts: it was started without the TypeScript loader/,
      );
      assert.match(error.message, /setup: "tsx"/);
      return true;
    });
    await assert.rejects(load("./none.mjs"), { code: "ERR_MODULE_NOT_FOUND" });
  });
});
