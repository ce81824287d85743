// The wire, over memory: what is sent arrives, in order and whole, however the bytes are torn; and what is damaged is refused.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { SeededRandom } from "../std/random.ts";
import { Connection, type Coding, type Receiver } from "./connection.ts";
import type { DuplexHandler } from "./duplex.ts";
import { WireError } from "./error.ts";
import {
  BATCH_MESSAGES_MAX,
  BODY_BYTES_MAX,
  CROWDED_BYTES,
  GREETING_BYTES_MAX,
  HEADER_BYTES,
  INLINE_BYTES_MAX,
  MAGIC,
  WORDS_MAX,
} from "./limits.ts";
import { LoopbackEnd } from "./loopback.ts";

interface Note {
  readonly number: number;
  readonly name: string;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly rest: unknown;
}

const notes: Coding<Note, Note> = {
  write(note, to) {
    to.count(note.number);
    to.word(note.name);
    to.text(note.text);
    to.bytes(note.bytes);
    to.data(note.rest);
  },
  read: (from) => ({
    number: from.count(),
    name: from.word(),
    text: from.text(),
    bytes: from.bytes(),
    rest: from.data(),
  }),
};

class Side {
  readonly got: Note[] = [];
  turns = 0;
  closed = 0;
  error: Error | undefined;
  readonly connection: Connection<Note, Note>;

  constructor(end: LoopbackEnd, from: "friend" | "stranger" = "friend", onMessage: () => void = () => {}) {
    this.connection = new Connection(end, notes);
    const receiver: Receiver<Note> = {
      message: (note) => {
        this.got.push(note);
        onMessage();
      },
      turn: () => (this.turns += 1),
      closed: (error) => {
        this.closed += 1;
        this.error = error;
      },
    };
    this.connection.open(receiver, from);
  }
}

function note(number: number, bytes = 0, name = "f"): Note {
  return {
    number,
    name,
    text: `text ${number} …`,
    bytes: new Uint8Array(bytes).fill(number),
    rest: { a: [number, undefined] },
  };
}

function pair(): { ends: [LoopbackEnd, LoopbackEnd]; left: Side; right: Side } {
  const ends = LoopbackEnd.pair();
  return { ends, left: new Side(ends[0]), right: new Side(ends[1]) };
}

function same(got: readonly Note[], sent: readonly Note[]): void {
  assert.deepEqual(
    got.map((each) => ({ ...each, bytes: Buffer.from(each.bytes) })),
    sent.map((each) => ({ ...each, bytes: Buffer.from(each.bytes) })),
  );
}

test("messages of one turn leave together, in the microtask after it", async () => {
  const { ends, left, right } = pair();
  left.connection.send(note(1));
  left.connection.send(note(2));
  assert.equal(ends[1].held, 0);
  await Promise.resolve();
  ends[1].deliver();
  same(right.got, [note(1), note(2)]);
  assert.equal(right.turns, 1);
});

test("a long turn does not hold back what a batch may hold", () => {
  const { ends, left, right } = pair();
  for (let index = 0; index < BATCH_MESSAGES_MAX + 1; index += 1) left.connection.send(note(index));
  ends[1].deliver();
  assert.equal(right.got.length, BATCH_MESSAGES_MAX);
});

test("numbers of every size keep their value", () => {
  const { ends, left, right } = pair();
  const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 45 + 1, Number.MAX_SAFE_INTEGER];
  for (const number of numbers) left.connection.send({ ...note(0), number });
  left.connection.flush();
  ends[1].deliver();
  assert.deepEqual(
    right.got.map(({ number }) => number),
    numbers,
  );
});

test("texts of every kind keep their letters", () => {
  const { ends, left, right } = pair();
  const texts = ["", "a", "a".repeat(63), "a".repeat(64), "a".repeat(5_000), "ä", "日本語", "🙂".repeat(40), "a\0b\n"];
  for (const text of texts) left.connection.send({ ...note(0), text });
  left.connection.flush();
  ends[1].deliver();
  assert.deepEqual(
    right.got.map(({ text }) => text),
    texts,
  );
});

test("words are sent once, and in full when there are too many", () => {
  const { ends, left, right } = pair();
  const names = Array.from({ length: WORDS_MAX + 10 }, (_, index) => `name ${index % (WORDS_MAX + 5)}`);
  for (const name of [...names, ...names]) left.connection.send({ ...note(0), name });
  left.connection.flush();
  ends[1].deliver();
  assert.deepEqual(
    right.got.map(({ name }) => name),
    [...names, ...names],
  );
});

test("whatever is torn arrives whole", () => {
  const random = new SeededRandom(7);
  for (let round = 0; round < 30; round += 1) {
    const { ends, left, right } = pair();
    const sent = Array.from({ length: 20 }, (_, index) =>
      note(index, random.pick([0, 1, 40, 41, 3_000, INLINE_BYTES_MAX, INLINE_BYTES_MAX + 1, 200_000])),
    );
    for (const each of sent) {
      left.connection.send(each);
      if (random.chance(0.3)) left.connection.flush();
    }
    left.connection.flush();
    ends[1].deliver(random.pick([1, 7, 8, 9, 1_000, 65_536, Number.POSITIVE_INFINITY]));
    same(right.got, sent);
  }
});

test("a message may have very many parts", () => {
  const many: Coding<readonly Uint8Array[], Uint8Array[]> = {
    write(parts, to) {
      to.count(parts.length);
      for (const part of parts) to.bytes(part);
    },
    read: (from) => Array.from({ length: from.count() }, () => from.bytes()),
  };
  const [end, other] = LoopbackEnd.pair();
  const sent = Array.from({ length: 5_000 }, (_, index) => new Uint8Array(1_000).fill(index));
  assert(sent.length * 1_000 > CROWDED_BYTES);
  const sender = new Connection(end, many);
  let got: Uint8Array[] = [];
  const receiver = { message: (parts: Uint8Array[]) => void (got = parts), turn: () => {}, closed: () => {} };
  new Connection(other, many).open(receiver);
  sender.send(sent);
  sender.flush();
  other.deliver();
  assert.equal(got.length, sent.length);
  assert(got.every((part, index) => part.length === 1_000 && part[0] === (index & 0xff)));
});

test("large bytes get memory of their own", () => {
  const { ends, left, right } = pair();
  left.connection.send(note(1, 100_000));
  left.connection.flush();
  ends[1].deliver();
  assert.equal(right.got[0]?.bytes.buffer.byteLength, 100_000);
});

for (const [what, damage] of [
  ["another beginning", (bytes: Buffer) => bytes.writeUInt32LE(MAGIC + 1, 0)],
  ["an impossible length", (bytes: Buffer) => bytes.writeUInt32LE(BODY_BYTES_MAX + 1, 8)],
  ["attachments without lengths", (bytes: Buffer) => bytes.writeUInt32LE(9_999, 4)],
  ["a message that goes beyond its frame", (bytes: Buffer) => bytes.fill(0x7f, HEADER_BYTES)],
] as const) {
  test(`${what} closes the connection with an error`, () => {
    const ends = LoopbackEnd.pair();
    const sides = LoopbackEnd.pair();
    const writer = new Side(ends[0]);
    const reader = new Side(sides[1]);
    writer.connection.send(note(1));
    writer.connection.flush();
    const bytes: Buffer[] = [];
    ends[1].open({ data: (chunk) => bytes.push(Buffer.from(chunk)), closed: () => {}, taken: () => {} });
    ends[1].deliver();
    const all = Buffer.concat(bytes);
    damage(all);
    sides[0].write(all, []);
    sides[1].deliver();
    assert(reader.error instanceof WireError, String(reader.error));
    assert.equal(reader.closed, 1);
    assert.equal(reader.got.length, 0);
  });
}

test("random damage is an error or a message, never anything else", () => {
  const random = new SeededRandom(11);
  for (let round = 0; round < 2_000; round += 1) {
    const [from, to] = LoopbackEnd.pair();
    const reader = new Side(to);
    const bytes = Buffer.alloc(random.between(1, 60));
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = random.below(256);
    if (bytes.length >= 4 && random.chance(0.8)) bytes.writeUInt32LE(MAGIC, 0);
    if (bytes.length >= 8 && random.chance(0.8)) bytes.writeUInt32LE(random.below(2), 4);
    if (bytes.length >= 12 && random.chance(0.8)) bytes.writeUInt32LE(bytes.length - HEADER_BYTES, 8);
    from.write(bytes, []);
    to.deliver();
    assert(reader.error === undefined || reader.error instanceof WireError);
  }
});

test("the end in the middle of a frame is an error, after it none", () => {
  for (const cut of [0, 1, 5]) {
    const ends = LoopbackEnd.pair();
    const reader = new Side(ends[1]);
    ends[0].write(Buffer.from([0x52, 0x41, 0x59, 0x54, 0, 0]).subarray(0, cut), []);
    ends[0].end();
    ends[1].deliver();
    assert.equal(reader.closed, 1);
    assert.equal(reader.error === undefined, cut === 0);
  }
});

test("what a connection comes after leaves first", () => {
  const order: string[] = [];
  const [end] = LoopbackEnd.pair();
  const first = { flush: () => order.push("first"), flushed: 0, taken: 0, onceTaken: () => {} };
  const connection = new Connection(
    end,
    { write: (text: string, to) => to.text(text), read: (from) => from.text() },
    first,
  );
  end.write = () => order.push("second");
  connection.send("hello");
  connection.flush();
  connection.flush();
  assert.deepEqual(order, ["first", "second"]);
});

/** An end whose kernel takes nothing until it is told to. */
class FullEnd extends LoopbackEnd {
  readonly written: string[] = [];
  #waiting = 0;
  #taken = (): void => {};

  override open(handler: DuplexHandler): void {
    this.#taken = () => handler.taken();
    super.open(handler);
  }

  override write(first: Uint8Array): void {
    this.written.push(Buffer.from(first).toString("latin1"));
    this.#waiting += first.length;
  }

  override get waiting(): number {
    return this.#waiting;
  }

  take(bytes = this.#waiting): void {
    this.#waiting -= bytes;
    this.#taken();
  }
}

function ordered(): { first: FullEnd; second: FullEnd; say: (where: "first" | "second", text: string) => void } {
  const texts: Coding<string, string> = { write: (text, to) => to.text(text), read: (from) => from.text() };
  const receiver = { message: () => {}, turn: () => {}, closed: () => {} };
  const ends = { first: new FullEnd(), second: new FullEnd() };
  const first = new Connection(ends.first, texts);
  const second = new Connection(ends.second, texts, first);
  first.open(receiver);
  second.open(receiver);
  const say = (where: "first" | "second", text: string): void => {
    const connection = where === "first" ? first : second;
    connection.send(text);
    if (where === "second") connection.flush();
  };
  return { ...ends, say };
}

const heard = ({ written }: FullEnd): string[] => written.map((frame) => frame.slice(HEADER_BYTES + 1));

test("what a connection comes after is with the kernel first, however slow that is", () => {
  const { first, second, say } = ordered();
  say("second", "a");
  say("first", "hold of b");
  say("second", "b");
  say("first", "hold of c");
  say("second", "c");
  assert.deepEqual(heard(first), ["hold of b", "hold of c"]);
  assert.deepEqual(heard(second), ["a"]);
  const frame = HEADER_BYTES + 1 + "hold of b".length;
  first.take(frame - 1);
  assert.deepEqual(heard(second), ["a"]);
  first.take(1);
  assert.deepEqual(heard(second), ["a", "b"], "and waits for no more than what was said before it");
  first.take();
  assert.deepEqual(heard(second), ["a", "b", "c"]);
  say("second", "d");
  assert.deepEqual(heard(second), ["a", "b", "c", "d"]);
});

test("who waits for a connection that closes waits no longer", () => {
  const { first, second, say } = ordered();
  say("first", "hold of a");
  say("second", "a");
  first.destroy();
  assert.deepEqual(heard(second), ["a"]);
});

test("what is held back is written before the end", () => {
  const texts: Coding<string, string> = { write: (text, to) => to.text(text), read: (from) => from.text() };
  const ends = [new FullEnd(), new FullEnd()] as const;
  const first = new Connection(ends[0], texts);
  first.open({ message: () => {}, turn: () => {}, closed: () => {} });
  const second = new Connection(ends[1], texts, first);
  let ended = 0;
  ends[1].end = () => void (ended += 1);
  first.send("hold of a");
  second.send("a");
  second.end();
  assert.equal(ended, 0);
  assert(second.waiting > 0);
  ends[0].take();
  assert.deepEqual(heard(ends[1]), ["a"]);
  assert.equal(ended, 1);
});

test("an attachment that no memory can hold closes the connection with an error", () => {
  const [from, to] = LoopbackEnd.pair();
  const reader = new Side(to);
  const bytes = Buffer.alloc(HEADER_BYTES + 8);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(1, 4);
  bytes.writeUInt32LE(8, 8);
  bytes.writeDoubleLE(2 ** 40, HEADER_BYTES);
  from.write(bytes, []);
  from.write(Buffer.alloc(1), []);
  to.deliver();
  assert(reader.error instanceof WireError, String(reader.error));
});

test("a stranger may send a greeting and nothing that asks for memory, until he is trusted", () => {
  const claims: readonly [attachments: number, bytes: number][] = [
    [0, GREETING_BYTES_MAX + 1],
    [1, 8],
  ];
  for (const [attachments, bytes] of claims) {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(attachments, 4);
    header.writeUInt32LE(bytes, 8);
    for (const from of ["friend", "stranger"] as const) {
      const ends = LoopbackEnd.pair();
      const side = new Side(ends[1], from);
      ends[0].write(header, []);
      ends[1].deliver();
      assert.equal(side.error instanceof WireError, from === "stranger");
    }
  }
});

test("what follows the greeting in the same piece is taken from whom the greeting made a friend", () => {
  const ends = LoopbackEnd.pair();
  const left = new Side(ends[0]);
  const right: Side = new Side(ends[1], "stranger", () => right.connection.trust());
  const sent = [note(1), note(2, 100_000)];
  for (const each of sent) {
    left.connection.send(each);
    left.connection.flush();
  }
  ends[1].deliver();
  assert.equal(right.error, undefined);
  same(right.got, sent);
});
