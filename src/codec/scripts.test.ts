// Functions of scripts that are too large to be parsed, as bundles are.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { it } from "node:test";
import { pathToFileURL } from "node:url";
import { runInThisContext } from "node:vm";
import { encodeFunction } from "./function.ts";
import { decode, prepare } from "./value.ts";

const padding = `/*${"x".repeat(1_000_001)}*/`;

async function there(fn: (...args: never[]) => unknown): Promise<unknown> {
  const { payload } = encodeFunction(fn);
  await prepare(payload);
  return decode(payload);
}

it("a function of a large script travels with its variables", async () => {
  const make = runInThisContext(`${padding} (step) => (n) => n + step`) as (step: number) => (n: number) => number;
  const fn = (await there(make(2))) as (n: number) => number;
  assert.equal(fn(3), 5);
});

it("what a large module exports travels", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-large-"));
  try {
    const file = path.join(folder, "large.mjs");
    writeFileSync(
      file,
      `${padding}\nexport const twice = (n) => n * 2;\nexport class Two { static get() { return 2; } }\n`,
    );
    const { twice, Two } = (await import(pathToFileURL(file).href)) as {
      twice: (n: number) => number;
      Two: { get(): number };
    };
    const { get } = Two;
    const fn = (await there(() => [twice(4), Two.get(), get()])) as () => unknown;
    assert.deepEqual(fn(), [8, 2, 2]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("an instance of a class that a large module exports is one of the module's", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-large-"));
  try {
    const file = path.join(folder, "large.mjs");
    const text = `class One { get() { return 1; } }\nexport default class Other {}\nexport { One as Uno };\n`;
    writeFileSync(file, padding + text);
    const { Uno, default: Other } = (await import(pathToFileURL(file).href)) as Record<string, new () => object>;
    assert.ok(Uno !== undefined && Other !== undefined);
    const values = [new Uno(), new Other()];
    const { payload } = encodeFunction(() => values);
    assert.equal(payload.modules, true);
    await prepare(payload);
    const [one, other] = (decode(payload) as () => object[])() as [object, object];
    assert.deepEqual([one instanceof Uno, other instanceof Other], [true, true]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
