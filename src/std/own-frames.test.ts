// What is left of a stack: the user's own frames.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutOwnFrames } from "./own-frames.ts";

const here = new URL("../", import.meta.url).href;

const stack = [
  "TypeError: no",
  `    at notARef (${here}api/mistakes.js:1:2)`,
  "    at sum (file:///app/main.ts:3:4)",
  `    at invokeTask (${here}api/execute.js:82:20)`,
  "    at AsyncLocalStorage.run (node:async_hooks:346:14)",
].join("\n");

test("frames of the package go, and all that is below the start of a task", () => {
  assert.equal(withoutOwnFrames(stack), "TypeError: no\n    at sum (file:///app/main.ts:3:4)");
});

test("a function of the user that is called as ours stays", () => {
  const own = "Error: x\n    at invokeTask (file:///app/api/execute.js:1:1)\n    at main (file:///app/main.js:1:1)";
  assert.equal(withoutOwnFrames(own), own);
});

test("source maps write paths instead of URLs", () => {
  const path = new URL("../", import.meta.url).pathname;
  assert.equal(
    withoutOwnFrames(`Error: x\n    at a (${path}api/get.ts:1:1)\n    at b (/app/b.ts:1:1)`),
    "Error: x\n    at b (/app/b.ts:1:1)",
  );
});

test("what the engine does for the package goes with it, and what it does for the user stays", () => {
  const ours = `    at callback (${here}api/get.js:1:1)\n    at Array.from (<anonymous>)\n    at get (${here}api/get.js:2:2)`;
  const theirs = "    at JSON.stringify (<anonymous>)\n    at sum (file:///app/main.ts:3:4)";
  assert.equal(withoutOwnFrames(`Error: x\n${ours}\n${theirs}`), `Error: x\n${theirs}`);
});
