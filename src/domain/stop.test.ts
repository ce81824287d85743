// What is told of stops: reasons of signals, which may be anything, and what goes further of two.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bothStops, cancelBySignal, cancelled, cancelOfChildren, timedOut } from "./stop.ts";

const task = { name: "f", site: { text: "main.ts:1:1" } };

test("a signal's reason is told in its own words, and one that nobody gave is not", () => {
  const reasons: readonly [unknown, string][] = [
    [AbortSignal.abort().reason, ""],
    [AbortSignal.abort(new Error("the user left")).reason, "the user left"],
    [new DOMException("too late", "AbortError"), "too late"],
    ["closed", "closed"],
    [5, "5"],
    [{ code: 3 }, "{ code: 3 }"],
    [Object.create(null), ""],
    [Object.assign(new Error("x"), { message: 5 }), ""],
  ];
  for (const [reason, told] of reasons) assert.equal(cancelBySignal(reason).reason, told);
});

test("of two stops the first tells why, and what goes further of each counts", () => {
  const first = cancelled(task, { how: "by me", reason: "r", force: "no", recursive: false });
  const second = timedOut({ ...task, timeoutMs: 5 } as never, "running");
  assert.deepEqual(bothStops(first, second), { failure: first.failure, force: "late", recursive: true });
  assert.deepEqual(bothStops(bothStops(first, { ...second, force: "now" }), second).force, "now");
});

test("children are told with whom they end, why, and how", () => {
  const cancel = cancelled(task, { how: "by me", reason: "r", force: "now", recursive: true });
  assert.deepEqual(cancelOfChildren(cancel), { how: "with its parent f", reason: "r", force: "now", recursive: true });
  const late = cancelOfChildren(timedOut({ ...task, timeoutMs: 5 } as never, "running"));
  assert.deepEqual(late, {
    how: "with its parent f",
    reason: "its time was over after 5 ms",
    force: "late",
    recursive: true,
  });
});
