// A worker is lost when the daemon has said how it ended and its channel was read to the end, in whichever order they come.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkerLoss } from "../../domain/object.ts";
import { Connection } from "../../wire/connection.ts";
import { LoopbackEnd } from "../../wire/loopback.ts";
import { workerEnd } from "../coding/direct.ts";
import { PROTOCOL_VERSION, type OwnerToWorker, type WorkerToOwner } from "../../protocol/hello.ts";
import type { FromWorker, ToWorker } from "../../protocol/worker.ts";
import { WorkerChannels } from "./workers.ts";

const WORKER = "0123456789abcdef";
const loss: WorkerLoss = { pid: 7, exitCode: null, signal: "SIGKILL", lastStderr: "" };
const reply: FromWorker = { type: "reply", lease: 1, task: 1, reply: { kind: "done", values: [] }, micros: 3 };
const push: ToWorker = { type: "withdraw", lease: 1, count: 2 };

class Scene {
  readonly told: string[] = [];
  readonly heard: OwnerToWorker[] = [];
  readonly ends: [LoopbackEnd, LoopbackEnd] = LoopbackEnd.pair();
  readonly worker: Connection<WorkerToOwner, OwnerToWorker>;
  readonly channels: WorkerChannels;

  constructor() {
    this.worker = new Connection(this.ends[1], workerEnd);
    this.worker.open({ message: (message) => this.heard.push(message), turn: () => {}, closed: () => {} });
    this.channels = new WorkerChannels(
      {
        message: (_worker, message) => this.told.push(message.type),
        turn: () => {},
        lost: ({ worker, loss: { signal } }) => this.told.push(`lost ${worker} ${signal}`),
        suspect: (worker) => this.told.push(`suspect ${worker}`),
      },
      () => this.ends[0],
      { flush: () => {}, flushed: 0, taken: 0, onceTaken: () => {} },
      {
        type: "hello",
        version: PROTOCOL_VERSION,
        role: "owner",
        process: "fedcba9876543210",
        pid: 1,
        token: "t",
        address: "",
      },
    );
  }

  push(): void {
    this.channels.send(WORKER, "socket", push);
    this.channels.flush();
    this.ends[1].deliver();
  }

  /** The last result is on its way when the worker ends. */
  replyAndEnd(): void {
    this.worker.send(reply);
    this.worker.end();
  }
}

test("the channel opens with a hello at the first message", () => {
  const scene = new Scene();
  scene.push();
  scene.push();
  assert.deepEqual(
    scene.heard.map(({ type }) => type),
    ["hello", "withdraw", "withdraw"],
  );
});

test("results that are on their way come before the loss", () => {
  const scene = new Scene();
  scene.push();
  scene.replyAndEnd();
  scene.channels.lost({ type: "workerLost", worker: WORKER, loss, ended: [] });
  assert.deepEqual(scene.told, []);
  scene.ends[0].deliver();
  assert.deepEqual(scene.told, ["reply", `lost ${WORKER} SIGKILL`]);
});

test("the channel may end before the daemon has said so", () => {
  const scene = new Scene();
  scene.push();
  scene.replyAndEnd();
  scene.ends[0].deliver();
  assert.deepEqual(scene.told, ["reply"]);
  scene.channels.lost({ type: "workerLost", worker: WORKER, loss, ended: [] });
  assert.deepEqual(scene.told, ["reply", `lost ${WORKER} SIGKILL`]);
});

test("nothing more comes from a worker when its channel was read to the end, or was never opened", () => {
  const scene = new Scene();
  scene.channels.whenOver(WORKER, () => scene.told.push("never opened"));
  scene.push();
  scene.channels.whenOver(WORKER, () => scene.told.push("over"));
  scene.replyAndEnd();
  scene.ends[0].deliver();
  scene.channels.whenOver(WORKER, () => scene.told.push("over since"));
  assert.deepEqual(scene.told, ["never opened", "reply", "over", "over since"]);
});

test("a worker to which nothing was ever pushed is lost at once", () => {
  const scene = new Scene();
  scene.channels.lost({ type: "workerLost", worker: WORKER, loss, ended: [] });
  assert.deepEqual(scene.told, [`lost ${WORKER} SIGKILL`]);
});
