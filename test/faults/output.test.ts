// What workers print comes out on the driver's terminal: whole lines, in order, with the name of the task, and all of it.
import assert from "node:assert/strict";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { delay } from "#src/std/clock.js";
import { Program, run, type Ended } from "../harness/program.ts";

async function print(what: string, way: string, ...more: readonly string[]): Promise<Ended> {
  const ended = await run("test/faults/fixtures/prints.mjs", [what, way, ...more]);
  assert.equal(ended.code, 0, ended.stderr);
  return ended;
}

function bodies(text: string): string[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/^\(\w+ pid=\d+\) /, ""));
}

for (const way of ["shutdown", "exit", "end"]) {
  test(`100,000 lines are all there, in order, when the driver ends by ${way}`, async () => {
    const { stdout } = await print("many", way);
    const lines = stdout.split("\n");
    assert.equal(lines.length, 100_001);
    lines.slice(0, -1).forEach((line, index) => {
      if (!/^\(many pid=\d+\) line \d+$/.test(line) || !line.endsWith(` ${index}`))
        assert.fail(`line ${index} is ${line}`);
    });
  });

  test(`every road to stdout keeps its place, and stderr is stderr, when the driver ends by ${way}`, async () => {
    const { stdout, stderr } = await print("mixed", way);
    assert.match(stdout, /^\(mixed pid=\d+\) one\n/);
    assert.deepEqual(bodies(stdout), ["one", "two", "three four", "no end"]);
    assert.deepEqual(bodies(stderr), ["to stderr"]);
  });

  test(`a worker that dies at once loses no word, when the driver ends by ${way}`, async () => {
    const { stdout, stderr } = await print("lastWords", way);
    assert.deepEqual(bodies(stdout).toSorted(), ["WorkerCrashedError", "going"]);
    assert.deepEqual(bodies(stderr), ["gone"]);
  });
}

test("each line has the name of the task that wrote it", async () => {
  const { stdout } = await print("names", "shutdown");
  const lines = stdout.split("\n").slice(0, -1);
  assert.equal(lines.length, 100);
  for (const line of lines) {
    const [, name, text] = /^\((\w+) pid=\d+\) (.*)$/.exec(line) ?? [];
    const wanted = text?.startsWith("first") === true ? "first" : text?.replace(" ", "");
    assert.equal(name, wanted, line);
  }
});

for (const way of ["shutdown", "exit", "end"]) {
  test(`a line that many workers print is shown once more, with how often, when the driver ends by ${way}`, async () => {
    const { stdout, stderr } = await print("same", way);
    const shown = bodies(stdout).map((line) =>
      Number(/^the same(?: \[repeated (\d+)× across workers\])?$/.exec(line)?.[1] ?? 1),
    );
    assert.equal(
      shown.reduce((sum, times) => sum + times, 0),
      Number(stderr),
      stdout,
    );
    assert.equal(bodies(stdout)[0], "the same");
  });
}

test("a value of several lines is shown in one piece, though other workers print lines alike", async () => {
  const { stdout } = await print("values", "shutdown");
  const texts = bodies(stdout);
  assert.ok(texts.length >= 20, stdout);
  assert.match(
    `${texts.join("\n")}\n`,
    /^(?:cannot read (file \d+): \{\n {2}codes: .*\n {2}at: \{\n? *file: '\1',\n? *text: .*(?:\n {2}\})?\n\}\n)+$/,
  );
});

test("each of these lines is shown where that is asked for", async () => {
  const { stdout, stderr } = await print("same", "shutdown", "", "all");
  assert.deepEqual(
    bodies(stdout),
    Array.from({ length: Number(stderr) }, () => "the same"),
  );
});

test("lines are JSON where that is asked for, and so is what the library says itself", async () => {
  const { stdout, stderr } = await print("same", "shutdown", "", "json");
  const lines = stdout.split("\n").slice(0, -1);
  assert.equal(lines.length, Number(stderr));
  for (const line of lines) {
    const { time, pid, ...rest } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual(rest, { stream: "stdout", task: "same", text: "the same" });
    assert.equal(typeof pid, "number");
    assert.equal(new Date(time as string).toISOString(), time);
  }
  const flaky = await print("flaky", "shutdown", "", "json");
  const { stream, text } = JSON.parse(flaky.stderr) as Record<string, unknown>;
  assert.equal(stream, "stderr");
  assert.match(text as string, /^ray-ts: task flaky, submitted at [^,]+, is tried again/);
});

for (const way of ["shutdown", "exit", "end"]) {
  test(`each reason why calls are tried again is told, and how often, when the driver ends by ${way}`, async () => {
    const { stderr } = await print("crashing", way);
    const line = (what: string): string => `ray-ts: task crashing, submitted at \\S+prints.mjs:\\d+:\\d+, ${what}\n`;
    const again = "is tried again \\(attempt 2 of 4\\)";
    const ended = "worker process \\d+ was ended by SIGKILL";
    const pattern = [
      line(`${again}: Error: flaky`),
      line(`${again}: ${ended}`),
      // On a slow machine they are not two within a second.
      `(?:${line("was tried again 2 times more: Error: flaky")}|(?:${line(`${again}: Error: flaky`)}){2})`,
    ];
    assert.match(stderr, new RegExp(`^${pattern.join("")}$`));
  });
}

test("a line that a call leaves without an end is not gone on with by the next call of the same name", async () => {
  const { stdout } = await print("unended", "shutdown");
  assert.deepEqual(bodies(stdout).toSorted(), ["one", "three", "two"]);
});

test("bytes that are no text, and lines without an end, harm nothing", async () => {
  const { stdout } = await print("binary", "shutdown");
  const lines = bodies(stdout);
  assert.equal(lines.at(-1), "after");
  assert.equal(lines.join("").split("a").length - 1, 300_001);
});

for (const way of ["shutdown", "exit", "end"]) {
  test(`a reader that leaves early does not end the program, which ends by ${way}`, async () => {
    const program = new Program("test/faults/fixtures/prints.mjs", ["masses", way]);
    await program.printed("line 1");
    program.child.stdout?.destroy();
    const { code, stderr } = await program.ended;
    assert.equal(code, 0);
    assert.equal(stderr, "");
  });
}

test("a worker that is killed while nobody reads has lost nothing of what it had written", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-counted-"));
  const file = path.join(folder, "count");
  const program = new Program("test/faults/fixtures/prints.mjs", ["counted", "shutdown", "", "all", file]);
  program.child.stdout?.pause();
  const told = (): number[] => (existsSync(file) ? readFileSync(file, "utf8").split(" ").map(Number) : [0, 0]);
  // It is stuck in a write when all on the way is full.
  for (let before = -1, same = 0; same < 50; await delay(10)) {
    const [, line = 0] = told();
    same = line > 10_000 && line === before ? same + 1 : 0;
    before = line;
  }
  const [pid = 0, lines = 0] = told();
  process.kill(pid, "SIGKILL");
  // Any time would do. After this one the pipes of a process that has ended were closed once, read or not.
  await delay(700);
  program.child.stdout?.resume();
  const { stdout, stderr } = await program.ended;
  assert.match(stderr, /WorkerCrashedError/);
  assert.ok(
    stdout.includes(`line ${lines} x`),
    `of ${lines} lines the last is missing; the end is ${stdout.slice(-300)}`,
  );
  rmSync(folder, { recursive: true });
});

for (const [stdout, word] of [
  ["captures", "captured"],
  ["passes", "passed"],
  ["plain", "captured"],
  ["throws", undefined],
  ["gone", undefined],
] as const) {
  test(`what the program has put in the place of its stdout gets all, and stops nothing: ${stdout}`, async () => {
    const ended = await run("test/faults/fixtures/prints.mjs", ["masses", "shutdown", stdout]);
    assert.equal(ended.code, 0, ended.stderr);
    const wanted = Array.from({ length: 400 }, (_, line) => `${word} ${line}`);
    const seen = bodies(ended.stdout).map((line) => line.slice(0, line.indexOf(" x")));
    assert.deepEqual(seen, word === undefined ? [] : wanted);
  });
}

test("a full disk under stdout does not end the program", { skip: process.platform !== "linux" }, async () => {
  const full = openSync("/dev/full", "w");
  const program = new Program("test/faults/fixtures/prints.mjs", ["many", "shutdown"], { stdout: full });
  closeSync(full);
  const { code, stderr } = await program.ended;
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
});

test("nothing is printed that no task has printed", async () => {
  for (const way of ["shutdown", "exit", "end"]) {
    const { stdout, stderr } = await print("silent", way);
    assert.equal(stdout + stderr, "");
  }
});

test("standard streams travel as those of the worker, also when a file is behind them", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-streams-"));
  const file = openSync(path.join(folder, "out"), "w");
  t.after(() => {
    closeSync(file);
    rmSync(folder, { recursive: true });
  });
  const { stderr } = await new Program("test/faults/fixtures/captures-streams.mjs", [], { stdout: file }).ended;
  assert.equal(stderr, "true,true,true\n");
});
