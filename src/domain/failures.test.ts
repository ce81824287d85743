// The texts of errors: each says what happened, to whom, where, and what to do; and the fields agree with the text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { actorDied } from "./actor-failures.ts";
import * as failures from "./failures.ts";
import { fileTooLarge, objectFreed, objectLost, objectStoreFull, outOfDisk, ownerDied } from "./object-failures.ts";

const DIED = { id: "ab", owner: "cd" };
const KILLED = { pid: 7, exitCode: null, signal: "SIGKILL", lastStderr: "" };
const call = { name: "parse", site: "main.ts:3:5" };
const crash = { ...call, pid: 42, exitCode: null, signal: "SIGSEGV", lastStderr: "first\nlast\n", attempts: 4 };
const node = { nodeId: "a0a", total: { CPU: 20_000, x: 1 }, labels: { zone: "a" } };
const pending = Array.from({ length: 5 }, (_, index) => ({
  id: `0${index}`,
  name: "slow",
  state: "waiting for a free CPU",
}));

const cases: readonly [error: Error & { code: string }, parts: readonly string[]][] = [
  [
    failures.workerCrashed(crash),
    ["Worker process 42", "SIGSEGV", "task parse", "4 times", "main.ts:3:5", "| first", "| last", "maxRetries"],
  ],
  [
    failures.taskExited({ ...crash, exitCode: 3, module: "file:///m.mjs" }),
    ["The module file:///m.mjs, which task", "isWorker"],
  ],
  [failures.workerCrashed({ ...crash, exitCode: 3, signal: null, attempts: 1 }), ["exited with code 3", "once"]],
  [failures.workerCrashed({ ...crash, signal: "SIGKILL" }), ["out of memory"]],
  [
    failures.taskExited({ ...crash, exitCode: 2, signal: null, module: "" }),
    ["parse", "process.exit(2)", "42", "Return a value"],
  ],
  [
    failures.outOfMemory({
      ...call,
      pid: 42,
      exitCode: null,
      signal: "SIGABRT",
      lastStderr: "heap out of memory",
      attempts: 4,
    }),
    ["parse", "process 42", "SIGABRT", "4 times", "heap out of memory", "--max-old-space-size"],
  ],
  [
    failures.taskCancelled({ ...call, how: "by the driver", reason: "not needed" }),
    ["parse", "by the driver", "not needed", "main.ts:3:5"],
  ],
  [
    failures.unschedulable({ ...call, request: { resources: { CPU: 80_000, x: 1 } }, node }),
    ["parse", "CPU 8", "CPU 2", "too little of: CPU\n"],
  ],
  [
    failures.unschedulable({ ...call, request: { resources: { GPU: 10_000 } }, node }),
    ["parse", "GPU 1", "too little of: GPU\n"],
  ],
  [
    failures.unschedulable({ ...call, request: { resources: { gpu: 10_000, cpus: 20_000, xs: 1 } }, node }),
    ["gpu (did you mean numGpus: 1?)", "cpus (did you mean numCpus: 2?)"],
  ],
  [
    failures.unschedulable({ ...call, request: { resources: {}, labels: { zone: "!in(a,b)", os: "linux" } }, node }),
    ["parse", 'os: "linux"', 'zone: "!in(a,b)"', 'zone: "a"', "not met: zone, os\n", "main.ts:3:5", "init({ labels })"],
  ],
  [
    failures.unschedulable({ ...call, request: { resources: {}, node: { nodeId: "b0b", soft: false } }, node }),
    ["parse", "node b0b", "node is a0a", "main.ts:3:5", "soft: true"],
  ],
  [
    failures.getTimeout({ timeoutMs: 10, total: 9, pending: { first: pending, count: 7 } }),
    ["10 ms", "7 of 9", "slow, 04: waiting for a free CPU", "and 2 more"],
  ],
  [
    failures.sessionClosed({ what: "get() of parse", reason: "shutdown was called", orderly: true }),
    ["get() of parse", "shutdown was called", "Wait for"],
  ],
  [
    failures.sessionClosed({ what: "get()", reason: "the daemon died", orderly: false }),
    ["the daemon died", "by itself"],
  ],
  [objectFreed({ id: "ab", what: "get()" }), ["get()", "ObjectRef(ab)", "using"]],
  [objectLost({ id: "ab", reason: "its owner let it go" }), ["ObjectRef(ab)", "its owner let it go"]],
  [
    outOfDisk({
      bytes: 3e9,
      label: "a result of make (main.ts:3:5)",
      folder: "/tmp/b",
      reason: "ENOSPC",
      hasMemory: true,
      holders: [{ label: "a value put at main.ts:9:1", bytes: 5e9 }],
    }),
    [
      "3.0 GB of a result of make (main.ts:3:5): the memory of the object store is full, and so is the disk of",
      "/tmp/b",
      "ENOSPC",
      "5.0 GB a value put at main.ts:9:1",
      "spillDirectory",
    ],
  ],
  [
    objectStoreFull({ bytes: 1e6, label: "a value", folder: "/x", reason: "EROFS", hasMemory: true, holders: [] }),
    ["1.0 MB of a value: the memory", "/x (EROFS)", "objectStoreMemory", "spillDirectory"],
  ],
  [
    outOfDisk({ bytes: 1e6, label: "a value", folder: "/x", reason: "ENOSPC", hasMemory: false, holders: [] }),
    ["1.0 MB of a value: the disk of /x, where all large values are, is full (ENOSPC)", "spillDirectory"],
  ],
  [
    objectStoreFull({ bytes: 1e6, label: "a value", folder: "/x", reason: "EROFS", hasMemory: false, holders: [] }),
    ["1.0 MB of a value: nothing can be written to /x (EROFS)"],
  ],
  [fileTooLarge({ bytes: 1e6, label: "a value", pid: 7 }), ["1.0 MB of a value", "process 7", "EFBIG", "ulimit -f"]],
  [ownerDied(DIED), ["ObjectRef(ab)", "cannot be had", "cd", "driver"]],
  [
    ownerDied({ ...DIED, lost: true, end: { loss: KILLED, actor: { id: "e", className: "C", name: "n" } } }),
    ["is lost: its file", 'worker process 7 of Actor(C "n", e)', "was ended by SIGKILL"],
  ],
  [ownerDied({ ...DIED, end: { loss: { ...KILLED, retired: true } } }), ["process 7", "nothing left to do"]],
  [
    failures.connectionFailed({ address: "x", reason: "no such thing.", advice: "Use another." }),
    ['"x"', "no such thing", "Use another"],
  ],
];

test("each text has its parts, and no line is empty", () => {
  for (const [error, parts] of cases) {
    for (const part of parts) assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
    assert.doesNotMatch(error.message, /^\s*$/m);
    assert.doesNotMatch(error.message, /undefined|null|NaN/);
  }
});

test("nothing is said of what is not known", () => {
  const error = failures.workerCrashed({ ...crash, site: "", lastStderr: " \n" });
  assert.doesNotMatch(error.message, /submitted|standard error/);
  assert.deepEqual([error.exitCode, error.signal, error.lastStderr], [null, "SIGSEGV", " \n"]);
});

test("whoever has set maxRestarts is told to raise it", () => {
  const advice = (restarts: number): string => {
    const death = { end: "crashed", className: "Counter", name: "", namespace: "", restarts } as const;
    return actorDied({ actor: "a1", death, begun: false, name: "Counter.inc", site: "" }, undefined).message;
  };
  assert.match(advice(0), /has crashed\. .*\n  Set maxRestarts to/);
  assert.match(advice(2), /has crashed, after 2 restarts\. .*\n  Raise maxRestarts to/);
});

test("a process that ran out of heap: what to do, and none of the engine's own frames", () => {
  const lastStderr =
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n" +
    " 1: 0xb78db3 node::OOMErrorHandler(char const*) [/usr/bin/node]\n12: 0x12a6793  [/usr/bin/node]\n";
  const error = failures.outOfMemory({ ...crash, signal: "SIGABRT", lastStderr });
  assert.match(error.message, /\| FATAL ERROR: Reached heap limit.*\n {2}Keep less in memory.*--max-old-space-size=/);
  assert.doesNotMatch(error.message, /0x|Native/);
  assert.equal(error.lastStderr, lastStderr);
});
