// The owner brain when the placement group of its calls is no more.
import { shapeOf, type TaskRequest } from "../../domain/request.ts";
import { check, done, FLUSH, grant, LOSS, mine, payload, reply, submit, WORKER } from "./scenes.ts";
import type { OwnerInput } from "./step.ts";

const plan = { id: mine(99), bundles: [{ CPU: 10_000 }], strategy: "PACK" } as const;
const request: TaskRequest = { resources: { CPU: 10_000 }, group: { ...plan, bundle: 0, captures: false } };
const SHAPE = shapeOf(request);
const GONE: OwnerInput = {
  type: "daemon",
  message: { type: "groupGone", group: plan.id, name: "", why: "removed" },
};
const want = (number: number): OwnerInput => ({ type: "want", id: mine(number) });
const lost: OwnerInput = { type: "lost", worker: WORKER, loss: { ...LOSS, forced: true }, ended: [] };

check(
  "what waits for the group fails at once, and others do not",
  [
    [submit(1, { request }), []],
    [submit(2), []],
    [want(1), []],
    [FLUSH, ["demand 1", "demand 1"]],
    [GONE, ["outcome a1 groupGone"]],
    [FLUSH, []],
    // It was granted before the group went.
    [grant(1, WORKER, SHAPE), ["giveBack 1"]],
    [FLUSH, []],
  ],
  { tasks: 1, objects: 2 },
);

check(
  "what runs in it fails at once, and its worker is ended",
  [
    [submit(1, { request, maxRetries: -1 }), []],
    [want(1), []],
    [FLUSH, ["demand 1"]],
    [grant(1, WORKER, SHAPE), ["call 1 on 1"]],
    [GONE, ["endWorker of 1 and its children", "outcome a1 groupGone"]],
    // Once more changes nothing.
    [GONE, []],
    [FLUSH, []],
    [lost, []],
    [FLUSH, []],
  ],
  { tasks: 0, objects: 1 },
);

check(
  "one that has ended by itself meanwhile has failed all the same, and its result is dropped",
  [
    [submit(1, { request }), []],
    [want(1), []],
    [FLUSH, ["demand 1"]],
    [grant(1, WORKER, SHAPE), ["call 1 on 1"]],
    [GONE, ["endWorker of 1 and its children", "outcome a1 groupGone"]],
    [reply(1, done("late")), []],
    [FLUSH, []],
    [lost, []],
  ],
  { tasks: 0, objects: 1 },
);

check(
  "one that comes back, or comes later, is asked for again, and hears it then",
  [
    [submit(1, { request }), []],
    [want(1), []],
    [FLUSH, ["demand 1"]],
    [grant(1, WORKER, SHAPE), ["call 1 on 1"]],
    [
      {
        type: "worker",
        worker: WORKER,
        message: { type: "returned", lease: 1, tasks: [1], over: true, blocked: false },
      },
      [],
    ],
    [FLUSH, ["demand 1 after 1"]],
    [GONE, ["outcome a1 groupGone"]],
    [submit(2, { request }), []],
    [FLUSH, ["demand 1 after 1"]],
    // Nobody waits for this one, and whoever has removed the group knows.
    [GONE, []],
    [FLUSH, []],
  ],
  { tasks: 0, objects: 2 },
);

check(
  "what waits for its arguments, or to be tried again, fails with the group at once too",
  [
    [submit(9), []],
    [submit(1, { request, dependencies: [{ position: 0, id: mine(9) }] }), []],
    [submit(2, { request, retryOn: "any", retryDelay: { baseMs: 6_000, maxMs: 6_000, factor: 1, jitter: false } }), []],
    [want(1), []],
    [want(2), []],
    [FLUSH, ["demand 1", "demand 1"]],
    [grant(1, WORKER, SHAPE), ["call 2 on 1"]],
    [
      reply(2, { kind: "thrown", thrown: payload("bad"), pid: 7, by: "function", again: true }),
      ["retry 2", "delay 2 6000"],
    ],
    [GONE, ["outcome a1 groupGone", "unguard 2", "outcome a2 groupGone"]],
    [{ type: "due", task: 2 }, []],
  ],
  { tasks: 1, objects: 3 },
);
