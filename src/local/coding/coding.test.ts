// Every message of the protocols survives its bytes.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Payload } from "../../domain/object.ts";
import {
  PROTOCOL_VERSION,
  type ClientToDaemon,
  type DaemonToClient,
  type Hello,
  type OwnerToWorker,
  type WorkerToOwner,
} from "../../protocol/hello.ts";
import { Connection, type Coding } from "../../wire/connection.ts";
import { WireError } from "../../wire/error.ts";
import { LoopbackEnd } from "../../wire/loopback.ts";
import type { Writer } from "../../wire/writer.ts";
import { clientEnd, daemonEnd } from "./daemon.ts";
import { ownerEnd, workerEnd } from "./direct.ts";

const id = "0123456789abcdef00000000000a";
const small: Payload = { bytes: new Uint8Array([1, 2, 3]), buffers: [], refs: [], modules: false };
const rich: Payload = {
  bytes: new Uint8Array(70),
  buffers: [new Uint8Array(100_000).fill(7), new Uint8Array(3)],
  refs: [id, id],
  modules: true,
};
const loss = { pid: 3, exitCode: null, signal: "SIGKILL", lastStderr: "x\n" };
const hello: Hello = {
  type: "hello",
  version: PROTOCOL_VERSION,
  role: "owner",
  process: id,
  pid: 1,
  token: "t",
  address: "",
};
const call = {
  type: "call",
  lease: 4,
  task: 2 ** 40,
  attempt: 2,
  definition: `${id}f1`,
  name: "größe",
  args: rich,
  positions: [0, 200],
  values: [small, rich],
  returns: 3,
  request: { CPU: 10_000, "a b": 1 },
  group: { id, bundles: [{ CPU: 10_000 }, {}], strategy: "PACK", bundle: -1, captures: true },
  method: undefined,
  alone: true,
  retryOn: "any",
  stream: undefined,
} as const;
const cancelled = { kind: "cancelled", name: "n", how: "by me", reason: "r", site: "s" } as const;
const timedOut = { kind: "timedOut", name: "n", timeoutMs: 0.5, progress: "queued", site: "s" } as const;
const failure = {
  kind: "refused",
  code: "C",
  message: "m",
  fields: { path: "a.b", odd: [undefined, -0, 1n] },
  name: "n",
  site: "s",
} as const;

function travels<Out, In>(name: string, from: Coding<Out, In>, to: Coding<In, Out>, messages: readonly Out[]): void {
  test(name, () => {
    const ends = LoopbackEnd.pair();
    const got: Out[] = [];
    const sender = new Connection(ends[0], from);
    let error: Error | undefined;
    new Connection(ends[1], to).open({
      message: (message) => got.push(message),
      turn: () => {},
      closed: (why) => (error = why),
    });
    for (const message of messages) sender.send(message);
    sender.flush();
    ends[1].deliver(1_000);
    assert.equal(error, undefined);
    assert.deepEqual(got.map(plain), messages.map(plain));
  });
}

/** Buffers and other views of the same bytes are the same here. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

travels<OwnerToWorker, WorkerToOwner>("owner to worker", ownerEnd, workerEnd, [
  hello,
  call,
  { ...call, args: small, positions: [], values: [], alone: false, request: {}, retryOn: "none", group: undefined },
  { ...call, stream: { skip: 70_000, read: 3, ahead: 64, again: [0, 7, 69_999], reader: "a".repeat(28) } },
  {
    ...call,
    retryOn: "none",
    values: [],
    positions: [],
    stream: { skip: 0, read: 0, ahead: Infinity, again: [], reader: undefined },
  },
  { ...call, stream: { skip: Infinity, read: 0, ahead: Infinity, again: [5], reader: undefined } },
  { ...call, definition: "", method: { name: "größer", group: "io" } },
  { type: "read", lease: 4, task: 300, count: 70_000 },
  { type: "withdraw", lease: 4, count: 9 },
  { type: "again", lease: 4, group: "" },
  { type: "again", lease: 300, group: "größer" },
  { type: "cancel", lease: 4, task: 300, stop: { failure: cancelled, force: "now", recursive: false } },
  { type: "cancel", lease: 4, task: 300, stop: { failure: timedOut, force: "late", recursive: true } },
]);

travels<WorkerToOwner, OwnerToWorker>("worker to owner", workerEnd, ownerEnd, [
  { type: "reply", lease: 1, task: 2, reply: { kind: "done", values: [] }, micros: 0 },
  { type: "reply", lease: 1, task: 2, reply: { kind: "done", values: [rich, small] }, micros: 12 },
  {
    type: "reply",
    lease: 1,
    task: 2,
    reply: { kind: "thrown", thrown: rich, pid: 77, by: "before", again: false },
    micros: 12,
  },
  { type: "reply", lease: 1, task: 2, reply: { kind: "refused", failure }, micros: 12 },
  { type: "reply", lease: 1, task: 2, reply: { kind: "exited", code: 255, module: "" }, micros: 12 },
  { type: "reply", lease: 1, task: 2, reply: { kind: "left" }, micros: 12 },
  { type: "begun", lease: 1, task: 70_000 },
  { type: "items", lease: 1, task: 2, values: [] },
  { type: "items", lease: 1, task: 2, values: [rich, small, small] },
  { type: "returned", lease: 3, tasks: [], over: true, blocked: false },
  { type: "returned", lease: 3, tasks: [1, 2 ** 33], over: false, blocked: true },
]);

travels<ClientToDaemon, DaemonToClient>("client to daemon", clientEnd, daemonEnd, [
  hello,
  {
    type: "demand",
    shape: "s",
    request: { resources: { CPU: 1 }, labels: { a: "!b" }, node: { nodeId: "n", soft: true } },
    lacking: 3,
    seen: 2,
    name: "f",
  },
  { type: "giveBack", lease: 3, begun: 1 },
  { type: "endWorker", lease: 3, recursive: true },
  { type: "publish", id, outcome: { failure: cancelled } },
  { type: "publish", id, outcome: { failure: timedOut } },
  { type: "share", id },
  { type: "hold", id, process: "p" },
  { type: "release", id, count: 300 },
  { type: "publish", id, outcome: { value: rich } },
  { type: "publish", id, outcome: { failure } },
  {
    type: "publish",
    id,
    outcome: {
      failure: { kind: "thrown", thrown: small, name: "f", pid: 4, by: "before", attempts: 300, site: "here" },
    },
  },
  { type: "subscribe", id },
  { type: "define", definition: "d", payload: rich },
  { type: "travels", definition: "d" },
  { type: "undefine", definition: "d" },
  { type: "fetch", definition: "d" },
  { type: "ask", ask: 1, question: "nodes" },
  { type: "full" },
  { type: "ready" },
  { type: "blocked", lease: 3 },
  { type: "unblocked", lease: 300 },
  { type: "leaseOver", lease: 1, begun: 1 },
  { type: "leave" },
  { type: "seen", number: 4 },
  { type: "rest", after: 4 },
  { type: "suspect", worker: "w", reason: "it was" },
]);

travels<DaemonToClient, ClientToDaemon>("daemon to client", daemonEnd, clientEnd, [
  { type: "granted", lease: 1, shape: "s", worker: "w", address: "a", resources: { GPU: 5_000, "GPU:1": 5_000 } },
  {
    type: "starved",
    shape: "s",
    shortage: { free: { GPU: 0 }, holders: [{ name: "g", calls: 2, waiting: 1, held: { GPU: 20_000 } }] },
  },
  { type: "unschedulable", shape: "s", node: { nodeId: "n", total: { CPU: 1 }, labels: {} } },
  { type: "workerLost", worker: "w", loss, ended: [] },
  { type: "workerLost", worker: "w", loss: { ...loss, forced: true }, ended: [{ lease: 3, begun: 2 }] },
  { type: "value", id, outcome: { value: small } },
  { type: "requested", id },
  { type: "definition", definition: "d", payload: rich },
  { type: "definition", definition: "d", failure: { kind: "ownerDied", id, owner: "o" } },
  { type: "answer", ask: 1, answer: [{ nodeId: "n", labels: {} }] },
  { type: "leased", lease: 2, owner: "o" },
  { type: "recall", lease: 2, when: "yield" },
  { type: "spare", lease: 2 },
  { type: "retire" },
  { type: "output", number: 1, to: "stderr", pid: 5, name: "n", text: new Uint8Array([65]) },
  { type: "started" },
  { type: "ending", reason: "SIGTERM", unready: false },
  { type: "left" },
]);

for (const greeting of [null, undefined, 3, "hello", [], {}, { type: "call" }]) {
  test(`a greeting of ${JSON.stringify(greeting)} closes the channel and nothing else`, () => {
    const ends = LoopbackEnd.pair();
    const GREETING = 3;
    const stranger = new Connection<unknown, WorkerToOwner>(ends[0], {
      write: (message, to) => {
        to.byte(GREETING);
        to.data(message);
      },
      read: ownerEnd.read,
    });
    const got: OwnerToWorker[] = [];
    let error: Error | undefined;
    new Connection(ends[1], workerEnd).open({
      message: (message) => got.push(message),
      turn: () => {},
      closed: (why) => (error = why),
    });
    stranger.send(greeting);
    stranger.flush();
    ends[1].deliver();
    assert(error instanceof WireError, String(error));
    assert.deepEqual(got, []);
  });
}

test("a cancel of an unknown kind closes the channel", () => {
  const cancels = [
    { force: "soon", failure: cancelled },
    { force: "now", failure: { kind: "lost", id, reason: "r" } },
  ];
  for (const { force, failure: failed } of cancels) {
    const error = forged((to) => {
      to.byte(6);
      for (const number of [1, 2]) to.count(number);
      to.word(force);
      to.flag(true);
      to.data(failed);
    }, workerEnd);
    assert(error instanceof WireError, force);
  }
});

/** As the process of a task would send it, if the task had its way. */
function forged(bytes: (to: Writer) => void, coding: Coding<never, unknown>): Error | undefined {
  const ends = LoopbackEnd.pair();
  const forger = new Connection<null, never>(ends[0], {
    write: (_, to) => bytes(to),
    read: () => assert.fail("nothing is answered"),
  });
  let error: Error | undefined;
  new Connection(ends[1], coding).open({
    message: () => assert.fail("it came in"),
    turn: () => {},
    closed: (why) => (error = why),
  });
  forger.send(null);
  forger.flush();
  ends[1].deliver();
  return error;
}

const FORGED: readonly unknown[] = [
  null,
  5,
  "leave",
  [],
  {},
  { type: "zzz" },
  { type: "toString" },
  { type: "joined", process: "x" },
  { type: "ask", ask: 1, question: "toString" },
  { type: "demand", shape: "CPU=1;", request: null, lacking: 1, seen: 0, name: "f" },
  { type: "demand", shape: "CPU=1;", request: { resources: { CPU: Number.NaN } }, lacking: 1, seen: 0, name: "f" },
  { type: "demand", shape: "CPU=1;", request: { resources: {}, labels: { a: 1 } }, lacking: 1, seen: 0, name: "f" },
  {
    type: "demand",
    shape: "CPU=1;",
    request: { resources: {}, node: { nodeId: "n" } },
    lacking: 1,
    seen: 0,
    name: "f",
  },
  { type: "demand", shape: "CPU=1;", request: { resources: { CPU: 1 } }, lacking: -1, seen: 0, name: "f" },
  { type: "giveBack", lease: null, begun: 1 },
  { type: "endWorker", lease: 1, recursive: "yes" },
];

test("plain data that is no message closes the channel and does not reach the daemon", () => {
  for (const message of FORGED) {
    const error = forged((to) => {
      to.byte(0);
      to.data(message);
    }, daemonEnd);
    assert(error instanceof WireError, `${JSON.stringify(message)}: ${String(error)}`);
  }
});

test("plain data that is no failure closes the channel and reaches neither daemon nor owner", () => {
  const odd = [
    { ...timedOut, progress: "toString" },
    { ...timedOut, timeoutMs: -1 },
    { ...cancelled, how: 1 },
  ];
  for (const failed of [null, 1, {}, { kind: "zzz" }, { kind: "lost", id }, { kind: "crashed", name: "n" }, ...odd]) {
    const published = forged((to) => {
      to.byte(4);
      to.text(id);
      to.byte(2);
      to.data(failed);
    }, daemonEnd);
    const replied = forged((to) => {
      to.byte(4);
      for (const number of [1, 2, 3]) to.count(number);
      to.byte(2);
      to.data(failed);
    }, ownerEnd);
    for (const error of [published, replied]) assert(error instanceof WireError, JSON.stringify(failed));
  }
});
