// Streams in the owner brain: what stands in line, what the producer hears, what is left of it in the end. The call is task 1, and what
// its first item will be is object 2.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OwnerInput } from "./step.ts";
import { Owner } from "./owner.ts";
import {
  check,
  done,
  FLUSH,
  foreign,
  grant,
  grantApart,
  items,
  leave,
  LOSS,
  ME,
  mine,
  payload,
  reply,
  submit,
  take,
  WORKER,
} from "./scenes.ts";

const DEMAND = ["demand 1"];
const begin = (ahead: number, maxRetries = 3): readonly (readonly [OwnerInput, readonly string[]])[] => [
  [submit(1, { backpressure: ahead, maxRetries }), []],
  [FLUSH, DEMAND],
  [grant(1), [`call 1 on 1 from 0, 0 read, ${ahead} ahead`]],
];
const want = (number: number): OwnerInput => ({ type: "want", id: mine(number) });
const release = (number: number): OwnerInput => ({ type: "release", id: mine(number) });
const lost: OwnerInput = { type: "lost", worker: WORKER, loss: LOSS, ended: [] };
const TURNED: OwnerInput = { type: "turned" };
const empty = { tasks: 0, objects: 0 };

check(
  "items can be waited for before they come, and are taken in order",
  [
    ...begin(64),
    [want(2), []],
    [items(1, ["x", "y"]), ["outcome a2 x"]],
    [take(1), []],
    [take(1), []],
    [take(1), []],
    [want(4), []],
    [reply(1, done("")), ["outcome a4 "]],
    [release(2), []],
    [release(3), []],
    [release(1), []],
  ],
  empty,
);

check(
  "what is unread can still be taken when the call has ended",
  [
    ...begin(64),
    [items(1, ["x", "y"]), []],
    [reply(1, done("")), []],
    [release(1), []],
    [take(1), []],
    [want(2), ["outcome a2 x"]],
    [take(1), []],
    [release(3), []],
    [release(2), []],
  ],
  empty,
);

check(
  "a failure is the last item",
  [
    ...begin(64),
    [items(1, ["x"]), []],
    [take(1), []],
    [want(3), []],
    [
      reply(1, { kind: "thrown", thrown: payload("no"), pid: 7, by: "function", again: false }),
      ["unheard thrown", "outcome a3 thrown"],
    ],
    [take(1), []],
    [release(2), []],
    [release(3), []],
    [release(1), []],
  ],
  empty,
);

check(
  "the producer hears of half of what it may be ahead at once, and of the rest a turn later",
  [
    ...begin(4),
    [items(1, ["a", "b", "c", "d", "e"]), []],
    [take(1), []],
    [TURNED, ["read 1 of 1 on 1"]],
    [TURNED, []],
    [take(1), []],
    [take(1), ["read 3 of 1 on 1"]],
    [TURNED, []],
    [reply(1, done("")), []],
    [leave(1), []],
    ...[1, 2, 3, 4].map((number) => [release(number), []] as const),
  ],
  empty,
);

check(
  "a producer that may be ahead by any number hears nothing",
  [
    ...begin(Infinity),
    [items(1, ["a", "b"]), []],
    [take(1), []],
    [take(1), []],
    [TURNED, []],
    [reply(1, done("")), []],
    ...[1, 2, 3].map((number) => [release(number), []] as const),
  ],
  empty,
);

check(
  "another attempt passes over what has come, and begins where the reader is",
  [
    ...begin(4),
    [items(1, ["a", "b", "c"]), []],
    [take(1), []],
    [lost, ["retry 2"]],
    [FLUSH, ["demand 1 apart after 1"]],
    [grantApart(1), ["call 1 on 1 alone from 3, 1 read, 4 ahead"]],
    [items(1, ["d"]), []],
    [TURNED, []],
    [reply(1, done("")), []],
    [take(1), []],
    [take(1), []],
    [take(1), []],
    ...[1, 2, 3, 4, 5].map((number) => [release(number), []] as const),
  ],
  empty,
);

check(
  "one that may not be tried again ends with the crash, after what has come",
  [
    [submit(1, { backpressure: 4, maxRetries: 0 }), []],
    [FLUSH, ["demand 1 apart"]],
    [grantApart(1), ["call 1 on 1 alone from 0, 0 read, 4 ahead"]],
    [items(1, ["a"]), []],
    [lost, ["unheard crashed", "unheard crashed"]],
    [take(1), []],
    [want(3), ["outcome a3 crashed"]],
    [take(1), []],
    ...[1, 2, 3].map((number) => [release(number), []] as const),
  ],
  empty,
);

check(
  "a reader that leaves ends the call, and whoever waits for the next item",
  [
    ...begin(4),
    [items(1, ["a", "b"], [foreign(9)]), []],
    [want(4), []],
    [leave(1), ["release c9 2", "outcome a4 cancelled", "cancel 1 on 1"]],
    [items(1, ["c"], [foreign(9)]), ["release c9 1"]],
    [reply(1, done("")), []],
    [leave(1), []],
    [take(1), []],
    [release(1), []],
  ],
  empty,
);

check(
  "one that is cancelled gives what has come, and then says so; what still comes goes",
  [
    ...begin(4),
    [items(1, ["a"]), []],
    [
      { type: "cancel", task: 1, cancel: { how: "by me", reason: "", force: "no", recursive: true } },
      ["cancel 1 on 1"],
    ],
    [items(1, ["b"]), []],
    [take(1), []],
    [want(3), ["outcome a3 cancelled"]],
    [take(1), []],
    [reply(1, done("")), []],
    ...[1, 2, 3].map((number) => [release(number), []] as const),
  ],
  empty,
);

check(
  "nothing is pushed behind a stream, however short its kind is",
  [
    [submit(1, { backpressure: 4 }), []],
    [FLUSH, DEMAND],
    [grant(2), ["call 1 on 2 from 0, 0 read, 4 ahead"]],
    [reply(1, done(""), 2, 1), []],
    [submit(11, { backpressure: 4 }), ["call 11 on 2 from 0, 0 read, 4 ahead"]],
    [submit(21), []],
    [FLUSH, ["demand 1 after 2"]],
  ],
  undefined,
);

test("the end of the session is the last item of every stream", () => {
  const owner = new Owner(ME);
  owner.take(1);
  owner.step(submit(1, { backpressure: 4 }));
  assert.equal(owner.peek(mine(1)), mine(2));
  owner.step({ type: "closed", reason: "it ends", orderly: true });
  assert.equal(owner.outcome(owner.peek(mine(1)) ?? "")?.failure?.kind, "closed");
  owner.step(take(1));
  assert.equal(owner.peek(mine(1)), undefined);
  owner.step(submit(11, { backpressure: 4 }));
  owner.step(leave(11));
  assert.equal(owner.peek(mine(11)), undefined);
  owner.check();
});
