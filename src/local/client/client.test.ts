// The hands of the owner, over memory: what the brain wants is carried out in order, whoever asks for it and when.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Payload } from "../../domain/object.ts";
import { PROTOCOL_VERSION, type ClientToDaemon, type DaemonToClient } from "../../protocol/hello.ts";
import { Connection } from "../../wire/connection.ts";
import { LoopbackEnd } from "../../wire/loopback.ts";
import { clientEnd, daemonEnd } from "../coding/daemon.ts";
import { Client } from "./client.ts";

const ME = "0123456789abcdef";
const OTHER = "fedcba9876543210";
const VALUE: Payload = { bytes: new Uint8Array(1), buffers: [], refs: [], modules: false };

class Scene {
  readonly ends: [LoopbackEnd, LoopbackEnd] = LoopbackEnd.pair();
  readonly daemon: Connection<ClientToDaemon, DaemonToClient> = new Connection(this.ends[0], clientEnd);
  readonly client: Client;
  readonly #heard: string[] = [];

  constructor() {
    new Connection(this.ends[1], daemonEnd).open({
      message: (message) => this.#heard.push(message.type),
      turn: () => {},
      closed: () => {},
    });
    const identity = {
      kind: "local",
      address: "local",
      sessionId: "s",
      jobId: "j",
      nodeId: "n",
      processId: ME,
      namespace: "",
      gpus: [],
      dashboardUrl: undefined,
    } as const;
    this.client = new Client({
      identity,
      hello: {
        type: "hello",
        version: PROTOCOL_VERSION,
        role: "driver",
        process: ME,
        pid: 1,
        token: "t",
        address: "",
      },
      daemon: this.daemon,
      connect: () => LoopbackEnd.pair()[0],
      store: undefined,
      keepsAlive: false,
      hooks: {
        other() {},
        departed() {},
        turn() {},
        daemonGone() {},
        blocked() {},
        news() {},
        close: () => Promise.resolve(),
      },
    });
  }

  /** What has left for the daemon up to now. */
  heard(): readonly string[] {
    this.ends[1].deliver();
    return this.#heard;
  }
}

test("holds leave before what comes after them, also when they are asked for while others are carried out", () => {
  const scene = new Scene();
  const { client, daemon } = scene;
  const [first, second] = [client.put(VALUE), client.put(VALUE)];
  let told = 0;
  client.watch(first, () => {
    told += 1;
    client.step({ type: "sending", ids: [second], to: OTHER });
    client.carryOut();
    // What a direct channel does before it writes.
    daemon.flush();
    assert.deepEqual(scene.heard(), ["hello", "share", "publish", "hold"]);
  });
  client.flush();
  assert.equal(told, 1);
});

test("effects keep their order when one of them carries out the rest", () => {
  const scene = new Scene();
  const { client } = scene;
  const ids = [client.put(VALUE), client.put(VALUE), client.put(VALUE)];
  const told: number[] = [];
  ids.forEach((id, index) => {
    client.watch(id, () => {
      told.push(index);
      client.flush();
    });
  });
  client.flush();
  assert.deepEqual(told, [0, 1, 2]);
});

test("nothing is carried out twice, round after round", () => {
  const scene = new Scene();
  const { client } = scene;
  for (let round = 0; round < 3; round += 1) {
    client.step({ type: "sending", ids: [client.put(VALUE)], to: OTHER });
    client.flush();
  }
  const each = ["share", "publish", "hold"];
  assert.deepEqual(scene.heard(), ["hello", ...each, ...each, ...each]);
});
