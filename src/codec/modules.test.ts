// Which modules workers import, the driver's loaders, and the two sides of a program that must not start twice.
import assert from "node:assert/strict";
import { it } from "node:test";
import { pathToFileURL } from "node:url";
import { declareEntry, isBuiltin, isImportable, isImportableFrom, loaders, shipByValue } from "./modules.ts";
import { callSite } from "./places.ts";

const here = import.meta.url;

it("a file is importable, unless it is a program, made up or declared to go by value", () => {
  const module = new URL("./modules.js", here).href;
  assert.equal(isImportable(module), true);
  assert.equal(isImportable(pathToFileURL(process.argv[1] as string).href), false);
  for (const url of ["", "node:fs", "data:text/javascript,1", "evalmachine.<anonymous>", "file:///not/there.mjs"]) {
    assert.equal(isImportable(url), false, url);
  }
  const other = new URL("./tags.js", here).href;
  shipByValue(other);
  assert.equal(isImportable(other), false);
  assert.equal(isImportableFrom("./tags.js", here), false);
  declareEntry(new URL("./graph.js", here).href);
  assert.equal(isImportableFrom("./graph.js", here), false);
});

it("packages are importable unless declared", () => {
  assert.equal(isImportableFrom("acorn", here), true);
  shipByValue("some-package");
  assert.equal(isImportableFrom("some-package/sub.js", here), false);
  assert.equal(isBuiltin("fs") && isBuiltin("node:test") && !isBuiltin("acorn"), true);
  assert.throws(() => shipByValue(""), TypeError);
});

it("finds loaders in both places, in all spellings, each once", () => {
  const { execArgv, env } = process;
  const before = env["NODE_OPTIONS"];
  try {
    env["NODE_OPTIONS"] = "--require ./a.cjs --max-old-space-size=100";
    process.execArgv = [
      "--import",
      "tsx",
      "--import=tsx",
      "-r",
      "./b.cjs",
      "--no-warnings",
      "--experimental-loader=./c.mjs",
    ];
    assert.deepEqual(loaders(), ["--require=./a.cjs", "--import=tsx", "--require=./b.cjs", "--loader=./c.mjs"]);
  } finally {
    process.execArgv = execArgv;
    if (before === undefined) delete env["NODE_OPTIONS"];
    else env["NODE_OPTIONS"] = before;
  }
});

it("a call site is where the caller was called", () => {
  const called = (): string => callSite(1).text;
  assert.match(called(), /modules\.test\.[jt]s:\d+:\d+$/);
});

it("a call site is what a test runner makes of it, which may be the only one to have the source map", () => {
  const before = Error.prepareStackTrace;
  const written = (file: string): string => {
    Error.prepareStackTrace = () => `Error\n    at f (${file})`;
    return ((): string => callSite(1).text)();
  };
  try {
    assert.equal(written("/somewhere/a.test.ts:12:24"), "/somewhere/a.test.ts:12:24");
    assert.match(written("no place at all"), /modules\.test\.[jt]s:\d+:\d+$/);
  } finally {
    Error.prepareStackTrace = before;
  }
});
