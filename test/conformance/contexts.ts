// Where code finds itself running.
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { it } from "node:test";
import { get, getRuntimeContext, init, isInitialized, isWorker, put, remote, shutdown, sleep } from "ray-ts";
import type { Setting } from "./setting.ts";
import { storage } from "./storage.ts";

export function contexts({ exceptions }: Setting): void {
  const where = remote(async function where(): Promise<Record<string, unknown>> {
    // After an await, when a context kept in a variable would be another call's.
    await Promise.resolve();
    const { signal, currentActor, ...context } = getRuntimeContext();
    return { ...context, aborted: signal.aborted, actor: typeof currentActor };
  });

  it("knows the driver", () => {
    const context = getRuntimeContext();
    assert.equal(context.kind, "driver");
    assert.equal(context.taskId, undefined);
    assert.equal(context.taskName, undefined);
    assert.equal(context.attempt, 0);
    assert.deepEqual(context.assignedResources, {});
    assert.deepEqual(context.gpuIds, []);
    assert.equal(context.signal.aborted, false);
    assert.throws(() => context.currentActor(), TypeError);
    for (const id of [context.jobId, context.nodeId, context.workerId, context.namespace]) assert.ok(id.length > 0);
  });

  it("knows the task", async () => {
    const driver = getRuntimeContext();
    const task = await get(where.options({ numCpus: 0.5, resources: { license: 1 } }).remote());
    assert.equal(task["kind"], "task");
    assert.equal(task["taskName"], "where");
    assert.equal(task["attempt"], 1);
    assert.equal(task["jobId"], driver.jobId);
    assert.equal(task["nodeId"], driver.nodeId);
    assert.equal(task["namespace"], driver.namespace);
    assert.deepEqual(task["assignedResources"], { CPU: 0.5, license: 1 });
    assert.equal(task["actorId"], undefined);
    assert.equal(task["aborted"], false);
  });

  it("names a task as the options say, and bears the id of its first result", async () => {
    const ref = where.options({ name: "elsewhere" }).remote();
    const task = await get(ref);
    assert.equal(task["taskName"], "elsewhere");
    assert.equal(task["taskId"], ref.id);
  });

  it("keeps calls apart that run side by side", async () => {
    const tasks = await get(Array.from({ length: 10 }, () => where.remote()));
    assert.equal(new Set(tasks.map((task) => task["taskId"])).size, 10);
  });

  it("knows a worker", async (test) => {
    assert.equal(isWorker, false);
    if (exceptions["process isolation"] !== undefined) return test.skip(exceptions["process isolation"]);
    const inTask = remote(() => ({ isWorker, pid: process.pid, workerId: getRuntimeContext().workerId }));
    const found = await get(inTask.remote());
    assert.equal(found.isWorker, true);
    assert.notEqual(found.pid, process.pid);
    assert.notEqual(found.workerId, getRuntimeContext().workerId);
  });

  it("leaves the session to the driver: init and shutdown in a task do nothing", async () => {
    const meddle = remote(async () => {
      const context = await init({ numCpus: 77 });
      await shutdown();
      return { job: context.jobId, initialized: isInitialized(), still: await get(put("here")) };
    });
    const found = await get(meddle.remote());
    assert.deepEqual(found, { job: getRuntimeContext().jobId, initialized: true, still: "here" });
    assert.equal(isInitialized(), true);
  });

  it("begins each call in an asynchronous context of its own", async () => {
    const stored = remote(() => storage.getStore() ?? "nothing");
    const nested = remote(async () => storage.run("of a task", async () => get(stored.remote())));
    class Reader {
      read(): string {
        return storage.getStore() ?? "nothing";
      }
    }
    const reader = storage.run("of its maker", () => remote(Reader).remote());
    const inside = storage.run("of the program", () => [stored.remote(), nested.remote(), reader.read.remote()]);
    const seen = await get([...inside, stored.remote(), reader.read.remote()]);
    assert.deepEqual(new Set(seen), new Set(["nothing"]));
  });

  it("sleeps at least as long as asked", async () => {
    for (const ms of [0, 1, 1.5, 7]) {
      const before = performance.now();
      await sleep(ms);
      assert.ok(performance.now() - before >= ms);
    }
    await assert.rejects(sleep(NaN), TypeError);
  });
}
