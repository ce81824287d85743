// Every lab as its users run it: the starter fails VERIFY and says what to do, the solution passes at once.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

const root = path.resolve(import.meta.dirname, "../../..");

interface Lab {
  readonly name: string;
  /** What the starter says, one for each VERIFY of the lab. */
  readonly failures: readonly RegExp[];
  /** What the solution says. */
  readonly successes: readonly RegExp[];
}

const labs: readonly Lab[] = [
  {
    name: "lab01",
    failures: [/^VERIFY: failed: too slow: it took \d+\.\d+ s, .* Start all four calls/m],
    successes: [/^VERIFY: success: results \[0,1,2,3\] in \d+\.\d+ s, in 4 processes, all at the same time/m],
  },
  {
    name: "lab02",
    failures: [
      /^VERIFY \(part 1\): failed: loadData is still an ordinary function/m,
      /^VERIFY \(part 2\): failed: fetchCommits is still an ordinary function/m,
    ],
    successes: [/^VERIFY \(part 1\): success: loss 4000 in \d+\.\d+ s/m, /^VERIFY \(part 2\): success: 80 commits/m],
  },
  {
    name: "lab03",
    failures: [
      /^VERIFY \(part 1\): failed: computeGradient is still an ordinary function/m,
      /^VERIFY \(part 2\): failed: readPage is still an ordinary function/m,
    ],
    successes: [/^VERIFY \(part 1\): success: models \[20,20,20\]/m, /^VERIFY \(part 2\): success: 84 names/m],
  },
  {
    name: "lab04",
    failures: [/^VERIFY: failed: too slow: it took \d+\.\d+ s, .* Call increment\.remote\(\) of both counters/m],
    successes: [/^VERIFY: success: counts \[1,1,2,2,3,3,4,4,5,5\] in \d+\.\d+ s, in 2 processes/m],
  },
  {
    name: "lab05",
    failures: [/^VERIFY: failed: logger is an ordinary object: every experiment was sent a copy of it/m],
    successes: [
      /^VERIFY: success: \d+ steps of three experiments, read while they ran; then all was over in \d+\.\d+ s/m,
    ],
  },
  {
    name: "lab06",
    failures: [/^VERIFY: failed: too slow: .* Do not wait for the first three that were started/m],
    successes: [/^VERIFY: success: 0, 2, 4 were ready after \d+\.\d+ s/m],
  },
  {
    name: "lab07",
    failures: [/^VERIFY: failed: Result \d+ was done before result \d+, but was handled after it/m],
    successes: [/^VERIFY: success: ten results in the order in which they were done/m],
  },
  {
    name: "lab08",
    failures: [/^VERIFY: failed: The tasks are passed the weights themselves\. Store them once/m],
    successes: [/^VERIFY: success: 20 tasks had 100 MB each in \d+\.\d+ s/m],
  },
  {
    name: "lab09",
    failures: [
      /^VERIFY \(part 1\): failed: Call 0 was given 0 GPUs, not one\. .* \{ numGpus: 1 \}/m,
      /^VERIFY \(part 2\): failed: Model 0 was given 0 GPUs, not one\. .* \{ numGpus: 1 \}/m,
    ],
    successes: [
      /^VERIFY \(part 1\): success: three calls with one GPU each, two at a time, in \d+\.\d+ s/m,
      /^VERIFY \(part 2\): success: each model had a GPU for its life, and gave back [01] at its end/m,
    ],
  },
  {
    name: "lab10",
    failures: [/^VERIFY: failed: too fast: .* That was for 0 calls of f and 5 of g, .* take one license/m],
    successes: [/^VERIFY: success: rounds of \d+\.\d+, \d+\.\d+, \d+\.\d+, \d+\.\d+, \d+\.\d+, \d+\.\d+ s/m],
  },
  {
    name: "lab11",
    failures: [
      /^VERIFY \(part 1\): failed: Model 1 has the weights .* Set the mean on all/m,
      /^VERIFY \(part 2\): failed: There is one shard, not four/m,
    ],
    successes: [
      /^VERIFY \(part 1\): success: all four say y = 2\.0\d+ x \+ 1\.0\d+/m,
      /^VERIFY \(part 2\): success: 4 workers added 5 each to 1250000 parameters in four shards/m,
    ],
  },
  {
    name: "lab12",
    failures: [/^VERIFY: failed: too slow: .* Multiply pairs, and then what comes of them/m],
    successes: [/^VERIFY: success: 8! in each place, as a tree, in \d+\.\d+ s/m],
  },
];

// Seconds are asserted by the labs themselves, so nothing else of ours may run beside them.
for (const { name, failures, successes } of labs) {
  test(`${name}: the starter fails as intended`, async () => {
    const { code, output } = await runLab(`labs/${name}.ts`);
    assert.equal(code, 1, output);
    for (const failure of failures) assert.match(output, failure);
    assert.doesNotMatch(output, /success/);
  });

  test(`${name}: the solution passes on its first run`, async () => {
    const { code, output } = await runLab(`labs/${name}.solution.ts`);
    assert.equal(code, 0, output);
    for (const success of successes) assert.match(output, success);
  });

  test(`${name}: starter and solution are verified alike`, () => {
    assert.equal(verifyOf(`labs/${name}.ts`), verifyOf(`labs/${name}.solution.ts`));
  });
}

/** Through tsx, as the README says, with a learner's bounds: only who runs it on a busy machine sets RAY_TS_LAB_SLACK. */
function runLab(file: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", file], { cwd: root }, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : Number(error !== null);
      resolve({ code, output: stdout + stderr });
    });
  });
}

function verifyOf(file: string): string {
  const source = readFileSync(path.join(root, file), "utf8");
  const start = source.indexOf("// VERIFY\n");
  assert.notEqual(start, -1, `${file} has no VERIFY`);
  return source.slice(start);
}
