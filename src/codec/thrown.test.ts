// What was thrown arrives, whatever it is.
import assert from "node:assert/strict";
import { it } from "node:test";
import { RayError, TaskError, WorkerCrashedError } from "../domain/errors.ts";
import { taskError } from "../domain/task-error.ts";
import { decodeThrown, encodeThrown } from "./thrown.ts";

function there(thrown: unknown): unknown {
  return decodeThrown(encodeThrown(thrown));
}

it("values that are no errors", () => {
  for (const value of [undefined, null, "text", 5, { a: [1] }]) assert.deepEqual(there(value), value);
  assert.equal(typeof there(() => 1), "function");
});

it("errors with what hangs on them; what cannot travel is described", () => {
  const error = Object.assign(new TypeError("message", { cause: new RangeError("inner") }), {
    code: "E",
    socket: Promise.resolve(),
    ok: { n: 1 },
  });
  const back = there(error) as TypeError & { code: string; ok: object; socket: string };
  assert.ok(back instanceof TypeError && back.cause instanceof RangeError);
  assert.deepEqual([back.message, back.code, back.ok, back.stack], ["message", "E", { n: 1 }, error.stack]);
  assert.match(back.socket, /Promise/);
});

it("errors inside of errors, however deep and in circles", () => {
  const inner = Object.assign(new Error("inner"), { bad: new WeakRef({}) });
  const outer = new AggregateError([inner, "text"], "outer", { cause: inner });
  inner.cause = outer;
  const back = there(outer) as AggregateError;
  assert.equal(back.message, "outer");
  assert.equal((back.errors[0] as Error).message, "inner");
  assert.equal((back.errors[0] as Error).cause, back);
});

it("an error of a class with private members arrives without them, and is of that class", () => {
  class Secret extends RangeError {
    #secret = 1;
    read(): number {
      return this.#secret;
    }
  }
  const back = there(new Secret("kept")) as Secret;
  assert.ok(back instanceof RangeError);
  assert.deepEqual([back.message, back.constructor.name], ["kept", "Secret"]);
  assert.throws(() => back.read(), /private/);
});

it("a frozen error is of its class, and frozen", () => {
  const back = there(Object.freeze(Object.assign(new TypeError("f"), { code: "E" }))) as TypeError & { code: string };
  assert.ok(back instanceof TypeError && Object.isFrozen(back));
  assert.deepEqual([back.message, back.code], ["f", "E"]);
});

it("what throws at every question", () => {
  const hostile = new Proxy(
    {},
    { get: () => assert.fail(), getPrototypeOf: () => assert.fail(), ownKeys: () => assert.fail() },
  );
  encodeThrown(hostile);
  const getter = Object.defineProperty(new Error("m"), "trap", { enumerable: true, get: () => assert.fail("called") });
  assert.equal((there(Object.assign(getter, { bad: Promise.resolve() })) as Error).message, "m");
});

it("errors of this package, and those that stand for others", () => {
  const crashed = there(new WorkerCrashedError("m", { exitCode: 3 })) as WorkerCrashedError;
  assert.ok(crashed instanceof WorkerCrashedError && crashed.exitCode === 3);
  const thrown = new RangeError("boom");
  const failed = taskError({
    thrown,
    functionName: "f",
    by: "function",
    attempts: 1,
    submittedAt: "",
    workerPid: 1,
    remoteStack: "",
  });
  const back = there(failed) as Error;
  assert.ok(back instanceof RangeError && back instanceof TaskError && back instanceof RayError);
  assert.equal(back.message, failed.message);
});

it("an error whose class is not to be had is an Error of its name", () => {
  const payload = encodeThrown(new RangeError("message"));
  const bytes = Uint8Array.from(payload.bytes);
  // What follows the outline is lost.
  bytes.fill(0xff, bytes.length - 20);
  const back = decodeThrown({ ...payload, bytes }) as Error;
  assert.deepEqual([back.name, back.message], ["RangeError", "message"]);
});

it("an error that traps every look at it arrives all the same", () => {
  const traps = new Proxy(
    {},
    {
      get(_target, trap) {
        throw new Error(`asked for ${String(trap)}`);
      },
    },
  );
  const error = Object.setPrototypeOf(new Error("m"), new Proxy(Error.prototype, traps)) as Error;
  assert.equal(Object.getOwnPropertyDescriptor(there(error), "message")?.value, "m");
});
