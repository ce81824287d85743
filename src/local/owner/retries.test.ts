// The owner brain when calls fail: who is charged, what is tried again, and when.
import type { Reply } from "../../protocol/worker.ts";
import { LOSS, lost, mine, foreign, payload, grant, grantApart, reply, done, submit, FLUSH, check } from "./scenes.ts";

check("a crash with one call in flight is charged to it until its retries are spent", [
  [submit(1, { maxRetries: 1 }), []],
  [{ type: "want", id: mine(1) }, []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [lost(LOSS), ["retry 2"]],
  [FLUSH, ["demand 1 apart after 1"]],
  [grantApart(2), ["call 1 on 2 alone"]],
  [lost(LOSS), ["outcome a1 crashed"]],
]);

check("process.exit is charged to its caller alone, calls queued behind it run again for nothing", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [reply(1, done("v"), 1, 10), []],
  [submit(2, { maxRetries: 0 }), []],
  [FLUSH, ["demand 1 apart after 1"]],
  [grantApart(2), ["call 2 on 2 alone"]],
  [{ type: "want", id: mine(2) }, []],
  [reply(2, { kind: "exited", code: 3, module: "" }, 2), []],
  [lost(LOSS), ["outcome a2 exited"]],
]);

check("with several calls in flight each is charged, since it may have been the one, and runs alone afterwards", [
  [submit(1), []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [reply(1, done("v"), 1, 10), []],
  [submit(2, { maxRetries: 1 }), ["call 2 on 1"]],
  [submit(3, { maxRetries: 1 }), ["call 3 on 1"]],
  [lost(LOSS), ["retry 2", "retry 2"]],
  [{ type: "want", id: mine(2) }, []],
  [FLUSH, ["demand 2 apart after 1"]],
  [grantApart(2), ["call 2 on 2 alone"]],
  [lost(LOSS), ["outcome a2 crashed"]],
]);

check("a call that came too late for a lease that had ended has not begun: what ends the worker then is another's", [
  [submit(1, { maxRetries: 0 }), []],
  [FLUSH, ["demand 1 apart"]],
  [grantApart(1), ["call 1 on 1 alone"]],
  [lost(LOSS, [{ lease: 1, begun: 0 }]), []],
  [FLUSH, ["demand 1 apart after 1"]],
  [grantApart(2), ["call 1 on 2 alone"]],
]);

check("calls that came too late for a worker that was told to go have not begun: nothing is charged or told", [
  [submit(1, { maxRetries: 0 }), []],
  [FLUSH, ["demand 1 apart"]],
  [grantApart(1), ["call 1 on 1 alone"]],
  [lost({ ...LOSS, exitCode: 0, retired: true }), []],
  [FLUSH, ["demand 1 apart after 1"]],
  [grantApart(2), ["call 1 on 2 alone"]],
]);

const thrown = (again: boolean): Reply => ({
  kind: "thrown",
  thrown: payload("bad", [foreign(9)]),
  pid: 7,
  by: "function",
  again,
});
const flaky = { retryOn: "any", maxRetries: 1 } as const;

check("an error that is worth it is tried again at once, ahead of those that wait, as long as there is budget", [
  [submit(1, flaky), []],
  [submit(2), []],
  [{ type: "want", id: mine(1) }, []],
  [FLUSH, ["demand 2"]],
  [grant(1), ["call 1 on 1"]],
  // What came with the error is given back.
  [reply(1, thrown(true), 1, 50_000), ["retry 2", "call 1 on 1", "release c9 1"]],
  [reply(1, thrown(true), 1, 50_000), ["outcome a1 thrown", "call 2 on 1"]],
]);

check("errors and crashes have one budget", [
  [submit(1, flaky), []],
  [{ type: "want", id: mine(1) }, []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [lost(LOSS), ["retry 2"]],
  [FLUSH, ["demand 1 apart after 1"]],
  [grantApart(2), ["call 1 on 2 alone"]],
  [reply(1, thrown(true), 2), ["outcome a1 thrown"]],
]);

check("an error that is not worth it is the end, whatever is left", [
  [submit(1, flaky), []],
  [{ type: "want", id: mine(1) }, []],
  [FLUSH, ["demand 1"]],
  [grant(1), ["call 1 on 1"]],
  [reply(1, thrown(false)), ["outcome a1 thrown"]],
]);

check(
  "another attempt comes when it is due, each after a longer delay up to a bound, and not after the end of the session",
  [
    [submit(1, { ...flaky, maxRetries: 9, retryDelay: { baseMs: 10, maxMs: 25, factor: 2, jitter: true } }), []],
    [FLUSH, ["demand 1"]],
    [grant(1), ["call 1 on 1"]],
    [reply(1, thrown(true)), ["retry 2", "delay 1 10 or less", "release c9 1"]],
    [{ type: "due", task: 1 }, ["call 1 on 1"]],
    // Nobody waits for this any more.
    [{ type: "due", task: 1 }, []],
    [lost(LOSS), ["retry 3", "delay 1 20 or less"]],
    [{ type: "due", task: 1 }, []],
    [FLUSH, ["demand 1 apart after 1"]],
    [grantApart(2), ["call 1 on 2 alone"]],
    [reply(1, thrown(true), 2), ["retry 4", "delay 1 25 or less", "release c9 1"]],
    [{ type: "closed", reason: "the end", orderly: true }, []],
    [{ type: "due", task: 1 }, []],
  ],
  { tasks: 0, objects: 1 },
);
