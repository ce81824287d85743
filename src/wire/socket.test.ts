// Real sockets: what is sent arrives, and what was said before the end is heard, also by one that writes in vain.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { delay } from "../std/clock.ts";
import { deferred } from "../std/deferred.ts";
import { Connection, type Coding } from "./connection.ts";
import type { Duplex } from "./duplex.ts";
import { connect, listen } from "./socket.ts";

type Bytes = Coding<Uint8Array, Uint8Array>;
const bytes: Bytes = { write: (value, to) => to.bytes(value), read: (from) => from.bytes() };

async function pair(use: (left: Duplex, right: Duplex) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "wire-"));
  const accepted = deferred<Duplex>();
  const listener = await listen(path.join(folder, "s"), accepted.resolve);
  const left = connect(path.join(folder, "s"));
  const right = await accepted.promise;
  try {
    await use(left, right);
  } finally {
    left.destroy();
    right.destroy();
    listener.close();
    rmSync(folder, { recursive: true });
  }
}

function collect(connection: Connection<Uint8Array, Uint8Array>): {
  got: Uint8Array[];
  ended: Promise<Error | undefined>;
} {
  const got: Uint8Array[] = [];
  const ended = deferred<Error | undefined>();
  connection.open({ message: (message) => got.push(message), turn: () => {}, closed: ended.resolve });
  return { got, ended: ended.promise };
}

test("messages of all sizes arrive in both directions, and keep their content", async () => {
  await pair(async (leftEnd, rightEnd) => {
    const left = new Connection(leftEnd, bytes);
    const right = new Connection(rightEnd, bytes);
    const sent = [0, 1, 63, 5_000, 16_385, 300_000, 3_000_000, 2].map((size, index) =>
      new Uint8Array(size).fill(index + 1),
    );
    const [atLeft, atRight] = [collect(left), collect(right)];
    for (let round = 0; round < 3; round += 1) {
      for (const each of sent) {
        left.send(each);
        right.send(each);
        if (round === 1) await Promise.resolve();
      }
    }
    left.end();
    await atRight.ended;
    right.end();
    await atLeft.ended;
    for (const { got } of [atLeft, atRight]) {
      if (got === atLeft.got && got.length === 0) continue;
      assert.deepEqual(
        got.map((each) => each.length),
        [...sent, ...sent, ...sent].map((each) => each.length),
      );
      got.forEach((each, index) =>
        assert(
          each.every((byte) => byte === (index % sent.length) + 1),
          `message ${index}`,
        ),
      );
    }
  });
});

test("the last word of a process that has ended is heard by one that writes to it in vain", async () => {
  await pair(async (leftEnd, rightEnd) => {
    const left = new Connection(leftEnd, bytes);
    const right = new Connection(rightEnd, bytes);
    const heard = collect(right);
    left.send(new Uint8Array(50_000).fill(7));
    left.flush();
    while (leftEnd.waiting > 0) await delay(1);
    leftEnd.destroy();
    // The other end is closed by now, with unread words in the pipe: this fails, and must not cost them.
    right.send(new Uint8Array(10));
    right.flush();
    right.send(new Uint8Array(10));
    right.flush();
    await heard.ended;
    assert.equal(heard.got.length, 1);
    assert.equal(heard.got[0]?.length, 50_000);
  });
});

test("of a large write, what the kernel has taken does not wait", async () => {
  const large = new Uint8Array(64 * 1024 * 1024);
  for (const more of [[], [large]]) {
    await pair((_, rightEnd) => {
      rightEnd.write(large, more);
      assert.ok(rightEnd.waiting > 0);
      assert.ok(rightEnd.waiting < (1 + more.length) * large.length, String(rightEnd.waiting));
      return Promise.resolve();
    });
  }
});

test("a connection to nobody closes with the reason", async () => {
  const connection = new Connection(connect("/nowhere/s"), bytes);
  const { ended } = collect(connection);
  connection.send(new Uint8Array(1));
  assert.match(String(await ended), /ENOENT/);
});
