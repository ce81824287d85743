// Lines and labels from a torn stream of bytes.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { collectGarbage } from "../../std/garbage.ts";
import { Lines } from "./lines.ts";
import { Tail } from "./tail.ts";

const MARK = "\u001eray-ts:test:";

function read(chunks: readonly (string | Buffer)[]): [name: string, text: string][] {
  const told: [string, string][] = [];
  const lines = new Lines(MARK, { lines: (name, text) => told.push([name, text.toString()]) });
  for (const chunk of chunks) lines.feed(Buffer.from(chunk as string));
  lines.end();
  return told;
}

test("whole lines are handed on at once, a partial one when its end comes", () => {
  assert.deepEqual(read(["one\ntwo\nthr", "ee\n"]), [
    ["", "one\ntwo\n"],
    ["", "three\n"],
  ]);
});

test("a last line without an end is handed on at the end", () => {
  assert.deepEqual(read(["one\ntw", "o"]), [
    ["", "one\n"],
    ["", "two"],
  ]);
});

test("a label names what follows, also in the middle of a line and in pieces", () => {
  const text = `a\n${MARK}f\nb\nc${MARK}g\nd\n`;
  const wanted = [
    ["", "a\n"],
    ["f", "b\nc"],
    ["g", "d\n"],
  ];
  assert.deepEqual(read([text]), wanted);
  const joined: [string, string][] = [];
  for (const [name, piece] of read(text.split(""))) {
    const last = joined.at(-1);
    if (last?.[0] === name) last[1] += piece;
    else joined.push([name, piece]);
  }
  assert.deepEqual(joined, wanted);
});

test("a long line stays one, in whatever pieces it comes", () => {
  const long = JSON.stringify({ text: "x".repeat(200_000) });
  const pieces = Array.from({ length: 40 }, (_, index) => long.slice(index * 6_000, (index + 1) * 6_000));
  assert.deepEqual(read([...pieces, "\nnext\n"]), [["", `${long}\nnext\n`]]);
});

test("many small pieces of a line take no more memory than the line", () => {
  const lines = new Lines(MARK, { lines: () => {} });
  const piece = Buffer.from("x");
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let bytes = 0; bytes < 900_000; bytes += 1) lines.feed(piece.subarray());
  collectGarbage();
  assert.ok(process.memoryUsage().heapUsed - before < 8_000_000);
  lines.end();
});

test("a line that never ends is cut, and nothing of it is lost", () => {
  const long = "x".repeat(3_000_000);
  const told = read([long.slice(0, 100_000), long.slice(100_000, 1_500_000), long.slice(1_500_000), `${MARK}f\nend\n`]);
  assert.ok(told.length > 2);
  assert.equal(
    told
      .filter(([name]) => name === "")
      .map(([, text]) => text)
      .join(""),
    long,
  );
  assert.deepEqual(told.at(-1), ["f", "end\n"]);
});

test("a line that never ends is cut between characters, whatever has come of them", () => {
  const long = Buffer.from("€é😀".repeat(200_000));
  const pieces: string[] = [];
  const lines = new Lines(MARK, { lines: (_name, text) => pieces.push(text.toString()) });
  for (let at = 0; at < long.length; at += 1_001) lines.feed(long.subarray(at, at + 1_001));
  lines.end();
  assert.ok(pieces.length > 1);
  assert.equal(pieces.join(""), long.toString());
});

test("the tail keeps the last lines, and what V8 said before its long stack", () => {
  const tail = new Tail();
  for (let line = 0; line < 1_000; line += 1) tail.add(Buffer.from(`line ${line}\n`));
  assert.equal(tail.text.split("\n").length, 21);
  assert.match(tail.text, /^line 980\n[^]*line 999\n$/);
  tail.add(Buffer.from("FATAL ERROR: no more memory\n"));
  for (let line = 0; line < 50; line += 1) tail.add(Buffer.from(`frame ${line}\n`));
  assert.match(tail.text, /^FATAL ERROR: no more memory\n/);
  tail.add(new Uint8Array(100_000).fill(0x61));
  assert.equal(tail.text.length, 8_192);
});
