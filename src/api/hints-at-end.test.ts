// What is told at the end of calls that failed, and nobody asked for them.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { encodeThrown } from "../codec/thrown.ts";
import type { Failure } from "../domain/object.ts";
import { Hints } from "./hints.ts";

let said: string[];
let hints: Hints;
const write = process.stderr.write;

beforeEach(() => {
  said = [];
  hints = new Hints();
  process.stderr.write = (text: unknown): boolean => said.push(String(text)) > 0;
});

afterEach(() => {
  process.stderr.write = write;
});

function say(...patterns: RegExp[]): void {
  assert.equal(said.length, patterns.length, said.join(""));
  patterns.forEach((pattern, index) => assert.match(said[index] ?? "", pattern));
}

describe("failures nobody asked for", () => {
  const failure = (name: string): Failure => ({
    kind: "exited",
    module: "",
    name,
    attempts: 1,
    loss: { pid: 1, exitCode: 1, signal: null, lastStderr: "" },
    site: "main.ts:5:6",
  });
  const unheard = (what: Failure, id?: string): void => hints.failed(what, id);

  it("are told at the end, the first in full", () => {
    unheard(failure("f"), "r1");
    unheard(failure("g"));
    say();
    hints.end();
    say(/2 calls failed, and nobody asked for their results: .*\bf\b.*main\.ts:5:6.*, and others/);
    hints.end();
    assert.equal(said.length, 1, "once");
  });

  it("of an actor say how it has ended, and why its constructor failed", () => {
    const death = { className: "Log", name: "", namespace: "", restarts: 0 };
    const called = { kind: "actorDied", name: "Log.write", actor: "a1", begun: false, site: "main.ts:5:6" } as const;
    const thrown = encodeThrown(new RangeError("no url\nmore of it"));
    const at = { name: "Log.constructor", attempts: 1, pid: 1, site: "main.ts:4:4" };
    const cause = { kind: "thrown", thrown, by: "function", ...at } as const;
    for (const change of [
      { end: "failed", cause },
      { end: "killed", by: "by kill() at main.ts:7:8" },
    ] as const) {
      unheard({ ...called, death: { ...death, ...change } });
      hints.end();
    }
    say(
      /task Log\.write, .*: its actor, a Log, was never made, because its constructor threw: RangeError: no url\. await/,
      /task Log\.write, .*: its actor, a Log, was killed by kill\(\) at main\.ts:7:8\. await/,
    );
  });

  it("one failure of several results, or of a chain of calls, is one", () => {
    const one = failure("f");
    for (const id of ["r1", "r2"]) unheard(one, id);
    hints.end();
    say(/a call failed, and nobody asked for its result: /);
  });

  it("are none when somebody asks later, or had asked before it came", () => {
    const first = failure("f");
    unheard(first, "r1");
    hints.asked("r1", first);
    hints.asked("r2", undefined);
    unheard(failure("f"), "r2");
    hints.end();
    say();
  });
});
