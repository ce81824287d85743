// Where places in stacks and messages are, by the maps that scripts name.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, it } from "node:test";
import { pathToFileURL } from "node:url";
import { mappedStack, noteSourceMap, placeText } from "./places.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-places-"));
after(() => rmSync(folder, { recursive: true }));

/** Line 1, column 1 of the script is line 5, column 3 of the source. */
const MAPPINGS = "AAIE";
const map = (more: object): string =>
  JSON.stringify({ version: 3, names: [], sources: ["main.ts"], mappings: MAPPINGS, ...more });

function script(name: string, comment: string): string {
  const url = pathToFileURL(path.join(folder, name)).href;
  noteSourceMap(url, `code();\n//# sourceMappingURL=${comment}\n`);
  return url;
}

const at = (...names: string[]): string => `${path.join(folder, ...names)}:5:3`;

it("reads the map that a script has inside, or in a file beside it", () => {
  writeFileSync(path.join(folder, "a.js.map"), map({}));
  writeFileSync(path.join(folder, "b.js.map"), map({ sourceRoot: "../src/" }));
  const inside = `data:application/json;charset=utf-8;base64,${Buffer.from(map({})).toString("base64")}`;
  const [beside, rooted, own] = [script("a.js", "a.js.map"), script("b.js", "b.js.map"), script("c.js", inside)];
  assert.equal(placeText(beside, 1, 1), at("main.ts"));
  assert.equal(placeText(rooted, 1, 1), at("..", "src", "main.ts"));
  assert.equal(placeText(own, 1, 1), at("main.ts"));
  assert.equal(mappedStack(`    at f (${beside}:1:1)`), `    at f (${pathToFileURL(at("main.ts")).href})`);
});

it("looks for it in a file that was not loaded here", () => {
  writeFileSync(path.join(folder, "f.js.map"), map({}));
  writeFileSync(path.join(folder, "f.js"), "code();\n//# sourceMappingURL=f.js.map");
  assert.equal(placeText(pathToFileURL(path.join(folder, "f.js")).href, 1, 1), at("main.ts"));
});

it("takes a map that is not there, is garbage, or is not of this machine for none", () => {
  writeFileSync(path.join(folder, "garbage.map"), "{");
  writeFileSync(path.join(folder, "list.map"), "[1]");
  for (const comment of [
    "none.map",
    "garbage.map",
    "list.map",
    "https://example.org/d.map",
    "data:text/plain,x",
    "http://[",
  ])
    assert.equal(placeText(script("d.js", comment), 1, 1), `${path.join(folder, "d.js")}:1:1`, comment);
});

it("takes the latest map of a script that was loaded again", () => {
  writeFileSync(path.join(folder, "first.map"), map({ sources: ["first.ts"] }));
  writeFileSync(path.join(folder, "second.map"), map({ sources: ["second.ts"] }));
  assert.equal(placeText(script("e.js", "first.map"), 1, 1), at("first.ts"));
  assert.equal(placeText(script("e.js", "second.map"), 1, 1), at("second.ts"));
});
