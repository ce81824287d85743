// The owner brain when calls are ended before they have ended: what their refs get, and what becomes of their places.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cancel } from "../../domain/task.ts";
import { Owner } from "./owner.ts";
import {
  check,
  done,
  foreign,
  FLUSH,
  grant,
  grantApart,
  LOSS,
  lost,
  ME,
  mine,
  payload,
  reply,
  submit,
  WORKER,
} from "./scenes.ts";
import type { OwnerInput } from "./step.ts";

const how = (change: Partial<Cancel> = {}): Cancel => ({
  how: "by me",
  reason: "",
  force: "no",
  recursive: true,
  ...change,
});
const cancel = (task: number, change: Partial<Cancel> = {}): OwnerInput => ({
  type: "cancel",
  task,
  cancel: how(change),
});
const want = (number: number): OwnerInput => ({ type: "want", id: mine(number) });
const returned = (tasks: readonly number[], over = false): OwnerInput => ({
  type: "worker",
  worker: WORKER,
  message: { type: "returned", lease: 1, tasks, over, blocked: false },
});
const begun = (number: number, change = {}): [OwnerInput, string[]][] => [
  [submit(number, change), []],
  [want(number), []],
  ...("maxRetries" in change
    ? ([
        [FLUSH, ["demand 1 apart"]],
        [grantApart(1), [`call ${number} on 1 alone`]],
      ] satisfies [OwnerInput, string[]][])
    : ([
        [FLUSH, ["demand 1"]],
        [grant(1), [`call ${number} on 1`]],
      ] satisfies [OwnerInput, string[]][])),
];

check(
  "what waits for a worker, or for an argument, never runs; nothing is asked for it any more",
  [
    [submit(1), []],
    [submit(2, { dependencies: [{ position: 0, id: mine(1) }] }), []],
    [want(1), []],
    [want(2), []],
    [FLUSH, ["demand 1"]],
    [cancel(2), ["outcome a2 cancelled"]],
    [cancel(1), ["outcome a1 cancelled"]],
    [FLUSH, ["demand 0"]],
    [grant(1), ["giveBack 1"]],
    [{ type: "release", id: mine(1) }, []],
    [{ type: "release", id: mine(2) }, []],
  ],
  { tasks: 0, objects: 0 },
);

check("what depends on a cancelled call fails with it", [
  [submit(1), []],
  [submit(2, { dependencies: [{ position: 0, id: mine(1) }] }), []],
  [want(2), []],
  [cancel(1), ["outcome a2 cancelled"]],
  [cancel(2), []],
]);

check("of many that wait those that are left are pushed in their order, and the daemon hears how few they are", [
  [submit(1), []],
  [submit(2), []],
  [submit(3), []],
  [FLUSH, ["demand 3"]],
  [cancel(1), []],
  [cancel(3), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 2 on 1"]],
]);

check(
  "a call that runs fails at once, is told, and keeps its place until its worker answers; what came then is given back",
  [
    ...begun(1),
    [submit(2), []],
    [cancel(1), ["cancel 1 on 1", "outcome a1 cancelled"]],
    // Nothing is pushed behind it.
    [submit(3), []],
    [{ type: "tick" }, []],
    [{ type: "tick" }, []],
    [reply(1, done("v", [foreign(9)])), ["release c9 1", "call 2 on 1"]],
    [{ type: "release", id: mine(1) }, []],
  ],
  { tasks: 2, objects: 2 },
);

check("nor is it tried again, whatever it throws and however its worker ends", [
  ...begun(1, { retryOn: "any" }),
  [cancel(1), ["cancel 1 on 1", "outcome a1 cancelled"]],
  [reply(1, { kind: "thrown", thrown: payload("bad"), pid: 7, by: "function", again: true }), []],
  [submit(2, { maxRetries: 0 }), []],
  [FLUSH, ["demand 1 apart after 1"]],
  [grantApart(2), ["call 2 on 2 alone"]],
  [cancel(2), ["cancel 2 on 2"]],
  [lost(LOSS), []],
]);

check("a call that had not begun comes back and leaves its place", [
  ...begun(1),
  [reply(1, done("v"), 1, 10), ["outcome a1 v"]],
  [submit(2), ["call 2 on 1"]],
  [submit(3), ["call 3 on 1"]],
  [want(3), []],
  [cancel(3), ["cancel 3 on 1", "outcome a3 cancelled"]],
  [returned([3]), []],
  [reply(2, done("w")), []],
  [submit(4), ["call 4 on 1"]],
]);

check("by force the worker of the call that runs is ended; those behind it run again for nothing and without a word", [
  ...begun(1),
  [reply(1, done("v"), 1, 10), ["outcome a1 v"]],
  [submit(2), ["call 2 on 1"]],
  [submit(3, { maxRetries: 1 }), ["call 3 on 1"]],
  [want(2), []],
  [cancel(2, { force: "now" }), ["endWorker of 1 and its children", "outcome a2 cancelled"]],
  // It may have answered meanwhile, but nothing is pushed to it any more.
  [reply(2, done("w")), []],
  [submit(4), []],
  [lost({ ...LOSS, forced: true }), []],
  [FLUSH, ["demand 2 after 1"]],
  [grant(2), ["call 3 on 2", "call 4 on 2"]],
  [lost(LOSS), ["retry 2", "retry 2"]],
]);

check("a call by force that is not the first one is taken back, and its worker ended when it has become the first", [
  ...begun(1),
  [reply(1, done("v"), 1, 10), ["outcome a1 v"]],
  [submit(2), ["call 2 on 1"]],
  [submit(3), ["call 3 on 1"]],
  [cancel(3, { force: "now", recursive: false }), ["cancel 3 on 1", "grace 3 on 1 1000"]],
  [reply(2, done("w")), ["endWorker of 1"]],
  [{ type: "graceOver", lease: 1, task: 3 }, []],
]);

check("its worker is ended too when nothing is heard of it: what is before it may have been answered long ago", [
  ...begun(1),
  [reply(1, done("v"), 1, 10), ["outcome a1 v"]],
  [submit(2), ["call 2 on 1"]],
  [submit(3), ["call 3 on 1"]],
  [cancel(3, { force: "now" }), ["cancel 3 on 1", "grace 3 on 1 1000"]],
  [{ type: "graceOver", lease: 1, task: 3 }, ["endWorker of 1 and its children"]],
]);

check("a cancel can be followed by one that goes further, and by none that goes less far", [
  ...begun(1),
  [cancel(1, { recursive: false }), ["cancel 1 on 1", "outcome a1 cancelled"]],
  [cancel(1, { recursive: false }), []],
  [cancel(1), ["cancel 1 on 1"]],
  [cancel(1, { force: "now" }), ["endWorker of 1 and its children"]],
  [cancel(1), []],
]);

check("a call without retries that was lost with a worker that had to be ended fails", [
  ...begun(1, { maxRetries: 0 }),
  [lost({ ...LOSS, forced: true }), ["outcome a1 crashed"]],
]);

check(
  "time: at once in the queue; in flight it is told, and its worker is ended when it has not ended after the grace",
  [
    [submit(1, { timeoutMs: 5 }), []],
    [submit(2, { timeoutMs: 5, dependencies: [{ position: 0, id: mine(1) }] }), []],
    [want(1), []],
    [FLUSH, ["demand 1"]],
    [grant(1), ["call 1 on 1"]],
    [{ type: "expired", task: 2 }, ["unguard 2", "unheard timedOut"]],
    [{ type: "expired", task: 1 }, ["cancel 1 on 1", "grace 1 on 1 1000", "outcome a1 timedOut"]],
    [{ type: "graceOver", lease: 1, task: 1 }, ["endWorker of 1 and its children"]],
    [lost({ ...LOSS, forced: true }), ["unguard 1"]],
    [{ type: "graceOver", lease: 1, task: 1 }, []],
    [submit(3, { timeoutMs: 5 }), []],
    [{ type: "expired", task: 3 }, ["unguard 3", "unheard timedOut"]],
  ],
);

check("a call that ends in time is not watched over any more; nor is one that was told and ends in its grace", [
  ...begun(1, { timeoutMs: 5 }),
  [reply(1, done("v")), ["unguard 1", "outcome a1 v"]],
  [submit(2, { timeoutMs: 5 }), ["call 2 on 1"]],
  [{ type: "expired", task: 2 }, ["cancel 2 on 1", "grace 2 on 1 1000", "unheard timedOut"]],
  [reply(2, done("w")), ["unguard 2"]],
  [{ type: "graceOver", lease: 1, task: 2 }, []],
]);

check("a worker that takes no more calls is ended for the one that it runs all the same", [
  ...begun(1, { timeoutMs: 5 }),
  [returned([], true), []],
  [{ type: "expired", task: 1 }, ["cancel 1 on 1", "grace 1 on 1 1000", "outcome a1 timedOut"]],
  [{ type: "graceOver", lease: 1, task: 1 }, ["endWorker of 1 and its children"]],
]);

check("a call that was cancelled, and goes on, has no more time than it would have had", [
  ...begun(1, { timeoutMs: 5 }),
  [cancel(1), ["cancel 1 on 1", "outcome a1 cancelled"]],
  [{ type: "expired", task: 1 }, ["cancel 1 on 1", "grace 1 on 1 1000"]],
  [{ type: "graceOver", lease: 1, task: 1 }, ["endWorker of 1 and its children"]],
]);

check("what runs in the process of its owner is told even so: that may have to stay alive", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1, ME), ["call 1 on 1"]],
  [cancel(1, { force: "now" }), ["endWorker of 1 and its children", "cancel 1 on 1"]],
]);

check("one that waits to be tried again is not", [
  ...begun(1, { retryOn: "any", retryDelay: { baseMs: 9, maxMs: 9, factor: 1, jitter: false } }),
  [reply(1, { kind: "thrown", thrown: payload("bad"), pid: 7, by: "function", again: true }), ["retry 2", "delay 1 9"]],
  [cancel(1), ["unguard 1", "outcome a1 cancelled"]],
  [{ type: "due", task: 1 }, []],
]);

check(
  "the children of a call, and no others, end with it",
  [
    [submit(1, { parent: 7 }), []],
    [submit(2, { parent: 8 }), []],
    [submit(3, { parent: 7, dependencies: [{ position: 0, id: mine(1) }] }), []],
    [submit(4), []],
    ...[1, 2, 3, 4].map((number): [OwnerInput, string[]] => [want(number), []]),
    [
      { type: "cancelChildren", parent: 7, cancel: how({ how: "with its parent f" }) },
      ["outcome a3 cancelled", "outcome a1 cancelled"],
    ],
  ],
  { tasks: 2, objects: 4 },
);

check(
  "what was cancelled before it was submitted never runs, whether or not it has results",
  [
    [submit(1, { cancelled: how() }), []],
    [want(1), ["outcome a1 cancelled"]],
    [submit(2, { cancelled: how(), returns: 0 }), []],
    [FLUSH, []],
  ],
  { tasks: 0, objects: 1 },
);

check(
  "of several results each fails; a call without any is ended by its number",
  [
    [submit(1, { returns: 3 }), []],
    [submit(4, { returns: 0 }), []],
    ...[1, 2, 3].map((number): [OwnerInput, string[]] => [want(number), []]),
    [cancel(1), ["outcome a1 cancelled", "outcome a2 cancelled", "outcome a3 cancelled"]],
    [cancel(4), []],
    [FLUSH, []],
  ],
  { tasks: 0, objects: 3 },
);

check(
  "the session ends while a stopped call goes on",
  [
    ...begun(1),
    [cancel(1), ["cancel 1 on 1", "outcome a1 cancelled"]],
    [{ type: "closed", reason: "the end", orderly: true }, []],
    [reply(1, done("v")), []],
    [{ type: "release", id: mine(1) }, []],
  ],
  { tasks: 0, objects: 0 },
);

test("it knows which call makes an object, until that has ended for good", () => {
  const owner = new Owner(ME);
  owner.step(submit(1, { returns: 3 }));
  owner.step({ type: "put", number: 4, value: payload("p") });
  assert.deepEqual(
    [1, 3, 4, 5].map((number) => owner.taskOf(mine(number))),
    [1, 1, undefined, undefined],
  );
  assert.equal(owner.taskOf(foreign(1)), undefined);
  owner.step(grant(1));
  owner.step(cancel(1));
  assert.equal(owner.progress(mine(2)), undefined);
  assert.equal(owner.taskOf(mine(2)), 1);
  assert.equal(owner.settled, false);
  owner.step(returned([1]));
  assert.equal(owner.taskOf(mine(2)), undefined);
  assert.equal(owner.settled, true);
});

test("a hundred thousand that wait are cancelled one by one, the last first", () => {
  const owner = new Owner(ME);
  for (let number = 1; number <= 100_000; number += 1) owner.step(submit(number));
  for (let number = 100_000; number > 1; number -= 1) owner.step(cancel(number));
  owner.drain();
  owner.step(FLUSH);
  owner.step(grant(1));
  const told = owner.drain().map((effect) => "message" in effect && effect.message);
  assert.deepEqual(
    told.map(
      (message) =>
        message && [message.type, "lacking" in message ? message.lacking : "task" in message && message.task],
    ),
    [
      ["demand", 1],
      ["call", 1],
    ],
  );
});
