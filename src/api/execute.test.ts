// How a call is carried out: synchronously when nothing keeps it, once rebuilt, and never by throwing.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as ray from "../index.ts";
import { encodeFunction } from "../codec/function.ts";
import { decodeThrown } from "../codec/thrown.ts";
import { decode, encode } from "../codec/value.ts";
import type { Payload } from "../domain/object.ts";
import type { Reply } from "../protocol/worker.ts";
import { execute, type ExecuteCall } from "./execute.ts";
import type { AnyFunction } from "./lift.ts";

before(() => ray.init({ address: "inline", numCpus: 1 }));
after(() => ray.shutdown());

let definitions = 0;

function callOf(args: readonly unknown[], more: Partial<ExecuteCall> = {}): ExecuteCall {
  const base = {
    callId: 1,
    taskId: "0".repeat(28),
    attempt: 1,
    name: "f",
    actor: undefined,
    method: undefined,
    positions: [],
    values: [],
    returns: 1,
    retryOn: "none",
    stream: undefined,
    request: {},
    stop: undefined,
    context: undefined,
  };
  return { ...base, definition: `test${definitions++}`, args: encode(args), ...more };
}

function payloadOf(fn: AnyFunction): Payload {
  return encodeFunction(fn, { captures: undefined, name: "f" }).payload;
}

function valueOf(reply: Reply): unknown {
  return reply.kind === "done" ? reply.values.map((value) => decode(value))[0] : assert.fail(reply.kind);
}

it("completes a synchronous function synchronously", () => {
  const payload = payloadOf((a: number, b: number) => a + b);
  const reply = execute(callOf([1, undefined], { positions: [1], values: [encode(2)] }), () => payload);
  assert.ok(!(reply instanceof Promise));
  assert.equal(valueOf(reply), 3);
});

it("loads a function once", async () => {
  const payload = payloadOf(() => 1);
  let loads = 0;
  const load = (): Promise<Payload> => {
    loads++;
    return Promise.resolve(payload);
  };
  const call = callOf([]);
  const replies = await Promise.all([execute(call, load), execute(call, load)]);
  assert.deepEqual(replies.map(valueOf), [1, 1]);
  assert.ok(!(execute(call, load) instanceof Promise));
  assert.equal(loads, 1);
});

it("refuses a call whose function cannot be had, and tries again for the next one", async () => {
  const call = callOf([]);
  const reply = await execute(call, () => Promise.reject(new ray.ObjectLostError("nobody has it")));
  assert.ok(reply.kind === "refused" && reply.failure.kind === "refused");
  assert.equal(reply.failure.code, "RAY_OBJECT_LOST_ERROR");
  assert.equal(reply.failure.message, "nobody has it");
  const payload = payloadOf(() => 2);
  assert.equal(valueOf(await execute(call, () => payload)), 2);
});

it("replies with what was thrown, now or later", async () => {
  for (const fn of [() => assert.fail("now"), async () => Promise.reject(new Error("later"))]) {
    const payload = payloadOf(fn as AnyFunction);
    const reply = await execute(callOf([]), () => payload);
    assert.ok(reply.kind === "thrown");
    assert.equal(reply.pid, process.pid);
    assert.match(String(decodeThrown(reply.thrown)), /now|later/);
  }
});
