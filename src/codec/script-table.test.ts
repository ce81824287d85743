// What a script says of its imports, its exports and its functions.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ScriptInfo } from "./scripts.ts";
import { tableOf, type ScriptTable } from "./script-table.ts";
import { parsed } from "./syntax.ts";

function table(text: string): ScriptTable {
  const program = parsed(text, "module");
  assert.ok(program !== undefined);
  return tableOf(program, true);
}

it("imports and requires in the forms that compilers give them", () => {
  const { imports } = table(`
    import d, { a, b as c } from "./m.mjs"; import * as ns from "ns"; import data from "./d.json" with { type: "json" };
    const fs = require("node:fs"), { join, basename: base } = require("path");
    var import_x = __toESM(require("x"), 1), y_1 = __importDefault(require("y")); const promises = require("fs").promises;
    const made = helper("no module"); let late = await __vite_ssr_import__("/lib/z.mjs", {});`);
  const shown = [...imports].map(([name, { how, specifier, name: part, helper }]) =>
    [name, how, specifier, part, helper ?? ""].join(" "),
  );
  assert.deepEqual(shown, [
    "d import ./m.mjs default ",
    "a import ./m.mjs a ",
    "c import ./m.mjs b ",
    "ns import ns * ",
    "data import ./d.json default ",
    "fs require node:fs * ",
    "join require path join ",
    "base require path basename ",
    "import_x require x * __toESM",
    "y_1 require y * __importDefault",
    "promises require fs promises ",
    "late import /lib/z.mjs * ",
  ]);
});

it("imports inside of what a test runner puts around a module", () => {
  for (const [open, close] of [
    ["{", "}"],
    ["{{", "}}"],
  ] as const) {
    const { imports } = table(
      `'use strict';async (__vite_ssr_exports__,__vite_ssr_import__)=>${open}const a = await __vite_ssr_import__("/x.mjs");${close}`,
    );
    assert.deepEqual([...imports.keys()], ["a"]);
  }
});

it("exported functions, and those that remote functions are made of", () => {
  const { functions } = table(`
    import { remote as task } from "ray-ts";
    export function one() { return () => 1; }
    const two = () => 2; export { two as second };
    export const three = remote(() => 3, {}), four = task((x) => x), five = other(() => 5);
    export default class {}
    export const six = __name(() => 6, "six"); let seven = () => 7; export { seven };`);
  assert.deepEqual(
    functions.flatMap(({ exported, argument }) =>
      exported === undefined ? [] : [`${exported}${argument ? " argument" : ""}`],
    ),
    ["one", "second", "three argument", "four argument", "default", "six"],
  );
});

it("finds the function of a place, though the engine points at its parameters", () => {
  const source = "const o = { async m(x) { return () => x; }, static_: 1 };\nclass A { static of(x) { return x; } }\n";
  const script = new ScriptInfo({ url: "file:///nowhere.mjs", isModule: true, source, startLine: 0, startColumn: 0 });
  const found = (text: string, at: string): string | undefined => script.placeOf(text, source.indexOf(at))?.name;
  assert.equal(found("async m(x) { return () => x; }", "(x) {"), "m");
  assert.equal(found("() => x", "() =>"), "(anonymous)");
  assert.equal(found("of(x) { return x; }", "(x) { return x; } }"), "of");
  assert.equal(script.startOf("of(x) { return x; }", source.indexOf("of(x)") + 2), source.indexOf("of(x)"));
  assert.deepEqual(script.positionOf(source.indexOf("class A")), { line: 1, column: 0 });
});

it("knows strict code and who owns `this`", () => {
  const program = parsed(
    "function f() { 'use strict'; return () => () => this; } const g = () => () => this; class A { m() {} }",
    "script",
  );
  assert.ok(program !== undefined);
  const { functions } = tableOf(program, false);
  assert.deepEqual(
    functions.map(({ strict }) => strict),
    [true, true, true, false, false, true, true],
  );
  assert.deepEqual(
    functions.map(({ atTop }) => atTop),
    [true, false, false, true, true, true, false],
  );
});
