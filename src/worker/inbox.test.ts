// The inbox of a worker, as lists of inputs and the effects they must have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cancelled, type Stop } from "../domain/stop.ts";
import type { Call } from "../protocol/worker.ts";
import type { InboxInput } from "./inbox-step.ts";
import { Inbox } from "./inbox.ts";

const OWNER = "a".repeat(16);
const EMPTY = { bytes: new Uint8Array(), buffers: [], refs: [], modules: false };

const call = (lease: number, task: number): InboxInput => {
  const made: Call = {
    type: "call",
    lease,
    task,
    attempt: 1,
    definition: "f",
    name: "f",
    args: EMPTY,
    positions: [],
    values: [],
    returns: 1,
    request: {},
    alone: false,
    method: undefined,
    retryOn: "none",
    stream: undefined,
  };
  return { type: "call", from: OWNER, call: made };
};
const leased = (lease: number): InboxInput => ({ type: "leased", lease, owner: OWNER });
const recall = (lease: number, when: "idle" | "yield" | "over"): InboxInput => ({ type: "recall", lease, when });
const finished = (lease: number, task: number): InboxInput => ({
  type: "finished",
  lease,
  task,
  reply: { kind: "done", values: [] },
  micros: 1,
});
const stream = (
  lease: number,
  task: number,
  skip: number,
  ahead: number,
  again: readonly number[] = [],
): InboxInput => {
  const made = call(lease, task);
  return made.type === "call"
    ? { ...made, call: { ...made.call, stream: { skip, read: 0, ahead, again, reader: undefined } } }
    : made;
};
const item = (lease: number, task: number, now = false): InboxInput => ({
  type: "item",
  lease,
  task,
  value: EMPTY,
  now,
});
const read = (lease: number, task: number, count: number): InboxInput => ({
  type: "read",
  from: OWNER,
  lease,
  task,
  count,
});
const blocked = (lease: number): InboxInput => ({ type: "blocked", lease, task: 1 });

function tell(inbox: Inbox): string[] {
  return inbox.drain().map((effect) => {
    if (effect.type === "start") return `start ${effect.call.task}`;
    if (effect.type === "stop") return `stop ${effect.task} ${effect.stop.failure.kind}`;
    if (effect.type === "resume") return `resume ${effect.task}`;
    if (effect.type === "passedOver") return `passed over ${effect.call.task}`;
    const { message } = effect;
    if (message.type === "items") return `items of ${message.task}: ${message.values.length}`;
    if (message.type === "reply") return `reply ${message.task}`;
    if (message.type === "returned")
      return `returned [${message.tasks.join()}]${message.over ? " over" : ""}${message.blocked ? " blocked" : ""}`;
    return "lease" in message ? `${message.type} ${message.lease}` : message.type;
  });
}

function check(name: string, rows: readonly (readonly [InboxInput, readonly string[]])[]): void {
  test(name, () => {
    const inbox = new Inbox();
    rows.forEach(([input, expected], index) => {
      inbox.step(input);
      inbox.check();
      assert.deepEqual(tell(inbox), expected, `after input ${index}: ${JSON.stringify(input).slice(0, 100)}`);
    });
  });
}

check("calls of one lease run one at a time, in order", [
  [leased(1), []],
  [call(1, 1), ["start 1"]],
  [call(1, 2), []],
  [finished(1, 1), ["reply 1", "start 2"]],
  [finished(1, 2), ["reply 2"]],
]);

check("a push that overtakes its lease is taken; one under an ended lease goes back", [
  [call(5, 1), ["start 1"]],
  [leased(5), []],
  [finished(5, 1), ["reply 1"]],
  [recall(5, "idle"), ["returned [] over", "leaseOver 5"]],
  [call(5, 2), ["returned [2] over"]],
]);

check("what waits behind a call that waits for others goes back", [
  [leased(1), []],
  [call(1, 1), ["start 1"]],
  [call(1, 2), []],
  [blocked(1), ["returned [2] blocked", "blocked 1"]],
  [call(1, 3), ["returned [3] blocked"]],
  [finished(1, 1), ["unblocked 1", "reply 1"]],
  [call(1, 4), ["start 4"]],
]);

check("two leases run side by side while one of them waits", [
  [leased(1), []],
  [call(1, 1), ["start 1"]],
  [blocked(1), ["blocked 1"]],
  [leased(2), []],
  [call(2, 7), ["start 7"]],
  [finished(2, 7), ["reply 7"]],
]);

check("a lease that has had no call yet is not idle", [
  [leased(1), []],
  [recall(1, "idle"), []],
  [call(1, 1), ["start 1"]],
  [finished(1, 1), ["reply 1", "returned [] over", "leaseOver 1"]],
]);

check("yield gives back what waits and ends after the running call", [
  [leased(1), []],
  [call(1, 1), ["start 1"]],
  [call(1, 2), []],
  [recall(1, "yield"), ["returned [2]"]],
  [call(1, 3), ["returned [3] over"]],
  [finished(1, 1), ["reply 1", "returned [] over", "leaseOver 1"]],
]);

check("the result of an orphan goes nowhere", [
  [leased(1), []],
  [call(1, 1), ["start 1"]],
  [call(1, 2), []],
  [recall(1, "over"), ["stop 1 cancelled"]],
  [finished(1, 1), ["leaseOver 1"]],
]);

check("withdrawn calls are the last ones, and only those that have not begun", [
  [leased(1), []],
  [call(1, 1), ["start 1"]],
  [call(1, 2), []],
  [call(1, 3), []],
  [{ type: "withdraw", from: OWNER, lease: 1, count: 1 }, ["returned [3]"]],
  [{ type: "withdraw", from: OWNER, lease: 1, count: 9 }, ["returned [2]"]],
]);

const STOP: Stop = cancelled(
  { name: "f", site: { text: "" } },
  { how: "by me", reason: "", force: "no", recursive: true },
);
const cancel = (lease: number, task: number): InboxInput => ({ type: "cancel", from: OWNER, lease, task, stop: STOP });

check(
  "a cancelled call goes back if it has not begun, is told to end if it has, and is nothing new if it is not here",
  [
    [leased(1), []],
    [call(1, 1), ["start 1"]],
    [call(1, 2), []],
    [call(1, 3), []],
    [cancel(1, 2), ["returned [2]"]],
    [cancel(1, 2), []],
    [cancel(1, 1), ["stop 1 cancelled"]],
    [finished(1, 1), ["reply 1", "start 3"]],
    [cancel(1, 1), []],
    [cancel(9, 1), []],
  ],
);

check("items leave together, at the latest before the reply", [
  [leased(1), []],
  [stream(1, 7, 0, 64), ["start 7"]],
  [item(1, 7), []],
  [item(1, 7), []],
  [{ type: "sendItems", lease: 1, task: 7 }, ["items of 7: 2"]],
  [{ type: "sendItems", lease: 1, task: 7 }, []],
  [item(1, 7), []],
  [item(1, 7, true), ["items of 7: 2"]],
  [item(1, 7), []],
  [finished(1, 7), ["items of 7: 1", "reply 7"]],
  [{ type: "sendItems", lease: 1, task: 7 }, []],
  [read(1, 7, 3), []],
]);

check("a stream that is as far ahead as it may be waits for its reader, however little he reads at a time", [
  [leased(1), []],
  [stream(1, 7, 0, 1), ["start 7"]],
  [item(1, 7), []],
  [item(1, 7), ["items of 7: 2"]],
  [read(1, 8, 9), []],
  [read(1, 7, 1), ["resume 7"]],
  [item(1, 7), ["items of 7: 1"]],
  [read(1, 7, 1), []],
  [read(1, 7, 3), ["resume 7"]],
  [finished(1, 7), ["reply 7"]],
]);

test("another attempt may be ahead from its beginning", () => {
  const inbox = new Inbox();
  inbox.step(leased(1));
  inbox.step(stream(1, 7, 3, 1));
  assert.equal(inbox.isPaused(1), true);
  inbox.step(read(1, 7, 1));
  assert.equal(inbox.isPaused(1), true);
  inbox.step(read(1, 7, 2));
  assert.equal(inbox.isPaused(1), false);
  assert.deepEqual(tell(inbox), ["start 7", "resume 7"]);
  inbox.check();
});

check("what was lost is made again however far ahead a stream is, and counts no more than it did", [
  [leased(1), []],
  [stream(1, 7, 3, 1, [0, 2]), ["start 7"]],
  [item(1, 7), []],
  [item(1, 7), ["items of 7: 2"]],
  [read(1, 7, 2), ["resume 7"]],
  [item(1, 7), ["items of 7: 1"]],
  [finished(1, 7), ["reply 7"]],
]);

check("what a stream makes for an owner that is gone goes nowhere", [
  [leased(1), []],
  [stream(1, 7, 0, 64), ["start 7"]],
  [recall(1, "over"), ["stop 7 cancelled"]],
  [item(1, 7, true), []],
  [finished(1, 7), ["leaseOver 1"]],
]);
