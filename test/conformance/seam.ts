// The promises of the seam itself, which the front end relies on: ids, holds, watches, blocked calls.
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, kill, put, remote, type ActorHandle } from "ray-ts";
import { slot } from "#src/api/slot.js";
import { encodeFunction } from "#src/codec/function.js";
import { decode, encode } from "#src/codec/value.js";
import { numberOf, ownerOf, type ObjectId } from "#src/domain/id.js";
import type { Outcome } from "#src/domain/object.js";
import { resources } from "#src/domain/resources.js";
import type { TaskSpec } from "#src/domain/task.js";
import type { Backend } from "#src/backend.js";
import { collectGarbage } from "#src/std/garbage.js";
import { gateFolder, openGate, pass } from "./gate.ts";
import type { Setting } from "./setting.ts";

function backend(): Backend {
  assert.ok(slot.session !== undefined);
  return slot.session.backend;
}

function specFor(fn: (...args: never[]) => unknown, args: readonly unknown[], more: Partial<TaskSpec> = {}): TaskSpec {
  const definition = backend().nextDefinition();
  backend().define(definition, encodeFunction(fn, { captures: undefined, name: fn.name }).payload);
  const payload = encode(args);
  return {
    definition,
    name: fn.name,
    args: payload,
    dependencies: [],
    returns: 1,
    maxRetries: 0,
    retryOn: "none",
    retryDelay: undefined,
    request: { resources: resources({ CPU: 1 }) },
    site: { text: "here" },
    ...more,
  };
}

function outcomeOf(id: ObjectId): Promise<Outcome> {
  return new Promise((resolve) => backend().watch(id, resolve));
}

async function valueOf(id: ObjectId): Promise<unknown> {
  const { value, failure } = await outcomeOf(id);
  return value === undefined ? assert.fail(`failed: ${failure.kind}`) : decode(value);
}

export function seam({ address }: Setting): void {
  const folder = gateFolder();

  it("says who it is", () => {
    const { identity } = backend();
    assert.equal(identity.kind, address);
    assert.match(identity.processId, /^[0-9a-f]{16}$/);
  });

  it("names results at once: by the process that submits, and a number that grows", async () => {
    const { submit, identity } = { submit: (spec: TaskSpec) => backend().submit(spec), identity: backend().identity };
    const spec = specFor(() => [1, 2, 3], [], { returns: 3 });
    const ids = submit(spec);
    assert.deepEqual(submit({ ...spec, returns: 0 }), []);
    assert.equal(new Set(ids).size, 3);
    assert.ok(ids.every((id) => ownerOf(id) === identity.processId));
    const [next] = submit(spec);
    assert.ok(numberOf(next as ObjectId) > numberOf(ids[2] as ObjectId));
    assert.deepEqual(await Promise.all(ids.map(valueOf)), [1, 2, 3]);
    for (const id of ids) backend().release(id);
  });

  it("never calls back before watch has returned", async () => {
    const id = backend().put(encode("here"));
    let returned = false;
    const called = new Promise<boolean>((resolve) => {
      backend().watch(id, () => resolve(returned));
      returned = true;
    });
    assert.equal(await called, true);
    assert.ok(backend().read(id)?.value !== undefined);
    backend().release(id);
  });

  it("does not call back whoever stopped watching", async () => {
    const id = backend().put(encode("here"));
    const [pending] = backend().submit(specFor(() => 1, []));
    const never = (): void => assert.fail("it was to stop");
    for (const watched of [id, pending as ObjectId]) {
      backend().watch(watched, never);
      backend().unwatch(watched, never);
    }
    assert.equal(await valueOf(pending as ObjectId), 1);
    assert.equal(await valueOf(id), "here");
  });

  it("calls back each watcher once", async () => {
    const [id] = backend().submit(specFor(() => 1, []));
    let calls = 0;
    const count = (): void => void calls++;
    backend().watch(id as ObjectId, count);
    backend().watch(id as ObjectId, count);
    await outcomeOf(id as ObjectId);
    await outcomeOf(id as ObjectId);
    assert.equal(calls, 2);
  });

  it("keeps an object until its last hold is released", async () => {
    const id = backend().put(encode("kept"));
    backend().hold(id);
    backend().release(id);
    assert.equal(await valueOf(id), "kept");
    backend().release(id);
    assert.equal(backend().read(id), undefined);
    assert.equal((await outcomeOf(id)).failure?.kind, "lost");
  });

  it("is given back the hold of a ref that was collected", async () => {
    const ids = Array.from({ length: 100 }, (_, index) => put(index).id);
    const isKept = (id: ObjectId): boolean => backend().read(id) !== undefined;
    // The engine may keep one that a register still points to.
    while (ids.filter(isKept).length > 1) {
      collectGarbage();
      await new Promise(setImmediate);
    }
  });

  it("keeps a class of which there is no handle any more as long as an actor is made of it", async () => {
    const make = (): { actor: ActorHandle<{ ask(): Promise<unknown> }>; captured: ObjectId } => {
      const ref = put("captured");
      class Asking {
        ask(): Promise<unknown> {
          return get(ref);
        }
      }
      return { actor: remote(Asking, { maxRestarts: 1 }).remote(), captured: ref.id };
    };
    const { actor, captured } = make();
    assert.equal(await get(actor.ask.remote()), "captured");
    for (let turn = 0; turn < 20; turn += 1) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    await kill(actor, { noRestart: false });
    assert.equal(await get(actor.ask.remote()), "captured");
    await kill(actor);
    while (backend().read(captured) !== undefined) {
      collectGarbage();
      await new Promise(setImmediate);
    }
  });

  it("puts values where the arguments that were refs stood", async () => {
    const id = backend().put(encode(20));
    const [sum] = backend().submit(
      specFor((a: number, b: number) => a + b, [undefined, 2], { dependencies: [{ position: 0, id }] }),
    );
    backend().release(id);
    assert.equal(await valueOf(sum as ObjectId), 22);
  });

  it("tells how far a call has come", async () => {
    const holder = remote(
      async (where: string) => {
        openGate(where, "begun");
        await pass(where, "end");
      },
      { numCpus: 2 },
    ).remote(folder);
    await pass(folder, "begun");
    const next = remote(() => 1).remote();
    const dependent = remote((_: unknown) => 2).remote(holder);
    const progress = [holder, next, dependent, put(1)].map(({ id }) => backend().progress(id));
    assert.deepEqual(progress, ["running", "ready", "waiting", undefined]);
    openGate(folder, "end");
    await get([next, dependent]);
    assert.equal(backend().progress(dependent.id), undefined);
  });

  it("fails what can never run with what was asked for and what there is", async () => {
    const [id] = backend().submit(specFor(() => 1, [], { request: { resources: resources({ CPU: 3 }) } }));
    const { failure } = await outcomeOf(id as ObjectId);
    assert.equal(failure?.kind, "unschedulable");
    assert.deepEqual(failure.kind === "unschedulable" && failure.request, { resources: resources({ CPU: 3 }) });
    assert.equal(failure.kind === "unschedulable" && failure.node.total["CPU"], 20_000);
  });

  it("ignores blocked and unblocked outside of calls", () => {
    backend().blocked(999_999, () => []);
    backend().unblocked(999_999);
  });
}
