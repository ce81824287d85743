// What is lost around actors: arguments of their calls and of their constructors, after they have come, and what their methods have made.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MethodCall } from "../../domain/actor.ts";
import type { TaskSpec } from "../../domain/task.ts";
import {
  check,
  done,
  foreign,
  grant,
  large,
  LOSS,
  made,
  mine,
  on,
  OTHER,
  release,
  reply,
  submit,
  unreadable,
  want,
  WORKER,
} from "./scenes.ts";
import { isTelling } from "./objects.ts";
import type { OwnerInput } from "./step.ts";

const ACTOR = foreign(50);
const HOLD: OwnerInput = { type: "hold", id: ACTOR };
const CANCEL = { how: "by hand", reason: "", force: "no", recursive: true } as const;

const method = (ordered: boolean, maxRetries = 0): Pick<TaskSpec, "method" | "maxRetries"> => {
  const called: MethodCall = { actor: ACTOR, className: "C", method: "m", group: "", ordered };
  return { method: called, maxRetries };
};
const call = (number: number, change: Partial<TaskSpec> = {}): OwnerInput =>
  submit(number, { ...method(true), ...change });

const actorAt = (seat: number, restartable = false): OwnerInput => ({
  type: "daemon",
  message: { type: "actorAt", actor: ACTOR, seat, worker: OTHER, address: "sock", resources: {}, restartable },
});
const restarting: OwnerInput = { type: "lost", worker: OTHER, loss: LOSS, ended: [], actor: { id: ACTOR } };
const begun = (task: number, lease: number): OwnerInput => ({
  type: "worker",
  worker: OTHER,
  message: { type: "begun", lease, task },
});
const lacks = (task: number, file: number, lease = 7): OwnerInput =>
  reply(task, { kind: "unreadable", stored: foreign(file) }, lease);

/** The result of a call, and an actor. */
const SCENE: readonly (readonly [OwnerInput, readonly string[]])[] = [
  [HOLD, []],
  [submit(1), []],
  [grant(1), ["call 1 on 1"]],
  [reply(1, made("one", 1)), []],
];
const AGAIN = ["retry 2", "call 1 on 1", "release c1 1"];

check(
  "a call that could not read an argument waits for it, and others behind it, whether they are there already or not",
  [
    ...SCENE,
    [call(2, on(1)), ["seek"]],
    [call(3), []],
    [actorAt(7), ["hold c1 for c", "call 2 on 7", "call 3 on 7"]],
    [lacks(2, 1), ["again on 7", ...AGAIN]],
    [call(4), []],
    [reply(1, made("one", 3)), ["hold c3 for c", "call 2 on 7", "call 3 on 7", "call 4 on 7"]],
    [want(2), []],
    [reply(2, done("two"), 7), ["outcome a2 two"]],
  ],
);

check("calls whose order does not matter go on while one of them waits for a lost argument", [
  ...SCENE,
  [call(2, { ...on(1), ...method(false) }), ["seek"]],
  [actorAt(7), ["hold c1 for c", "call 2 on 7"]],
  [lacks(2, 1), AGAIN],
  [call(4, method(false)), ["call 4 on 7"]],
  [reply(1, made("one", 3)), ["hold c3 for c", "call 2 on 7"]],
]);

check("an argument that is lost before the actor is there is waited for again", [
  ...SCENE,
  [call(2, on(1)), ["seek"]],
  [call(3), []],
  [unreadable(1, 1), AGAIN],
  [actorAt(7), []],
  [reply(1, made("one", 3)), ["hold c3 for c", "call 2 on 7", "call 3 on 7"]],
]);

check("calls that had not begun when their actor was lost keep their order, though one waits for a lost argument", [
  ...SCENE,
  [call(2, on(1)), ["seek"]],
  [call(3), []],
  [actorAt(7, true), ["hold c1 for c", "call 2 on 7 alone", "call 3 on 7 alone"]],
  [call(4), ["call 4 on 7 alone"]],
  [restarting, []],
  [unreadable(1, 1), AGAIN],
  [actorAt(8, true), []],
  [reply(1, made("one", 3)), ["hold c3 for c", "call 2 on 8 alone", "call 3 on 8 alone", "call 4 on 8 alone"]],
]);

check("a call that is tried again waits for a lost argument beside the others, whose order it has left", [
  ...SCENE,
  [call(2, { ...on(1), ...method(true, 1) }), ["seek"]],
  [actorAt(7, true), ["hold c1 for c", "call 2 on 7 alone"]],
  [begun(2, 7), []],
  [restarting, ["retry 2"]],
  [unreadable(1, 1), AGAIN],
  [call(3), []],
  [actorAt(8, true), ["call 3 on 8 alone"]],
  [reply(1, made("one", 3)), ["hold c3 for c", "call 2 on 8 alone"]],
  [lacks(2, 3, 8), ["again on 8", "retry 3", "call 1 on 1", "release c3 1", "call 3 on 8 alone"]],
  [reply(1, made("one", 4)), ["hold c4 for c", "call 2 on 8 alone"]],
]);

check(
  "a call that is cancelled while it waits again holds up nobody",
  [
    ...SCENE,
    [call(2, on(1)), ["seek"]],
    [actorAt(7), ["hold c1 for c", "call 2 on 7"]],
    [lacks(2, 1), ["again on 7", ...AGAIN]],
    [call(3), []],
    [{ type: "cancel", task: 2, cancel: CANCEL }, ["call 3 on 7"]],
    [want(2), ["outcome a2 cancelled"]],
    [reply(1, made("one", 3)), []],
    [reply(3, done("three"), 7), []],
    [release(1), ["release c3 1"]],
    [release(2), []],
    [release(3), []],
    [{ type: "release", id: ACTOR }, []],
  ],
  { tasks: 0, objects: 0 },
);

check(
  "what is cancelled while it comes back, behind a call that lacks an argument, is over",
  [
    ...SCENE,
    [call(2, on(1)), ["seek"]],
    [call(3), []],
    [call(4), []],
    [actorAt(7), ["hold c1 for c", "call 2 on 7", "call 3 on 7", "call 4 on 7"]],
    [{ type: "cancel", task: 3, cancel: CANCEL }, ["cancel 3 on 7"]],
    [lacks(2, 1), ["again on 7", ...AGAIN]],
    [reply(1, made("one", 3)), ["hold c3 for c", "call 2 on 7", "call 4 on 7"]],
    [reply(2, done("two"), 7), []],
    [reply(4, done("four"), 7), []],
    [release(1), ["release c3 1"]],
    [release(2), []],
    [release(3), []],
    [release(4), []],
    [{ type: "release", id: ACTOR }, []],
  ],
  { tasks: 0, objects: 0 },
);

check("a call fails with its argument when that cannot be made again, and the next one goes on", [
  [HOLD, []],
  [{ type: "put", number: 1, value: large("p", 1) }, []],
  [call(2, on(1)), ["seek"]],
  [call(3), []],
  [want(2), []],
  [actorAt(7), ["hold c1 for c", "call 2 on 7", "call 3 on 7"]],
  [lacks(2, 1), ["again on 7", "call 3 on 7", "outcome a2 lost"]],
  [call(4), ["call 4 on 7"]],
]);

check("a call fails that could not read what was passed to it by value", [
  [HOLD, []],
  [call(2, { args: large("args", 9) }), ["seek"]],
  [want(2), []],
  [actorAt(7), ["hold c9 for c", "call 2 on 7"]],
  [lacks(2, 9), ["again on 7", "outcome a2 argumentsLost"]],
]);

check(
  "what a method has made is made again by it, in no place among the others, as long as somebody has the actor",
  [
    [HOLD, []],
    [call(1, method(true, 2)), ["seek"]],
    [actorAt(7), ["call 1 on 7"]],
    [reply(1, made("v", 1), 7), []],
    [submit(2), []],
    [grant(1), ["call 2 on 1"]],
    [call(3, on(2)), []],
    [unreadable(1, 1), ["retry 2", "call 1 on 7", "release c1 1"]],
    [want(1), []],
    [reply(1, made("w", 2), 7), ["outcome a1 w"]],
    [unreadable(1, 2), ["retry 3", "call 1 on 7", "release c2 1"]],
    [reply(1, made("x", 3), 7), []],
    [unreadable(1, 3), ["release c3 1"]],
    [want(1), ["outcome a1 notRemade"]],
    [reply(2, done("two")), ["call 3 on 7"]],
    [reply(3, done("three"), 7), []],
    [release(1), []],
    [release(2), []],
    [release(3), []],
    [{ type: "release", id: ACTOR }, []],
  ],
  { tasks: 0, objects: 0 },
);

check("what a method has made is told as lost when it may not be tried again, or nobody has the actor", [
  [HOLD, []],
  [call(1), ["seek"]],
  [call(2, method(true, 2)), []],
  [actorAt(7), ["call 1 on 7", "call 2 on 7"]],
  [reply(1, made("one", 1), 7), []],
  [reply(2, made("two", 2), 7), []],
  [unreadable(1, 1), ["release c1 1"]],
  [want(1), ["outcome a1 notRemade"]],
  [{ type: "release", id: ACTOR }, []],
  [unreadable(2, 2), ["release c2 1"]],
  [want(2), ["outcome a2 notRemade"]],
]);

const sole = { ...method(true, 2).method, sole: true } as MethodCall;
const needed = (stored: number): OwnerInput => ({
  type: "daemon",
  message: { type: "lost", id: mine(1), stored: foreign(stored), reader: OTHER },
});

for (const [who, called, after] of [
  ["does nothing else meanwhile", sole, ["release c1 1", "publish a1 notRemade"]],
  ["runs other calls meanwhile", { ...sole, sole: false }, ["retry 2", "call 1 on 7", "release c1 1"]],
] as const) {
  check(`what a method has made and its actor needs itself, which ${who}`, [
    [HOLD, []],
    [call(1, { method: called, maxRetries: 2 }), ["seek"]],
    [actorAt(7), ["call 1 on 7"]],
    [reply(1, made("v", 1), 7), []],
    [{ type: "sending", ids: [mine(1)], to: OTHER }, ["share a1", "publish a1 v", "hold a1 for c"]],
    [needed(1), after],
  ]);
}

const soleCall = (number: number, change: Partial<TaskSpec> = {}): OwnerInput =>
  submit(number, { method: sole, maxRetries: 2, ...change });

check("what a method has made and its actor needs itself, when that is being made again already", [
  [HOLD, []],
  [soleCall(1), ["seek"]],
  [actorAt(7), ["call 1 on 7"]],
  [reply(1, made("v", 1), 7), []],
  [{ type: "sending", ids: [mine(1)], to: OTHER }, ["share a1", "publish a1 v", "hold a1 for c"]],
  [soleCall(2), ["call 2 on 7"]],
  [unreadable(1, 1), ["retry 2", "call 1 on 7", "release c1 1"]],
  [want(1), []],
  // Somebody else waits for it too.
  [{ type: "daemon", message: { type: "lost", id: mine(1), stored: foreign(1), reader: WORKER } }, []],
  [needed(1), ["publish a1 notRemade", "outcome a1 notRemade", "publish a1 notRemade"]],
  [reply(2, done("two"), 7), []],
  [reply(1, made("w", 2), 7), ["release c2 1"]],
  [needed(1), ["publish a1 notRemade"]],
]);

type Steps = readonly (readonly [OwnerInput, readonly string[]])[];

/** A call runs that takes what a method has made. */
const TAKES_ITS_OWN: Steps = [
  [HOLD, []],
  [soleCall(1), ["seek"]],
  [actorAt(7), ["call 1 on 7"]],
  [reply(1, made("v", 1), 7), []],
  [submit(2, on(1)), []],
  [grant(1), ["hold c1 for b", "call 2 on 1"]],
];
const FROM_ITS_OWN: Steps = [
  ...TAKES_ITS_OWN,
  [reply(2, made("w", 2)), []],
  [{ type: "sending", ids: [mine(2)], to: OTHER }, ["share a2", "publish a2 w", "hold a2 for c"]],
  [soleCall(3), ["call 3 on 7"]],
];
const neededToo: OwnerInput = {
  type: "daemon",
  message: { type: "lost", id: mine(2), stored: foreign(2), reader: OTHER },
};

/** For long. */
const awaitedBy = (reader: string): OwnerInput => ({
  type: "daemon",
  message: { type: "lost", id: mine(2), stored: mine(2), reader },
});

check("what was made of what its reader, an actor, has to make again first", [
  ...FROM_ITS_OWN,
  [unreadable(1, 1), ["retry 2", "call 1 on 7", "release c1 1"]],
  [neededToo, ["release c2 1", "publish a2 notRemade"]],
]);

check("what is being made again of what its reader, an actor, has to make again first", [
  ...FROM_ITS_OWN,
  [unreadable(2, 2), ["retry 2", "hold c1 for b", "call 2 on 1", "release c2 1"]],
  [reply(2, { kind: "unreadable", stored: foreign(1) }), ["retry 2", "call 1 on 7", "release c1 1"]],
  [neededToo, ["publish a2 notRemade", "publish a2 notRemade"]],
]);

check("what was never made, of what its reader, an actor, has to make again first", [
  ...TAKES_ITS_OWN,
  [{ type: "sending", ids: [mine(2)], to: OTHER }, ["share a2", "hold a2 for c"]],
  [soleCall(3), ["call 3 on 7"]],
  [awaitedBy(OTHER), []],
  [reply(2, { kind: "unreadable", stored: foreign(1) }), ["retry 2", "call 1 on 7", "release c1 1"]],
  [awaitedBy(WORKER), []],
  [awaitedBy(OTHER), ["publish a2 notRemade", "publish a2 notRemade"]],
  [reply(3, done("three"), 7), []],
  [reply(1, made("w", 2), 7), ["hold c2 for b", "call 2 on 1"]],
  [reply(2, done("two")), []],
]);

const DEAD = { end: "killed", className: "C", name: "", namespace: "", restarts: 0 } as const;

check("what a method has made is told as lost when its actor has ended", [
  [HOLD, []],
  [call(1, method(true, 2)), ["seek"]],
  [actorAt(7), ["call 1 on 7"]],
  [reply(1, made("v", 1), 7), []],
  [{ ...restarting, actor: { id: ACTOR, death: DEAD } }, []],
  [unreadable(1, 1), ["release c1 1"]],
  [want(1), ["outcome a1 notRemade"]],
]);

test("who has killed an actor knows of its calls, and need not be told that nobody asked for them", () => {
  const died = (end: "killed" | "crashed"): boolean =>
    isTelling({
      failure: { kind: "actorDied", name: "f", actor: "a", death: { ...DEAD, end }, begun: true, site: "" },
    });
  assert.deepEqual([died("killed"), died("crashed")], [false, true]);
});
