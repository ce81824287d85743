// Each example runs to its end, as a reader would run it, and says what it should.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root, run } from "../harness/program.ts";

const examples: Readonly<
  Record<string, { args: readonly string[]; says: readonly RegExp[]; shows?: readonly RegExp[] }>
> = {
  "monte-carlo-pi": {
    args: ["4", "200000"],
    says: [/^π ≈ 3\.14\d+ after 800000 darts$/m],
    shows: [/^darts \[#+-*\] [2468]00000\/800000 \d+ % in \d+\.\d s$/m],
  },
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
  columns: { args: ["1000000"], says: [/^1000000 values, their sum is 499500000, as it should be$/m] },
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
      ...[1, 2, 3, 4, 5].map((life) => new RegExp(`^life ${life}: 1 2 3 4 5 6 7 8 9 10$`, "m")),
      /^after its last life: 10 of 10 calls failed$/m,
      /^2 tasks executed, although 2 workers died$/m,
      /^it died twice, and still knows: one is 1, two is 2$/m,
    ],
  },
  "parameter-server": {
    args: ["80"],
    says: [
      /^before: reads \d\.\d % /m,
      /^in step: reads (9\d|100)\.\d % of the digits; gradients of each worker: 40, 40$/m,
      // The faster worker has the larger share.
      /^at their own pace: reads (9\d|100)\.\d % of the digits; gradients of each worker: [4-7]\d, [1-3]?\d$/m,
    ],
  },
  rollouts: {
    args: ["4", "2"],
    says: [/^before: {7}\d+\.\d steps$/m, /^iteration {2}4: ([2-4]\d\d|500)\.\d steps$/m],
  },
  "batch-inference": {
    args: ["6", "5000"],
    says: [
      /^tasks: 30000 rows of 6 files, a model made ready 6 times, \d+ ms$/m,
      // Once in each actor that had anything to do.
      /^actors: 30000 rows of 6 files, a model made ready [1-4] times, \d+ ms$/m,
      /^both say 0:542 1:508 2:487 3:506 4:471 5:449$/m,
    ],
  },
};

for (const [name, { args, says, shows = [] }] of Object.entries(examples)) {
  test(`example ${name}`, async () => {
    const { code, stdout, stderr } = await run(`examples/${name}.ts`, args, { nodeOptions: ["--import", "tsx"] });
    assert.equal(code, 0, stderr);
    for (const each of says) assert.match(stdout, each);
    for (const each of shows) assert.match(stderr, each);
  });
}

test("no example is left out", () => {
  const files = readdirSync(path.join(root, "examples")).map((file) => path.basename(file, ".ts"));
  assert.deepEqual(files.toSorted(), Object.keys(examples).toSorted());
});
