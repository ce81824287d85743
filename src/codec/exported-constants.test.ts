// Which exports of a module may change, by its text.
import assert from "node:assert/strict";
import { it } from "node:test";
import { constantsIn } from "./exported-constants.ts";

const constants = (source: string): unknown => constantsIn({ source, isModule: true });

it("constants, as their authors and minifiers write them", () => {
  assert.deepEqual(constants("export const a = 1;\n  export const b: number = 2;"), new Set(["a", "b"]));
  assert.deepEqual(
    constants("export const a=1;export const $b=2;function f(){}export const c=3"),
    new Set(["a", "$b", "c"]),
  );
});

it("enums, as compilers write them", () => {
  assert.deepEqual(constants("export var A;\n(function (A) {})(A || (A = {}));"), new Set(["A"]));
  assert.deepEqual(constants("export var B = /* @__PURE__ */ ((B2) => {})(B || {});"), new Set(["B"]));
  assert.deepEqual(constants("export var C=(C2=>{})(C||{});"), new Set(["C"]));
  assert.deepEqual(constants("export var D = /*#__PURE__*/ function(D) {}(D || {});"), new Set(["D"]));
});

it("not what may change, and not what is no code", () => {
  const source =
    "export let a; export var b = (1); let c; export { c };\n// export const d = 1;\nexport const { e } = x;";
  assert.deepEqual(constants(source), new Set());
  assert.deepEqual(constants("/*\nexport const a = 1;\n*/ export let a = 2;"), new Set());
});

it("nothing of a CommonJS module changes for who imports it", () => {
  assert.equal(constantsIn({ source: "exports.a = 1;", isModule: false }), "all");
});
