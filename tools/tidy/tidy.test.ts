// Every rule of tidy fires on what it forbids, and is silent on what is allowed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.ts";
import { checkDocuments } from "./documents.ts";
import { floors } from "./house.ts";
import type { Excuse } from "./house.ts";
import { parse } from "./source.ts";

const top = "// What this file is for.\n";
const user = {
  "test/user.ts": `${top}import * as a from "#src/std/a.js";\nimport * as b from "#src/std/b.js";\nvoid [a, b];`,
};

/** Findings as `file:line rule`. */
function found(files: Readonly<Record<string, string>>, excuses: readonly Excuse[] = []): string[] {
  const sources = Object.entries(files).map(([file, text]) => parse(file, text));
  return check(sources, excuses).map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

/** One file that somebody uses, so that only what is wrong inside is found. */
function inside(file: string, text: string): string[] {
  const importer = file.startsWith("src/") ? `${top}import * as x from "../${file}";\nvoid x;` : top;
  return found({ [file]: text, "test/importer.ts": importer }).map((line) => line.slice(file.length + 1));
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `  void ${index};`).join("\n");
}

test("floors: imports go down only, and what may be known as types only stays that", () => {
  const brain = (text: string): string[] =>
    found({
      "src/local/owner/a.ts": top + text,
      "src/protocol/worker.ts": `${top}export const x = 1;`,
      "src/wire/frame.ts": `${top}export const x = 1;`,
      "test/all.ts": `${top}import * as o from "#src/local/owner/a.js"; import * as w from "#src/wire/frame.js"; import * as p from "#src/protocol/worker.js";\nvoid [o, w, p];`,
    });
  assert.deepEqual(brain(`import type { x } from "../../protocol/worker.ts";`), []);
  assert.deepEqual(brain(`import { x } from "../../protocol/worker.ts";`), ["src/local/owner/a.ts:2 floor"]);
  assert.deepEqual(brain(`import type { x } from "../../wire/frame.ts";`), ["src/local/owner/a.ts:2 floor"]);
  assert.deepEqual(brain(`export { x } from "../../wire/frame.ts";`), ["src/local/owner/a.ts:2 floor"]);
  assert.deepEqual(brain(`type X = import("../../wire/frame.ts").X;`), ["src/local/owner/a.ts:2 floor"]);
  assert.deepEqual(inside("src/elsewhere/a.ts", top), ["1 floor"]);
});

test("floors: every place that may be imported is a place, and names what is below it", () => {
  const places = floors.map(({ place }) => place);
  assert.equal(new Set(places).size, places.length);
  for (const { place, may } of floors) {
    for (const one of may) {
      const other = one.replace(" (types)", "");
      assert.ok(places.includes(other), `${place} may import ${one}, which has no line`);
    }
  }
});

test("doors: an outside thing comes in by its door, with or without node: in front", () => {
  assert.deepEqual(inside("src/wire/socket.ts", `${top}import net from "node:net";`), []);
  assert.deepEqual(inside("src/wire/frame.ts", `${top}import net from "node:net";`), ["2 door"]);
  assert.deepEqual(inside("src/wire/frame.ts", `${top}import net from "net";`), ["2 door"]);
  assert.deepEqual(inside("src/api/a.ts", `${top}void import("koffi");`), ["2 door"]);
  assert.deepEqual(inside("src/api/a.ts", `${top}const k = createRequire(import.meta.url)("koffi");`), ["2 door"]);
  assert.deepEqual(
    inside("src/worker/parent-death.ts", `${top}const k = createRequire(import.meta.url)("koffi");`),
    [],
  );
  assert.deepEqual(inside("src/api/a.ts", `${top}import type { Socket } from "node:net";`), []);
});

test("cycles: also those of types, and those of one file", () => {
  const a = `${top}import type { B } from "./b.ts";\nexport interface A { b: B }`;
  const b = `${top}import type { A } from "./a.ts";\nexport interface B { a: A }`;
  assert.deepEqual(found({ ...user, "src/std/a.ts": a, "src/std/b.ts": b }), ["src/std/a.ts:2 cycle"]);
  assert.deepEqual(
    found({
      ...user,
      "src/std/a.ts": `${top}new URL("./b.js", import.meta.url);`,
      "src/std/b.ts": `${top}import "./a.ts";`,
    }),
    [],
  );
});

test("shape: size of files and functions, first lines, names", () => {
  assert.deepEqual(inside("src/std/a.ts", top + lines(399)), []);
  assert.deepEqual(inside("src/std/a.ts", top + lines(400)), ["401 file-length"]);
  assert.deepEqual(inside("src/std/a.ts", `${top}function f() {\n${lines(58)}\n}\nf();`), []);
  assert.deepEqual(inside("src/std/a.ts", `${top}function f() {\n${lines(59)}\n}\nf();`), ["2 function-length"]);
  assert.deepEqual(inside("src/std/a.ts", `${top}class A {\n#m = () => {\n${lines(59)}\n}}\nvoid A;`), [
    "3 function-length",
  ]);
  assert.deepEqual(
    inside("test/a.ts", `${top}describe("x", () => {\nit("y", () => {\n${lines(55)}\n});\n${lines(20)}\n});`),
    [],
  );
  assert.deepEqual(inside("test/a.ts", `${top}it("y", () => {\n${lines(60)}\n});`), ["2 function-length"]);
  assert.deepEqual(inside("src/std/a.ts", "const a = 1;"), ["1 first-line"]);
  assert.deepEqual(inside("src/std/a.ts", "// Copyright of a certain year"), ["1 first-line"]);
  assert.deepEqual(inside("tools/a.ts", `#!/usr/bin/env node\n${top}`), []);
  assert.deepEqual(inside("src/std/utils.ts", top), ["1 name"]);
  assert.deepEqual(inside("src/std/types.test.ts", top), ["1 name"]);
  assert.deepEqual(inside("test/types/a.ts", top), []);
});

test("words: clocks, timers and dice outside their doors", () => {
  const banned = [
    "Date.now()",
    "new Date()",
    "performance.now()",
    "process.hrtime.bigint()",
    "setTimeout(f, 1)",
    "globalThis.setTimeout(f, 1)",
    "pass(setInterval)",
    "AbortSignal.timeout(5)",
    "Math.random()",
    "crypto.randomUUID()",
  ];
  for (const call of banned) {
    assert.deepEqual(inside("src/api/a.ts", top + call), ["2 call"], call);
    assert.deepEqual(inside("src/api/a.test.ts", top + call), [], call);
    assert.deepEqual(inside("bench/a.ts", top + call), [], call);
  }
  for (const call of ["new Date(5)", "x.setTimeout(5)", "({ setTimeout: 1 })", "Math.max(1)", "// Date.now()"]) {
    assert.deepEqual(inside("src/api/a.ts", top + call), [], call);
  }
});

test("words: ways around the compiler, and notes to self", () => {
  const cases: [text: string, rule: string][] = [
    ["const a: any = 1;", "any"],
    ["f(x as any);", "any"],
    ["f(x as unknown as string);", "assertion"],
    ["// @ts-ignore", "comment"],
    ["/* @ts-nocheck */", "comment"],
    ["// @ts-expect-error", "comment"],
    ["f(); // FIXME later", "comment"],
    ["// oxlint-disable-next-line no-var", "comment"],
  ];
  for (const [text, rule] of cases) assert.deepEqual(inside("src/api/a.ts", top + text), [`2 ${rule}`], text);
  for (const text of [
    "// any",
    'const s = "TODO as unknown as any";',
    "f(x as unknown);",
    "// oxlint-disable-next-line no-var -- old syntax",
  ]) {
    assert.deepEqual(inside("src/api/a.ts", top + text), [], text);
  }
  assert.deepEqual(inside("test/types/a.ts", `${top}// @ts-expect-error`), []);
});

test("words: a module of the library is complete when it has run", () => {
  assert.deepEqual(inside("src/api/a.ts", `${top}const a = await f();`), ["2 top-level-await"]);
  assert.deepEqual(inside("src/api/a.ts", `${top}for await (const a of b) void a;`), ["2 top-level-await"]);
  assert.deepEqual(inside("src/api/a.ts", `${top}void (async () => { await f(); });`), []);
  assert.deepEqual(inside("src/api/a.test.ts", `${top}await f();`), []);
});

test("unused: exports and files that only their own tests know", () => {
  const a = `${top}export const used = 1;\nexport const unused = 2;\nexport interface Told { x: 1 }\nexport function tell(): Told { return { x: 1 }; }\nexport type Alone = 1;`;
  const b = `${top}import { used, tell } from "./a.ts";\nvoid [used, tell];`;
  const own = `${top}import { unused } from "./a.ts";\nvoid unused;`;
  assert.deepEqual(
    found({
      "src/std/a.ts": a,
      "src/std/a.test.ts": own,
      "src/std/b.ts": b,
      "test/c.ts": `${top}import "#src/std/b.js";`,
    }),
    ["src/std/a.ts:3 unused-export", "src/std/a.ts:6 unused-export"],
  );
  assert.deepEqual(found({ "src/std/a.ts": a, "src/std/a.test.ts": own }), ["src/std/a.ts:1 unused-file"]);
  assert.deepEqual(
    found({ "src/std/a.ts": a, "src/index.ts": `${top}export * from "./std/a.ts";` }).includes(
      "src/std/a.ts:3 unused-export",
    ),
    false,
  );
});

test("documents: stale ones, and errors that are not exported", () => {
  const stale = checkDocuments((file) => (file === "docs/errors.md" ? "old" : undefined));
  assert.deepEqual(
    stale.map(({ file }) => file),
    ["docs/api.md", "docs/errors.md", "docs/options.md", "docs/parallel.md"],
  );
  assert.ok(found({ "src/index.ts": `${top}export const RayError = 1;` }).length > 20);
});

test("excuses: what is excused is silent, and an excuse without need is a finding", () => {
  const files = { ...user, "src/std/a.ts": `${top}const a: any = 1;\nvoid a;`, "src/std/b.ts": top };
  const excuse = { rule: "any", place: "src/std/a.ts", reason: "a test" };
  assert.deepEqual(found(files, [excuse]), []);
  assert.deepEqual(found({ ...files, "src/std/a.ts": top }, [excuse]), ["tools/tidy/house.ts:1 excuse"]);
});
