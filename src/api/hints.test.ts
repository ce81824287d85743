// What each hint takes to be seen, and what looks like it and is none.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { encode } from "../codec/value.ts";
import type { Payload } from "../domain/object.ts";
import { aTurn } from "../std/turns.ts";
import { Hints } from "./hints.ts";

const here = { text: "main.ts:1:2" };
const there = { text: "main.ts:3:4" };
const small = encode([]);
const large: Payload = { ...small, buffers: [new Uint8Array(200_000)] };

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

function submitted(name: string, site: typeof here, args: unknown[], payload: Payload, id: string | undefined): void {
  hints.submitted({ name, site, args, dependencies: [], id, actor: undefined }, payload);
}

function sayNothing(): void {
  assert.deepEqual(said, []);
}

function say(...patterns: RegExp[]): void {
  assert.equal(said.length, patterns.length, said.join(""));
  patterns.forEach((pattern, index) => assert.match(said[index] ?? "", pattern));
}

describe("a row of single calls", () => {
  const call = (count: number, site = here): void => {
    submitted("f", site, [], small, `r${count}`);
    hints.got(`r${count}`);
  };

  it("is told once for its place", () => {
    for (let count = 0; count < 40; count += 1) call(count);
    say(/^ray-ts: hint: main\.ts:1:2: 10 calls in a row.*one before had been got/);
  });

  it("is told for each of several places one after the other, however few calls come from it", () => {
    for (const line of [3, 5, 7, 9])
      for (let count = 0; count < 12; count += 1) call(count, { text: `main.ts:${line}:1` });
    say(/main\.ts:3:1: 10 calls/, /main\.ts:5:1: 10 calls/, /main\.ts:7:1: 10 calls/, /main\.ts:9:1: 10 calls/);
  });

  it("reads the places of a few calls alone, as long as they are the same or take turns", () => {
    // Finding out what a place is called takes time; it is done once.
    const read = new Set<number>();
    const site = (count: number, text: string): typeof here => ({
      get text() {
        read.add(count);
        return text;
      },
    });
    for (let count = 0; count < 1_000; count += 1) call(count, site(count, "main.ts:1:2"));
    for (let count = 1_000; count < 2_000; count += 1) call(count, site(count, `main.ts:${count % 2}:3`));
    assert.ok(read.size < 500, `${read.size} of 2,000`);
  });

  it("is told where each is waited for and then got, or got twice", () => {
    for (let count = 0; count < 12; count += 1) {
      call(count);
      hints.got(`r${count}`);
    }
    say(/main\.ts:1:2: 10 calls in a row/);
  });

  it("is none where something older is got in between", () => {
    for (let count = 0; count < 40; count += 1) {
      hints.got(`older${count}`);
      call(count);
    }
    sayNothing();
  });

  it("is none where something else than the calls is waited for: before each of them, or while it runs", async () => {
    const pause = async (count: number): Promise<void> => {
      call(count);
      await aTurn();
    };
    const late = async (count: number): Promise<void> => {
      submitted("f", here, [], small, `r${count}`);
      await aTurn();
      hints.asks(`r${count}`);
      hints.got(`r${count}`);
    };
    for (const each of [pause, late]) for (let count = 0; count < 40; count += 1) await each(count);
    sayNothing();
  });

  it("is told where the calls themselves take turns of the event loop", async () => {
    for (let count = 0; count < 10; count += 1) {
      submitted("f", here, [], small, `r${count}`);
      await Promise.resolve();
      hints.asks(`r${count}`);
      await aTurn();
      hints.got(`r${count}`);
      await Promise.resolve();
    }
    say(/main\.ts:1:2: 10 calls in a row/);
  });

  it("is none when several are under way", () => {
    for (let count = 0; count < 40; count += 2) {
      for (const each of [count, count + 1]) submitted("f", here, [], small, `r${each}`);
      for (const each of [count, count + 1]) hints.got(`r${each}`);
    }
    sayNothing();
  });

  it("is none when the calls come from different places, or something else is waited for in between", () => {
    for (let count = 0; count < 40; count += 1) call(count, { text: `main.ts:${count}` });
    for (let count = 0; count < 40; count += 1) {
      call(count);
      if (count % 8 === 0) hints.gotMany();
    }
    sayNothing();
  });

  it("is told for each function of a loop that calls several in turn", () => {
    for (let count = 0; count < 20; count += 1)
      for (const [index, name] of ["f", "g", "h"].entries()) {
        submitted(name, { text: `main.ts:${index}` }, [], small, `${name}${count}`);
        hints.got(`${name}${count}`);
      }
    say(/main\.ts:0: 10 calls in a row/, /main\.ts:1: 10 calls/, /main\.ts:2: 10 calls/);
  });

  it("is told where the same function is called by other names", () => {
    for (let count = 0; count < 20; count += 1) {
      submitted(`f${count}`, here, [], small, `r${count}`);
      hints.got(`r${count}`);
    }
    say(/main\.ts:1:2: 10 calls in a row/);
  });

  it("is none when each is handed what one before it gave, whole or in part", () => {
    const chains: ((value: { state: number[]; step: number; text: string }) => unknown)[] = [
      (value) => value,
      (value) => ({ of: value }),
      ({ state }) => state,
      ({ step }) => step,
      ({ text }) => text,
    ];
    for (const argumentOf of chains)
      for (let count = 0, argument: unknown = 0; count < 40; count += 1) {
        submitted("f", here, [argument], small, `r${count}`);
        const value = { state: [count], step: count + 0.5, text: `${count}`.repeat(300) };
        hints.got(`r${count}`, value);
        submitted("log", there, [value.step], small, `l${count}`);
        hints.got(`l${count}`, true);
        argument = argumentOf(value);
      }
    sayNothing();
  });

  it("is none when each is handed the ref of the one before it, or one that was made of its value", () => {
    const call = (id: string, given: string): unknown => {
      const value = { by: Symbol(id) };
      const dependencies = [{ position: 0, id: given }];
      hints.submitted({ name: "f", site: here, args: [undefined], dependencies, id, actor: undefined }, small);
      hints.got(id, value);
      return value;
    };
    for (let count = 0; count < 20; count += 1) call(`r${count + 1}`, `r${count}`);
    for (let count = 20, value = call("r20", "r19"); count < 40; count += 1) {
      hints.put(`p${count}`, value, undefined);
      value = call(`r${count + 1}`, `p${count}`);
    }
    sayNothing();
    for (let count = 40; count < 60; count += 1) call(`r${count + 1}`, "what all of them need");
    say(/main\.ts:1:2: 10 calls in a row/);
  });

  it("is told where each is handed the same that was got before all of them", () => {
    const config = { retries: 3 };
    submitted("load", there, [], small, "config");
    hints.got("config", config);
    for (let count = 0; count < 20; count += 1) {
      submitted("f", here, [config, count], small, `r${count}`);
      hints.got(`r${count}`, `result ${count}`);
    }
    say(/main\.ts:1:2: 10 calls in a row/);
  });

  it("is told for each of several loops over the same", () => {
    for (const line of [3, 5, 7])
      for (let count = 0; count < 25; count += 1) {
        submitted("same", { text: `main.ts:${line}:1` }, [count], small, `${line}-${count}`);
        hints.got(`${line}-${count}`, count);
      }
    say(/main\.ts:3:1: 10 calls/, /main\.ts:5:1: 10 calls/, /main\.ts:7:1: 10 calls/);
  });

  it("is told where one of several is handed what another gave, for the one that is not", () => {
    for (let count = 2; count < 20; count += 1) {
      submitted("f", here, [count], small, `f${count}`);
      hints.got(`f${count}`, `f of ${count}`);
      submitted("g", there, [`f of ${count}`], small, `g${count}`);
      hints.got(`g${count}`, `g of ${count}`);
    }
    say(/main\.ts:1:2: 10 calls in a row/);
  });

  it("is told where calls of actors take turns, and not for those of one, which does", () => {
    for (const actors of [["a"], ["a", "b"]]) {
      for (let count = 0; count < 20; count += 1) {
        const actor = actors[count % actors.length];
        const id = `${actors.length}-${count}`;
        hints.submitted({ name: "A.m", site: here, args: [], dependencies: [], id, actor }, small);
        hints.got(id);
      }
      if (actors.length === 1) sayNothing();
    }
    say(/main\.ts:1:2: 10 calls in a row/);
  });

  it("is none while a call that has no result, or one that nobody has got, is under way", () => {
    for (let count = 0; count < 40; count += 1) {
      submitted("g", there, [], small, count % 2 === 0 ? undefined : `g${count}`);
      call(count);
    }
    sayNothing();
  });
});

describe("arguments", () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => index);

  it("the same large object is told at the third call", () => {
    const table = [...rows];
    for (let count = 0; count < 2; count += 1) submitted("f", here, [table, count], large, `r${count}`);
    sayNothing();
    for (let count = 2; count < 9; count += 1) submitted("f", here, [table, count], large, `r${count}`);
    say(/argument 1 of f is the same object.*is gone through for each of them \(200 kB\).*put\(object\)/);
  });

  it("so is the same large text", () => {
    const text = (letter: string): string => letter.repeat(200_000);
    for (let count = 0; count < 3; count += 1) submitted("f", here, [text("a")], large, `r${count}`);
    say(/argument 1 of f is the same text in call after call.*\(200 kB\).*const ref = put\(text\)/);
    for (const letter of "abcdef") submitted("f", there, [text(letter)], large, letter);
    assert.equal(said.length, 1, "others are others");
  });

  it("so is one that lies in a small array or object, and one that goes to constructors", () => {
    const text = "x".repeat(200_000);
    const base = { data: rows, steps: 10 };
    const forms: ((rate: number) => unknown)[] = [
      (rate) => ({ data: rows, rate }),
      (rate) => ({ ...base, rate }),
      (rate) => [rows, rate],
      (rate) => ({ text, rate }),
    ];
    for (const [line, form] of forms.entries()) {
      hints = new Hints();
      for (let rate = 0; rate < 6; rate += 1)
        submitted("f", { text: `main.ts:${line}` }, [form(rate)], large, `r${rate}`);
    }
    hints = new Hints();
    for (let count = 0; count < 3; count += 1)
      hints.passed({ name: "A.constructor", site: there, args: [rows] }, large);
    const holds = (what: string): RegExp =>
      new RegExp(`argument 1 of f holds the same ${what} in .* pass ref, as an argument of its own`);
    say(
      ...["object", "object", "object", "text"].map(holds),
      /main\.ts:3:4: argument 1 of A\.constructor is the same object/,
    );
  });

  it("what is in one call more than once, or is small and goes with what is large, is none", () => {
    const options = { rate: 1 };
    submitted("f", here, [[rows, rows, rows], rows], large, "r");
    for (let count = 0; count < 9; count += 1) {
      submitted("f", here, [[...rows], options], large, `r${count}`);
      submitted("f", here, [{ data: [...rows], options }], large, `s${count}`);
    }
    sayNothing();
  });

  it("a large text that was got only to be passed on is told as that, with who made it", () => {
    for (const letter of "abc") {
      hints.fetched(letter.repeat(200_000), large, "load");
      submitted("f", here, [letter.repeat(200_000)], large, letter);
    }
    say(/argument 1 of f is what get\(\) gave for the ref of load/);
  });

  it("small calls, and large ones of other objects, are nobody's business", () => {
    const table = [1, 2, 3];
    for (let count = 0; count < 9; count += 1) {
      submitted("f", here, [table], small, `r${count}`);
      submitted("f", here, [[1, 2, 3]], large, `s${count}`);
    }
    sayNothing();
  });

  it("what was got only to be passed on is told, with who made it", () => {
    const value = { a: 1 };
    hints.fetched(value, large, "load");
    submitted("f", here, [0, value], large, "r1");
    submitted("f", here, [0, value], large, "r2");
    say(/main\.ts:1:2: argument 2 of f is what get\(\) gave for the ref of load/);
  });

  it("so is what was got and lies in an argument, or is put()", () => {
    const value = { a: 1 };
    hints.fetched(value, large, "load");
    submitted("f", here, [{ count: 1, value }], large, "r1");
    hints.put("p1", value, there);
    say(
      /main\.ts:1:2: argument 1 of f holds what get\(\) gave for the ref of load.*as an argument of its own, unless/,
      /main\.ts:3:4: put\(\) stores again what get\(\) gave for the ref of load\. Use that ref, unless/,
    );
  });

  it("what was made of it is another", () => {
    const value = { rows: [1, 2, 3], limit: 0 };
    hints.fetched(value, large, "load");
    submitted("f", here, [{ ...value, limit: 5 }], large, "r1");
    submitted("f", here, [value.rows], large, "r2");
    hints.put("p1", [...value.rows], there);
    sayNothing();
  });

  it("a small value may go round", () => {
    const value = { a: 1 };
    hints.fetched(value, small, "load");
    submitted("f", here, [value], large, "r1");
    sayNothing();
  });
});

it("short calls are told with how many would be worth while", () => {
  hints.short({ name: "f", site: here, micros: 4 });
  say(/calls of f take 4 µs each.*the work of 250 of them takes a millisecond/);
});
