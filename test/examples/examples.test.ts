// Each example runs to its end, as a reader would run it, and says what it should.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root, run } from "../harness/program.ts";

const examples: Readonly<Record<string, { args: readonly string[]; says: readonly RegExp[] }>> = {
  "monte-carlo-pi": { args: ["4", "200000"], says: [/^ 25 % {2}π ≈ 3\.1/m, /^100 % {2}π ≈ 3\.14/m] },
  "word-count": { args: ["3", "2000"], says: [/^6000 words, \d+ different ones/, /word1$/m] },
  "map-reduce": {
    args: ["50"],
    says: [
      /^map {14}\[2,3,4,5\] {2}in \d+ ms$/m,
      /^reduce in a line 36 {9}in \d+ ms$/m,
      /^reduce as a tree 36 {9}in \d+ ms$/m,
      /^map and reduce {3}44 {9}in \d+ ms$/m,
    ],
  },
  quicksort: { args: ["450000"], says: [/^450000 numbers in order; their sum is (\S+), and was \1\.$/m] },
  crawler: { args: ["20"], says: [/^20 pages in \d+ ms/m] },
  "surviving-crashes": {
    args: [],
    says: [
      /^exit: done in attempt 2$/m,
      /^kill: done in attempt 3$/m,
      /^throw: done in attempt 3$/m,
      /^WorkerCrashedError: Worker process \d+ was ended by SIGKILL while it ran task fragile/m,
      /^TaskError\(RangeError\): Task fragile threw .*: bad luck$/m,
      /^TaskExitedError: Task fragile called process\.exit\(1\)/m,
    ],
  },
};

for (const [name, { args, says }] of Object.entries(examples)) {
  test(`example ${name}`, async () => {
    const { code, stdout, stderr } = await run(`examples/${name}.ts`, args, { nodeOptions: ["--import", "tsx"] });
    assert.equal(code, 0, stderr);
    for (const each of says) assert.match(stdout, each);
  });
}

test("no example is left out", () => {
  const files = readdirSync(path.join(root, "examples")).map((file) => path.basename(file, ".ts"));
  assert.deepEqual(files.toSorted(), Object.keys(examples).toSorted());
});
