// Amounts of memory in words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { megabytes } from "./megabytes.ts";

for (const [bytes, words] of [
  [0, "0 bytes"],
  [1, "1 byte"],
  [4_096, "4096 bytes"],
  [65_536, "66 kB"],
  [1_500_000, "1.5 MB"],
  [15_400_000, "15 MB"],
  [2_340_000_000, "2.3 GB"],
] as const)
  test(`${bytes} bytes are ${words}`, () => assert.equal(megabytes(bytes), words));
