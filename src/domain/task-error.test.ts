// A TaskError is what was thrown and a TaskError, reads well, and can be taken apart again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect, types } from "node:util";
import { GetTimeoutError, RayError, TaskError, toPlain } from "./errors.ts";
import { taskError, taskErrorParts } from "./task-error.ts";

class HttpError extends Error {
  override name = "HttpError";
  readonly status: number;
  readonly code = "E_HTTP";
  constructor(status: number, options?: ErrorOptions) {
    super(`status ${status}`, options);
    this.status = status;
  }
  get retryable(): boolean {
    return this.status >= 500;
  }
}

function remote(thrown: unknown, functionName = "fetchPage"): TaskError {
  const remoteStack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  return taskError({
    thrown,
    functionName,
    by: "function",
    attempts: 1,
    submittedAt: "main.ts:3:5",
    workerPid: 42,
    remoteStack,
  });
}

test("is an instance of the thrown class, with its properties, getters and code", () => {
  const thrown = new HttpError(503);
  const error = remote(thrown);
  assert.ok(
    error instanceof TaskError && error instanceof RayError && error instanceof HttpError && error instanceof Error,
  );
  assert.ok(types.isNativeError(error));
  assert.equal(error.status, 503);
  assert.equal(error.retryable, true);
  assert.equal(error.code, "E_HTTP");
  assert.equal(error.cause, thrown);
  assert.equal(error.name, "TaskError(HttpError)");
  assert.ok(!(error instanceof TypeError));
  assert.ok(!(thrown instanceof TaskError), "what was thrown stays what it was");
});

test("has its own code when the thrown error has none", () => {
  assert.equal(remote(new TypeError("x")).code, "RAY_TASK_ERROR");
  assert.equal(remote("text").code, "RAY_TASK_ERROR");
  assert.equal(remote(new GetTimeoutError("slow")).code, "RAY_GET_TIMEOUT_ERROR");
});

test("the message says what, which function, where it ran, and where it was submitted", () => {
  const { message, stack } = remote(new TypeError("x is not a function"));
  assert.equal(message, "Task fetchPage threw in worker process 42, submitted at main.ts:3:5: x is not a function");
  assert.ok(stack?.startsWith(`TaskError(TypeError): ${message}\n    at `), stack);
});

test("the stack has the places of what was thrown, and only those, whatever the message looks like", () => {
  const thrown = new Error("see\n    at the end");
  thrown.stack = "Error: see\n    at the end\n    at parse (/app/main.ts:1:2)";
  assert.equal(remote(thrown).stack, `TaskError(Error): ${remote(thrown).message}\n    at parse (/app/main.ts:1:2)`);
  assert.equal(remote("text").stack, `TaskError: ${remote("text").message}`);
  // Node prints an error that nobody caught from its stack, and puts it in brackets when the message reaches to the end.
  assert.doesNotMatch(inspect(remote(new Error("x")), { customInspect: false }), /^\[/);
});

test("what an abort throws, and getters that work on what was thrown only", () => {
  const aborted = remote(new DOMException("too late", "AbortError"));
  assert.ok(aborted instanceof DOMException && aborted instanceof TaskError);
  assert.equal(aborted.name, "TaskError(AbortError)");
  assert.match(aborted.message, /: too late$/);
  assert.equal(Reflect.get(aborted, "code"), DOMException.ABORT_ERR);

  class Guarded extends Error {
    readonly #code = "E_GUARDED";
    get code(): string {
      return this.#code;
    }
    override get message(): string {
      return `guarded ${this.#code}`;
    }
  }
  const guarded = remote(new Guarded());
  assert.equal(guarded.code, "E_GUARDED");
  assert.match(guarded.message, /: guarded E_GUARDED$/);
});

test("a function that uses its own name as if it were the handle is told so", () => {
  const thrown = new TypeError("fib.remote is not a function");
  assert.match(remote(thrown, "fib").message, /is not a function\n {2}Inside `function fib` its own name means/);
  assert.doesNotMatch(remote(thrown, "other").message, /Inside/);
});

test("printing shows every text once", () => {
  const printed = inspect(remote(new HttpError(404, { cause: new RangeError("inner") })));
  for (const text of [
    "status 404",
    "fetchPage",
    "cause: RangeError: inner",
    "main.ts:3:5",
    "status: 404",
    "code: 'E_HTTP'",
  ]) {
    assert.equal(printed.split(text).length, 2, `${text} once in:\n${printed}`);
  }
  assert.doesNotMatch(printed, /task-error\.js:|status 404[^]*status 404/);
  assert.match(inspect(remote(new AggregateError([new Error("first")], "all"))), /errors: \[\s*Error: first/);
});

test("what is no Error is the cause, and is shown", () => {
  class Odd {
    x = 1;
  }
  for (const thrown of ["text", undefined, null, 7, { a: 1 }, new Odd()]) {
    const error = remote(thrown);
    assert.ok(error instanceof TaskError && error instanceof Error);
    assert.equal(error.cause, thrown);
    assert.equal(error.name, "TaskError");
    assert.ok(error.message.includes(inspect(thrown)), error.message);
  }
});

test("a class without a name of its own is called by its class", () => {
  class Plain extends Error {}
  assert.equal(remote(new Plain("x")).name, "TaskError(Plain)");
});

test("a frozen error, one with odd names, and causes in a circle", () => {
  assert.equal(Reflect.get(remote(Object.freeze(new HttpError(1))), "status"), 1);
  const circle = new Error("round");
  circle.cause = circle;
  assert.match(inspect(remote(circle)), /Circular/);
  assert.equal(remote(Object.assign(new Error("x"), { name: "" })).name, "TaskError()");
});

test("a failure that is passed on keeps its class and gains a line", () => {
  const inner = remote(new HttpError(500), "inner");
  const outer = remote(inner, "outer");
  assert.ok(outer instanceof HttpError && outer instanceof TaskError);
  assert.equal(outer.name, "TaskError(HttpError)");
  assert.equal(outer.status, 500);
  assert.equal(outer.cause, inner);
  assert.match(outer.message, /passed on by task outer in worker process 42, submitted at main\.ts:3:5$/);
});

test("can be taken apart and built again elsewhere", () => {
  const error = remote(new HttpError(500));
  const parts = taskErrorParts(error);
  assert.ok(parts !== undefined);
  const again = taskError(parts);
  assert.equal(again.message, error.message);
  assert.equal(toPlain(error).code, "RAY_TASK_ERROR");
  assert.equal(taskErrorParts(new Error("x")), undefined);
  assert.equal(taskErrorParts(undefined), undefined);
});
