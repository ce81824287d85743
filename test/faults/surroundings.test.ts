// Odd surroundings stop no session that can do with them. Where something is missing, the error says what and what to do, and nothing is
// left.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { run, type ProgramOptions } from "../harness/program.ts";

interface Told {
  readonly init?: string;
  readonly end?: string;
  readonly get: unknown;
  /** Of the way in question. */
  readonly [what: string]: unknown;
}

async function session(args: readonly string[], options: ProgramOptions = {}): Promise<Told> {
  const { code, stdout, stderr } = await run("test/faults/fixtures/surroundings.mjs", args, options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Told;
}

/** For temporary files of the program, and of nobody else. */
function emptyFolder(t: TestContext, name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), name));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

for (const how of ["module", "commonjs"]) {
  test(`a ${how} that tasks need and that imports the program back is named before workers run the program again`, async () => {
    const { code, stdout, stderr } = await run(`test/faults/fixtures/comes-back.${how === "module" ? "mjs" : "cjs"}`);
    assert.equal(code, 0, stderr);
    // What a worker prints may come after what its task gave.
    const words = stdout.match(/false|ran again/g)?.toSorted();
    assert.deepEqual(words, ["false", "ran again"], "the program is there a second time");
    assert.match(
      stderr,
      /^ray-ts: \S+comes-back\.[cm]js:\d+:\d+: workers import \S+comes-back-helper\.[cm]js, which imports the program's main file \S+comes-back\.[cm]js back.*Move what both need/m,
    );
  });
}

test("a module that waits at its top for values whose classes it exports gets them, or hears why not", async () => {
  const { code, stdout, stderr } = await run("test/faults/fixtures/waits-at-its-top.mjs");
  assert.equal(code, 0, stderr);
  assert.deepEqual(stdout.trim().split("\n").slice(0, 3), ["a result: true", "put: true", "thrown: true"]);
  assert.match(
    stdout,
    /^unheard of: SerializationError: .* needs an export of \S+waits-at-its-top-helper\.mjs, which is still/m,
  );
  assert.match(stdout, /^the module is there: true$/m);
});

test("a program that runs again because a module imports it back, and makes calls while it does, is named", async () => {
  const { stderr } = await run("test/faults/fixtures/comes-back.mjs", [], { env: { UNGUARDED: "1" } });
  assert.match(
    stderr,
    /SerializationError: A worker imports \S+comes-back-helper\.mjs for a task, and that imports the program's main file \S+comes-back\.mjs back, which calls .*Move what both need/,
  );
});

for (const name of ["spaces in it ", "größe-日本-", `long-${"x".repeat(120)}`]) {
  test(`the folder of temporary files may be called ${name}`, async (t) => {
    const folder = emptyFolder(t, name);
    assert.deepEqual(await session(["works"], { env: { TMPDIR: folder } }), { init: "done", get: 4 });
    assert.deepEqual(readdirSync(folder), []);
  });
}

test("the folder of temporary files may be named from where the program is", async (t) => {
  const folder = emptyFolder(t, "work-");
  const told = await session(["works"], { env: { TMPDIR: ".", WORK: folder } });
  assert.deepEqual(told, { init: "done", get: 4 });
  assert.deepEqual(readdirSync(folder), []);
});

test("no folder for temporary files", async (t) => {
  const folder = emptyFolder(t, "work-");
  const told = await session(["works"], { env: { TMPDIR: path.join(folder, "missing"), WORK: folder } });
  const says = /^ConnectionError: .*ENOENT.*missing[^]*Set TMPDIR to a folder that exists/;
  assert.match(told.init ?? "", says);
  assert.match(String(told.get), says);
});

test("no folder for temporary files, and no init: the first call says what init would", async (t) => {
  const folder = emptyFolder(t, "work-");
  const told = await session(["noInit"], { env: { TMPDIR: path.join(folder, "missing"), WORK: folder } });
  assert.match(String(told.get), /^ConnectionError: .*ENOENT.*missing[^]*Set TMPDIR to a folder that exists/);
});

test("a folder for large values that cannot be made, in places where the system says so in different ways", async (t) => {
  const folder = emptyFolder(t, "work-");
  for (const spill of ["/proc/nope", "/dev/null/nope", "/dev/null"]) {
    const told = await session(["works"], { env: { TMPDIR: folder, SPILL: spill } });
    assert.match(
      told.init ?? "",
      /^ConnectionError: .*spillDirectory "\/\w+\/\w+(?:\/nope)?" cannot be used: E[A-Z]+:[^]*Name a folder that you may write to/,
    );
    assert.deepEqual(readdirSync(folder), []);
  }
});

test("a working directory that is gone before init, and one that goes while the session runs, stop nothing", async () => {
  assert.deepEqual(await session(["noFolder"]), { init: "done", get: 4 });
  const { end, ...told } = await session(["losesItsFolder"]);
  assert.match(end ?? "", /^TaskExitedError/);
  assert.deepEqual(told, { init: "done", get: 4 });
});

test("a session whose folder is removed while it runs makes it again, and removes it in the end", async (t) => {
  const [temporary, work] = [emptyFolder(t, "temporary-"), emptyFolder(t, "work-")];
  const told = await session(["losesItsSession"], { env: { TMPDIR: temporary, WORK: work } });
  assert.deepEqual(told, { init: "done", get: 4 });
  assert.deepEqual(readdirSync(temporary), []);
});

test("a session whose folder cannot be made again ends, and says so", async (t) => {
  const [temporary, work] = [emptyFolder(t, "temporary-"), emptyFolder(t, "work-")];
  const told = await session(["losesTemporaryFiles"], { env: { TMPDIR: temporary, WORK: work } });
  assert.equal(told.init, "done");
  assert.match(
    String(told.get),
    /^SessionClosedError: .*its folder for sockets was removed and cannot be made again: .*ENOENT/,
  );
});

for (const free of [0, 1, 2, 3, 5]) {
  test(`a driver that may open only ${free} more files`, async (t) => {
    const folder = emptyFolder(t, "work-");
    const options = { descriptorsMax: 64, env: { TMPDIR: folder } };
    const told = await session(["noDescriptors", String(free)], options);
    assert.match(told.init ?? "", /^ConnectionError: .*EMFILE[^]*ulimit -n/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("ray-ts-")),
      [],
    );
  });
}

test("a driver that has too many open files loses no large value by that", async () => {
  const told = await session(["runsOutOfDescriptors"], { descriptorsMax: 150 });
  for (const what of ["put, full", "made, full", "stored"])
    assert.match(String(told[what]), /^ObjectStoreUnavailableError: Process \d+ cannot .* \(EMFILE[^]*ulimit -n/);
  assert.deepEqual([told["put"], told["made"]], [1, 2]);
});

test("a task that has too many open files when its result is to be stored may soon have fewer", async () => {
  const told = await session(["lacksDescriptorsInATask"], { descriptorsMax: 150 });
  assert.equal(told["late"], 4);
  assert.match(
    String(told["never"]),
    /^ObjectStoreUnavailableError: Process \d+ cannot store a result of makes .*\(EMFILE[^]*submitted again/,
  );
});

test("workers that may open too few files to start", async () => {
  const told = await session(["works"], { descriptorsMax: 24 });
  assert.match(told.init ?? "", /^ConnectionError: .*EMFILE[^]*ulimit -n/);
});
