// What is written of calls that are tried again.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { encodeThrown } from "../codec/thrown.ts";
import type { Retry } from "../domain/news.ts";
import { RetryLines } from "./retry-lines.ts";

let said: string[];
let lines: RetryLines;
const write = process.stderr.write;

beforeEach(() => {
  said = [];
  lines = new RetryLines();
  process.stderr.write = (text: unknown): boolean => said.push(String(text)) > 0;
});

afterEach(() => {
  lines.end();
  process.stderr.write = write;
});

const loss = { pid: 7, exitCode: null, signal: "SIGKILL", lastStderr: "" };
const crash = (change: Partial<NonNullable<Retry["loss"]>> = {}): Partial<Retry> => ({
  thrown: undefined,
  loss: { ...loss, ...change },
});

function tell(change: Partial<Retry>): void {
  lines.tell({
    name: "f",
    site: { text: "a.ts:1:2" },
    attempt: 2,
    attemptsMax: 4,
    loss: undefined,
    thrown: encodeThrown(new RangeError("first line\nsecond line")),
    ...change,
  });
}

function say(...expected: readonly string[]): void {
  assert.deepEqual(
    said,
    expected.map((line) => `ray-ts: task ${line}\n`),
  );
  said.length = 0;
}

test("each place and reason is told at once, in one line", () => {
  tell({});
  tell({ name: "g", attemptsMax: undefined, thrown: encodeThrown("a string") });
  tell({ site: { text: "" } });
  tell({ site: { text: "a.ts:9:9" } });
  tell({ thrown: encodeThrown(new TypeError("first line")) });
  tell({ thrown: undefined });
  tell(crash());
  tell(crash({ signal: "SIGSEGV" }));
  tell(crash({ signal: null, exitCode: 3 }));
  tell(crash({ reason: "its process took 200 MB more", outOfMemory: true }));
  tell({ ...crash({ lastStderr: "heap out of memory" }), name: "h" });
  tell(crash({ reason: "a call on it was cancelled by force" }));
  say(
    "f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): RangeError: first line",
    "g, submitted at a.ts:1:2, is tried again (attempt 2): it threw 'a string'",
    "f is tried again (attempt 2 of 4): RangeError: first line",
    "f, submitted at a.ts:9:9, is tried again (attempt 2 of 4): RangeError: first line",
    "f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): TypeError: first line",
    "f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): what it had made is lost",
    "f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): worker process 7 was ended by SIGKILL",
    "f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): worker process 7 was ended by SIGSEGV",
    "f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): worker process 7 exited with code 3",
    "f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): it ran out of memory: its process took 200 MB more",
    "h, submitted at a.ts:1:2, is tried again (attempt 2 of 4): it ran out of memory: the heap of worker process 7 was full",
    "f, submitted at a.ts:1:2, is tried again (attempt 2 of 4): worker process 7 had to be ended, because a call on it was cancelled by force",
  );
});

test("what follows soon for the same reason is counted, whatever process it was, and told at the end", () => {
  tell({});
  tell(crash());
  said.length = 0;
  for (let count = 0; count < 5; count += 1) tell({});
  tell({ ...crash({ pid: 8 }), attempt: 3 });
  say();
  lines.end();
  say(
    "f, submitted at a.ts:1:2, was tried again 5 times more: RangeError: first line",
    "f, submitted at a.ts:1:2, is tried again (attempt 3 of 4): worker process 8 was ended by SIGKILL",
  );
  lines.end();
  say();
});

test("of very many reasons a few are told, and the others are counted", () => {
  const sum = 20_000;
  for (let count = 0; count < sum; count += 1) tell({ thrown: encodeThrown(new Error(`item ${count}`)) });
  lines.end();
  assert.equal(said.length, 21);
  assert.equal(
    said.at(-1),
    `ray-ts: calls were tried again ${sum - 20} times more, for other reasons; the last: task f, submitted at a.ts:1:2: Error: item 19999\n`,
  );
});
