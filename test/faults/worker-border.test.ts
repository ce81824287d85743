// A worker's process by itself, between a daemon and an owner that this test plays.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { encodeFunction } from "#src/codec/function.js";
import { encode } from "#src/codec/value.js";
import type { WorkerLoss } from "#src/domain/object.js";
import { daemonEnd } from "#src/local/coding/daemon.js";
import { ownerEnd } from "#src/local/coding/direct.js";
import { WorkerProcess } from "#src/local/daemon/spawning.js";
import { workerSocket } from "#src/local/folder.js";
import type { Call } from "#src/protocol/worker.js";
import {
  PROTOCOL_VERSION,
  type ClientToDaemon,
  type DaemonToClient,
  type Hello,
  type OwnerToWorker,
  type WorkerSettings,
  type WorkerToOwner,
} from "#src/protocol/hello.js";
import { Connection, type Coding } from "#src/wire/connection.js";
import { toChild } from "#src/wire/socket.js";
import { Writer } from "#src/wire/writer.js";

const WORKER = "b".repeat(16);
const OWNER = "a".repeat(16);
const TOKEN = "secret";

/** Messages as they come; `next` waits for one of a type and passes over the others. */
class Inbox<In extends { readonly type: string }> {
  readonly #come: In[] = [];
  #wake: () => void = () => {};

  push(message: In): void {
    this.#come.push(message);
    this.#wake();
  }

  async next<T extends In["type"]>(type: T): Promise<Extract<In, { type: T }>> {
    for (;;) {
      for (let message = this.#come.shift(); message !== undefined; message = this.#come.shift())
        if (message.type === type) return message as Extract<In, { type: T }>;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

interface Played {
  readonly folder: string;
  readonly gone: Promise<WorkerLoss>;
  readonly daemon: Connection<DaemonToClient, ClientToDaemon>;
  readonly fromWorker: Inbox<ClientToDaemon>;
}

function startWorker(context: TestContext): Played {
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-test-"));
  const settings: WorkerSettings = {
    store: { memory: undefined, memoryBytesMax: 0, isSlow: false, disk: path.join(folder, "objects") },
    storeNumber: 2,
    folder,
    sessionId: "s",
    jobId: "j",
    nodeId: "n",
    token: TOKEN,
    namespace: "",
    process: WORKER,
    daemonPid: process.pid,
    entry: undefined,
    loaders: [],
    gpus: [],
    workingFolder: process.cwd(),
    setup: undefined,
    mark: "mark",
  };
  let worker: WorkerProcess | undefined;
  const gone = new Promise<WorkerLoss>((resolve) => {
    worker = new WorkerProcess(
      { settings, execArgv: [], env: process.env, cwd: undefined },
      { lines: () => {} },
      { ended: () => {}, gone: resolve },
    );
  });
  assert.ok(worker?.channel !== undefined);
  const { channel } = worker;
  const daemon = new Connection(channel, daemonEnd);
  const fromWorker = new Inbox<ClientToDaemon>();
  daemon.open({
    message: (message) => fromWorker.push(message),
    turn: () => {},
    closed: () => worker?.channelClosed(),
  });
  context.after(async () => {
    worker?.kill();
    await gone;
    rmSync(folder, { recursive: true });
  });
  return { folder, gone, daemon, fromWorker };
}

function frame<Out>(coding: Coding<Out, unknown>, messages: readonly Out[]): Uint8Array[] {
  const writer = new Writer();
  for (const message of messages) coding.write(message, writer);
  const { head, attachments } = writer.take();
  return [Buffer.from(head), ...attachments];
}

/** What is thrown goes inside the message, however large it is. */
function throwsMuch(): never {
  throw Object.assign(new Error("large"), { rest: new Uint8Array(8_000_000) });
}

const hello: Hello = {
  type: "hello",
  version: PROTOCOL_VERSION,
  role: "owner",
  process: OWNER,
  pid: process.pid,
  token: TOKEN,
  address: "",
};

test("a worker that is told to retire first sees its last result taken", async (context) => {
  const { folder, gone, daemon, fromWorker } = startWorker(context);
  await fromWorker.next("ready");

  // An owner that pushes a call, and does not read.
  const call: Call = {
    type: "call",
    lease: 1,
    task: 1,
    attempt: 1,
    definition: `${OWNER}f1`,
    name: "large",
    args: encode([]),
    positions: [],
    values: [],
    returns: 1,
    request: {},
    alone: false,
    method: undefined,
    retryOn: "none",
    stream: undefined,
  };
  const owner = net.connect(workerSocket(folder, WORKER));
  const sent: OwnerToWorker[] = [hello, call];
  for (const piece of frame(ownerEnd, sent)) owner.write(piece);
  daemon.send({ type: "leased", lease: 1, owner: OWNER });
  const { definition } = await fromWorker.next("fetch");
  const large = encodeFunction(throwsMuch, { captures: undefined, name: "large" });
  daemon.send({ type: "definition", definition, payload: large.payload });
  daemon.send({ type: "recall", lease: 1, when: "idle" });
  await fromWorker.next("leaseOver");

  daemon.send({ type: "retire" });
  const went = gone.then(() => assert.fail("it went with a result that nobody had"));
  await Promise.race([fromWorker.next("ready"), went]);

  const replies = new Inbox<WorkerToOwner>();
  const reading = new Connection(toChild(owner), ownerEnd);
  reading.open({ message: (message) => replies.push(message), turn: () => {}, closed: () => {} });
  const { reply } = await replies.next("reply");
  assert.equal(reply.kind === "thrown" && reply.thrown.buffers[0]?.length, 8_000_000);

  // Now it may go; it may only hear later than we that all was taken.
  let ended = false;
  void gone.then(() => (ended = true));
  while (!ended) {
    daemon.send({ type: "retire" });
    await Promise.race([gone, fromWorker.next("ready")]);
  }
  assert.equal((await gone).exitCode, 0);
  reading.destroy();
});
