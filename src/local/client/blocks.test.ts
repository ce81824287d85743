// Which lines stay together.
import assert from "node:assert/strict";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { test } from "node:test";
import { inspect } from "node:util";
import { blocksOf } from "./blocks.ts";

function table(rows: unknown): string {
  let text = "";
  const out = new Writable({ write: (chunk, _encoding, done) => done(void (text += String(chunk))) });
  new Console(out).table(rows);
  return text.trimEnd();
}

test("lines that each begin anew are each on their own, empty ones too", () => {
  assert.deepEqual(blocksOf("one"), ["one"]);
  assert.deepEqual(blocksOf("one\ntwo\n\nthree\n"), ["one", "two", "", "three", ""]);
});

test("objects, JSON, tables and stacks are each in one piece", () => {
  const value = {
    file: "a".repeat(30),
    codes: ["b".repeat(30), "c".repeat(30)],
    at: { deep: { deeper: { more: 1 } } },
  };
  const said = [
    `cannot read: ${inspect(value)}`,
    inspect(["x".repeat(40), "y".repeat(40)]),
    JSON.stringify(value, null, 1),
    JSON.stringify([value, value], null, "\t"),
    table([{ a: 1, b: 2 }]),
    String(new Error("broken").stack),
    inspect(new Error("broken", { cause: new Error("why") })),
  ];
  for (const each of said) assert.ok(each.includes("\n"), each);
  assert.deepEqual(blocksOf(["before", ...said, "after"].join("\n")), ["before", ...said, "after"]);
});
