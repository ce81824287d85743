// Whoever may open the sockets of a session can write anything into them: a worker takes no harm, and its calls go on.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { test } from "node:test";
import { serialize } from "node:v8";
import { get, remote } from "#src/index.js";
import { HEADER_BYTES, MAGIC } from "#src/wire/limits.js";
import { sessionsOf, workersOf } from "../harness/processes.ts";
import { withSession } from "../harness/session.ts";

const GREETING = 3;
/** More than a worker lets stand at its door. */
const SILENT = 300;

/** A frame as it should be, but for what it claims. */
function frame(body: Uint8Array, claim: { attachments?: number; bytes?: number } = {}): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(claim.attachments ?? 0, 4);
  header.writeUInt32LE(claim.bytes ?? body.length, 8);
  return Buffer.concat([header, body]);
}

function greeting(hello: unknown): Buffer {
  const bytes = serialize(hello);
  return frame(Buffer.concat([Buffer.from([GREETING, bytes.length + 1]), bytes]));
}

function attachment(bytes: number): Buffer {
  const length = Buffer.alloc(8);
  length.writeDoubleLE(bytes, 0);
  return Buffer.concat([frame(length, { attachments: 1 }), Buffer.alloc(64)]);
}

const GARBAGE: readonly Buffer[] = [
  Buffer.from("GET / HTTP/1.1\r\n\r\n"),
  randomBytes(100_000),
  frame(randomBytes(1_000)),
  frame(new Uint8Array(), { bytes: 0xff_ff_ff_ff }),
  frame(new Uint8Array(10), { bytes: 200_000_000 }),
  frame(new Uint8Array(8_000), { attachments: 1_000 }),
  attachment(2 ** 40),
  attachment(2 ** 33),
  attachment(-1),
  greeting(null),
  greeting({ type: "hello" }),
  greeting({ type: "hello", version: 1, role: "owner", process: "x", pid: 1, token: "guessed", address: "" }),
];

/** Resolves when it was refused, or has said all it had to say. */
function bother(socket: string, garbage: Buffer): Promise<net.Socket> {
  return new Promise((resolve) => {
    const connection = net.connect(socket);
    // Refused while it still spoke.
    connection.on("error", () => resolve(connection));
    connection.on("close", () => resolve(connection));
    connection.write(garbage, () => resolve(connection));
  });
}

/** Closed by the other side, before it said anything. */
async function turnedAway(connection: net.Socket): Promise<void> {
  if (!connection.closed) await once(connection, "close");
}

test("garbage on the sockets of workers harms nobody", async () => {
  await withSession({}, async () => {
    const echo = remote(async (number: number) => number, { maxRetries: 0 });
    const works = async (): Promise<void> => {
      const answers = await get(Array.from({ length: 200 }, (_, index) => echo.remote(index)));
      assert.deepEqual(
        answers,
        answers.map((_, index) => index),
      );
    };
    await works();
    const [session] = sessionsOf(process.pid);
    assert(session !== undefined);
    const { folder } = session;
    const workers = workersOf(session).map(({ pid }) => pid);
    const sockets = readdirSync(folder).filter((name) => name.endsWith(".sock"));
    assert.equal(sockets.length, 2);
    const bothering = sockets.flatMap((socket) => [
      ...GARBAGE.map((garbage) => bother(path.join(folder, socket), garbage)),
    ]);
    const silent = sockets.map((socket) =>
      Array.from({ length: SILENT }, () => net.connect(path.join(folder, socket))),
    );
    await works();
    const connections = [...(await Promise.all(bothering)), ...silent.flat()];
    for (const [eldest] of silent) if (eldest !== undefined) await turnedAway(eldest);
    await works();
    for (const connection of connections) connection.destroy();
    assert.deepEqual(
      workersOf(session).map(({ pid }) => pid),
      workers,
      "no worker was replaced",
    );
  });
});
