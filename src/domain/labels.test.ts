// Labels and selectors: what may be written, and what is met.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionOf, isLabelKey, isLabelValue, unmet } from "./labels.ts";

const labels = { zone: "a", "example.com/gpu": "A100", empty: "" };

const rows: readonly [selector: Record<string, string>, unmet: readonly string[]][] = [
  [{}, []],
  [{ zone: "a" }, []],
  [{ zone: "b" }, ["zone"]],
  [{ zone: "A" }, ["zone"]],
  [{ zone: "!a" }, ["zone"]],
  [{ zone: "!b" }, []],
  [{ zone: "in(a)" }, []],
  [{ zone: "in(b,a)" }, []],
  [{ zone: "in( b , a )" }, []],
  [{ zone: "in(b,c)" }, ["zone"]],
  [{ zone: "!in(a,b)" }, ["zone"]],
  [{ zone: "!in(b,c)" }, []],
  [{ zone: "a", "example.com/gpu": "in(H100,A100)" }, []],
  [{ zone: "b", "example.com/gpu": "!A100" }, ["zone", "example.com/gpu"]],
  [{ empty: "" }, []],
  // One that is not there is none of the values.
  [{ missing: "a" }, ["missing"]],
  [{ missing: "in(a,b)" }, ["missing"]],
  [{ missing: "!a" }, []],
  [{ missing: "!in(a,b)" }, []],
  [{ toString: "!a" }, []],
];
for (const [selector, left] of rows) {
  test(`${JSON.stringify(selector)} leaves unmet: ${left.join(", ")}`, () =>
    assert.deepEqual(unmet(selector, labels), left));
}

test("a condition with a value that is empty is a mistake, unless it is all there is", () => {
  for (const bad of ["!", "in()", "!in()", "in(a,,b)", "in(,)"]) assert.equal(conditionOf(bad), undefined, bad);
  assert.deepEqual(conditionOf(""), { values: [""], negated: false });
});

test("values, conditions and keys are as in Kubernetes", () => {
  for (const good of ["", "a", "A100", "a-b_c.d", "x".repeat(63)]) assert.ok(isLabelValue(good), good);
  for (const bad of ["-a", "a-", "a b", "ä", "a/b", "x".repeat(64), "in(a)"]) assert.ok(!isLabelValue(bad), bad);
  for (const good of ["zone", "ray.io/node-id", "a.b-c.example/x_y"]) assert.ok(isLabelKey(good), good);
  for (const bad of ["", "/a", "a/", "-a/b", "a/b/c", "a b", "x".repeat(64)]) assert.ok(!isLabelKey(bad), bad);
  for (const bad of ["in(a", "in a,b", "!!a", "! a", "in(-)", "!in(a,b c)", "not(a)", "a,b"])
    assert.equal(conditionOf(bad), undefined, bad);
});
