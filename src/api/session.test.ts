// One session per process, whoever looks: two installed copies, and modules that a worker imports.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import * as ray from "../index.ts";
import { slot } from "./slot.ts";

describe("two installed copies of the package", () => {
  // Beside the first one, where it finds the same dependencies.
  const code = path.resolve(import.meta.dirname, "..");
  const folder = mkdtempSync(path.join(code, "../copy-"));
  let other: typeof ray;

  before(async () => {
    cpSync(code, folder, { recursive: true, filter: (file) => !file.endsWith(".test.js") });
    cpSync(path.join(code, "../../package.json"), path.join(folder, "package.json"));
    other = (await import(pathToFileURL(path.join(folder, "index.js")).href)) as typeof ray;
    await ray.init({ address: "inline", numCpus: 1 });
  });
  after(async () => {
    await ray.shutdown();
    rmSync(folder, { recursive: true });
  });

  it("share one session", async () => {
    assert.notEqual(other.get, ray.get);
    assert.equal(other.isInitialized(), true);
    assert.equal((await other.init()).sessionId, (await ray.init()).sessionId);
  });

  it("take each other's refs and handles", async () => {
    const addOne = ray.remote((n: number) => n + 1);
    assert.equal(await ray.get(addOne.remote(other.put(1))), 2);
    assert.equal(await other.get(ray.put("a")), "a");
    assert.deepEqual(await other.wait([ray.put(1)]).then(([ready]) => ready.length), 1);
    const otherGet = other.get;
    const viaOther = other.remote(async (refs: readonly ray.ObjectRef<number>[], fn: typeof addOne) =>
      otherGet(fn.remote(await otherGet(refs[0] as ray.ObjectRef<number>))),
    );
    assert.equal(await ray.get(viaOther.remote([ray.put(3)], addOne)), 4);
    assert.throws(() => other.remote(addOne as never), /remote already/);
  });

  it("know each other's errors and contexts", async () => {
    const otherContext = other.getRuntimeContext;
    const fail = other.remote(() => {
      throw new RangeError(otherContext().kind + ray.getRuntimeContext().kind);
    });
    await assert.rejects(other.get(fail.remote()), (error: unknown) => {
      assert.ok(error instanceof ray.TaskError && error instanceof other.TaskError && error instanceof RangeError);
      assert.match(error.message, /tasktask/);
      return true;
    });
  });
});

describe("a module that a worker imports for a task", () => {
  const calls: readonly [string, () => unknown][] = [
    ["init", () => ray.init()],
    ["put", () => ray.put(1)],
    ["a call", () => ray.remote(() => 1).remote()],
    ["getRuntimeContext", () => ray.getRuntimeContext()],
  ];
  for (const [what, call] of calls) {
    it(`may not act as a driver: ${what}`, async () => {
      await assert.rejects(
        slot.calls.run("importing", async () => call()),
        (error: unknown) => error instanceof ray.SerializationError && /isWorker/.test(error.message),
      );
      assert.equal(ray.isInitialized(), false);
    });
  }

  it("may define remote functions", () => {
    slot.calls.run("importing", () => assert.equal(ray.remote(() => 1).local(), 1));
  });
});
