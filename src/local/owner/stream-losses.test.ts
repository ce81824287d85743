// Items of streams whose parts in the store are lost: made again by another attempt of the call, which had ended or still runs. The call
// is task 1, and its items are objects 2, 3 and so on, in files 1, 2 and so on.
import {
  check,
  done,
  FLUSH,
  grant,
  grantApart,
  items,
  largeItems,
  leave,
  lost,
  LOSS,
  made,
  on,
  payload,
  release,
  reply,
  submit,
  take,
  unreadable,
  want,
} from "./scenes.ts";
import type { OwnerInput } from "./step.ts";
import type { TaskSpec } from "../../domain/task.ts";

type Row = readonly [OwnerInput, readonly string[]];
const DONE = reply(1, done(""));
const TAKE: Row = [take(1), []];
const CANCEL = "cancel 1 on 1";
const begin = (ahead = 64, change: Partial<TaskSpec> = {}): readonly Row[] => [
  [submit(1, { backpressure: ahead, ...change }), []],
  [FLUSH, [`demand 1${change.maxRetries === 0 ? " apart" : ""}`]],
];
const GRANTED: Row = [grant(1), ["call 1 on 1 from 0, 0 read, 64 ahead"]];
/** Three items that were taken, and the end. */
const taken: readonly Row[] = [...begin(), GRANTED, [largeItems(1, [1, 2, 3]), []], TAKE, TAKE, TAKE, [DONE, []]];
const letGo = (...numbers: readonly number[]): Row[] => numbers.map((number) => [release(number), []]);
const empty = { tasks: 0, objects: 0 };

check(
  "an item is made again by its call, which had ended, and the others as they were until they are lost too",
  [
    ...taken,
    [unreadable(3, 2), ["retry 2", "call 1 on 1 for 0, 1, 2 alone", "release c2 1"]],
    [want(3), []],
    [largeItems(1, [11, 12, 13]), ["outcome a3 v12"]],
    [DONE, []],
    [want(4), ["outcome a4 v3"]],
    [unreadable(4, 3), ["release c3 1"]],
    [want(4), ["outcome a4 v13"]],
    [release(2), ["release c11 1", "release c1 1"]],
    [release(3), ["release c12 1"]],
    [release(4), ["release c13 1"]],
    [release(1), []],
  ],
  empty,
);

check(
  "two that are lost are made again by one attempt, and not what somebody has let go of",
  [
    ...taken,
    [release(2), ["release c1 1"]],
    [unreadable(3, 2), ["retry 2", "call 1 on 1 for 1, 2 alone", "release c2 1"]],
    [unreadable(4, 3), ["release c3 1"]],
    [want(3), []],
    [want(4), []],
    [largeItems(1, [12, 13]), ["outcome a3 v12", "outcome a4 v13"]],
    [DONE, []],
    [release(3), ["release c12 1"]],
    [release(4), ["release c13 1"]],
    [release(1), []],
  ],
  empty,
);

check(
  "one that is let go of while it is made again goes when it comes",
  [
    ...taken,
    [release(2), ["release c1 1"]],
    [release(4), ["release c3 1"]],
    [unreadable(3, 2), ["retry 2", "call 1 on 1 for 1 alone", "release c2 1"]],
    [release(3), []],
    [largeItems(1, [12]), ["release c12 1"]],
    [DONE, []],
    [release(1), []],
  ],
  empty,
);

check(
  "an item that was unread when it was lost is read when it was made again",
  [
    ...begin(),
    GRANTED,
    [largeItems(1, [1]), []],
    [DONE, []],
    [unreadable(2, 1), ["retry 2", "call 1 on 1 for 0 alone", "release c1 1"]],
    [want(2), []],
    [largeItems(1, [11]), ["outcome a2 v11"]],
    TAKE,
    [DONE, []],
    [release(2), ["release c11 1"]],
    [release(1), []],
  ],
  empty,
);

check(
  "one that throws, or makes fewer, when it runs once more says so of what is lost, and of nothing else",
  [
    ...taken,
    [unreadable(4, 3), ["retry 2", "call 1 on 1 for 0, 1, 2 alone", "release c3 1"]],
    [want(4), []],
    [largeItems(1, [11]), []],
    [DONE, ["outcome a4 notRemade"]],
    [unreadable(3, 2), ["retry 3", "call 1 on 1 for 0, 1 alone", "release c2 1"]],
    [want(3), []],
    [reply(1, { kind: "thrown", thrown: payload("no"), pid: 7, by: "function", again: false }), ["outcome a3 thrown"]],
    [want(2), ["outcome a2 v1"]],
    [want(1), ["outcome a1 "]],
    [release(2), ["release c11 1", "release c1 1"]],
    ...letGo(3, 4, 1),
  ],
  empty,
);

check(
  "has as many attempts as any call, of which a crash takes one",
  [
    ...begin(64, { maxRetries: 2 }),
    GRANTED,
    [largeItems(1, [1]), []],
    TAKE,
    [DONE, []],
    [unreadable(2, 1), ["retry 2", "call 1 on 1 for 0 alone", "release c1 1"]],
    [lost(LOSS), ["retry 3"]],
    [FLUSH, ["demand 1 apart after 1"]],
    [grantApart(1), ["call 1 on 1 alone for 0 alone"]],
    [largeItems(1, [11]), []],
    [DONE, []],
    [unreadable(2, 11), ["release c11 1"]],
    [want(2), ["outcome a2 notRemade"]],
    ...letGo(2, 1),
  ],
  empty,
);

check(
  "an item of a call that may not be tried again, or has no attempts left, is told as lost, also while it runs",
  [
    ...begin(64, { maxRetries: 0 }),
    [grantApart(1), ["call 1 on 1 alone from 0, 0 read, 64 ahead"]],
    [largeItems(1, [1, 2]), []],
    TAKE,
    TAKE,
    [unreadable(2, 1), ["release c1 1"]],
    [want(2), ["outcome a2 notRemade"]],
    [DONE, []],
    [unreadable(3, 2), ["release c2 1"]],
    [want(3), ["outcome a3 notRemade"]],
    ...letGo(3, 2, 1),
  ],
  empty,
);

check(
  "one that was left by its reader makes again what that has, when its worker has ended it",
  [
    ...begin(),
    GRANTED,
    [largeItems(1, [1, 2]), []],
    TAKE,
    [leave(1), ["release c2 1", CANCEL]],
    [unreadable(2, 1), ["release c1 1"]],
    [want(2), []],
    [DONE, ["retry 2", "call 1 on 1 for 0 alone"]],
    [largeItems(1, [11]), ["outcome a2 v11"]],
    [DONE, []],
    [release(2), ["release c11 1"]],
    [release(1), []],
  ],
  empty,
);

check(
  "one that was left while it waited for another attempt begins that for what its reader has",
  [
    ...begin(64, { retryDelay: { baseMs: 10, maxMs: 10, factor: 1, jitter: false } }),
    GRANTED,
    [largeItems(1, [1, 2]), []],
    TAKE,
    [lost(LOSS), ["retry 2", "delay 1 10"]],
    [leave(1), ["release c2 1", "unguard 1"]],
    [unreadable(2, 1), ["retry 2", "release c1 1"]],
    [FLUSH, ["demand 1 apart after 1"]],
    [grantApart(1), ["call 1 on 1 alone for 0 alone"]],
    [largeItems(1, [11]), []],
    [DONE, []],
    ...letGo(1),
    [release(2), ["release c11 1"]],
  ],
  empty,
);

check(
  "one that was cancelled makes nothing again",
  [
    ...begin(),
    GRANTED,
    [largeItems(1, [1]), []],
    TAKE,
    [{ type: "cancel", task: 1, cancel: { how: "by me", reason: "", force: "no", recursive: true } }, [CANCEL]],
    [DONE, []],
    [unreadable(2, 1), ["release c1 1"]],
    [want(2), ["outcome a2 notRemade"]],
  ],
  undefined,
);

check(
  "one that still runs begins anew, makes what is lost first, and goes on where it was, whatever its worker has said meanwhile",
  [
    ...begin(4),
    [grant(1), ["call 1 on 1 from 0, 0 read, 4 ahead"]],
    [largeItems(1, [1, 2, 3, 4, 5]), []],
    TAKE,
    [unreadable(2, 1), [CANCEL, "release c1 1"]],
    [want(2), []],
    [unreadable(3, 2), ["release c2 1"]],
    [DONE, ["retry 2", "call 1 on 1 from 5, 1 read, 4 ahead, again 0, 1, 2, 3, 4"]],
    [largeItems(1, [11, 12, 13, 14, 15]), ["outcome a2 v11"]],
    [items(1, ["x"]), []],
    [DONE, []],
    [release(2), ["release c11 1"]],
    TAKE,
    [want(3), ["outcome a3 v12"]],
    [leave(1), ["release c13 1", "release c3 1", "release c14 1", "release c4 1", "release c15 1", "release c5 1"]],
    [release(3), ["release c12 1"]],
    [release(1), []],
  ],
  empty,
);

check(
  "one whose worker is lost before it has begun anew makes again what is lost by the attempt that follows",
  [
    ...begin(),
    GRANTED,
    [largeItems(1, [1, 2]), []],
    TAKE,
    [unreadable(2, 1), [CANCEL, "release c1 1"]],
    [lost(LOSS), ["retry 2"]],
    [FLUSH, ["demand 1 apart after 1"]],
    [grantApart(1), ["call 1 on 1 alone from 2, 1 read, 64 ahead, again 0, 1"]],
    [largeItems(1, [11, 12, 13]), []],
    [DONE, []],
    [want(2), ["outcome a2 v11"]],
    [leave(1), ["release c12 1", "release c2 1", "release c13 1"]],
    [release(2), ["release c11 1"]],
    [release(1), []],
  ],
  empty,
);

check(
  "an item that nobody has any more is made again for a call that needs it",
  [
    ...begin(),
    GRANTED,
    [largeItems(1, [1, 2]), []],
    TAKE,
    TAKE,
    [DONE, []],
    [submit(9, on(3)), ["hold c2 for b", "call 9 on 1"]],
    [release(3), []],
    [release(2), ["release c1 1"]],
    [reply(9, made("f", 9)), ["release c2 1"]],
    [release(1), []],
    [unreadable(9, 9), ["retry 2", "retry 2", "call 1 on 1 for 1 alone", "release c9 1"]],
    [largeItems(1, [12]), []],
    [DONE, ["hold c12 for b", "call 9 on 1"]],
    [reply(9, made("f", 19)), ["release c12 1"]],
    [release(9), ["release c19 1"]],
  ],
  empty,
);
