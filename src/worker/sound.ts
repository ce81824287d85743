// Whether this process can still do its work. A task may have replaced what the language is made of: `Array.prototype.map`, `Promise`.
// The calls after it would then get wrong results, or none at all, and nobody would know why.
//
// To guard each use of an array against that would be another language to write. Instead a sample of all that we stand on is tried now
// and then, and what comes of it is compared. Replacements that behave, as those of tracers and polyfills do, are not noticed.
import { Buffer } from "node:buffer";
import { slot } from "../api/slot.ts";
import { decode, encode } from "../codec/value.ts";
import type { Payload } from "../domain/object.ts";
import { ownerEnd, workerEnd } from "../local/coding/direct.ts";
import type { WorkerToOwner } from "../protocol/hello.ts";
import { FrameSplitter } from "../wire/frame.ts";
import { Reader } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";

export class Soundness {
  /** What became of the promises of the last look. */
  #promises: "wait" | "kept" | "broken" = "kept";

  /** What no longer works; undefined when all does. Of promises it sees only what they do at once. */
  fault(): string | undefined {
    for (let index = 0; index < parts.length; index += 1) {
      const part = parts[index] as Part;
      if (!works(part)) return part.name;
    }
    return undefined;
  }

  /** The same, and whether promises still lead on to what waits for them. To be called in a turn of its own. */
  faultNow(): string | undefined {
    const fault = this.fault();
    if (fault !== undefined) return fault;
    if (this.#promises !== "kept") return "promises that were resolved";
    this.#promises = "wait";
    void this.#tryPromises();
    return undefined;
  }

  async #tryPromises(): Promise<void> {
    try {
      const made = new Promise<{ value: number }>((resolve) => resolve({ value: 1 }));
      const [first, second] = await Promise.all([made, Promise.resolve({ value: 2 })]);
      const last = await Promise.resolve(first).then(({ value }) => value + second.value);
      this.#promises = last === 3 ? "kept" : "broken";
    } catch {
      this.#promises = "broken";
    }
  }
}

function works(part: Part): boolean {
  try {
    return part.works();
  } catch {
    return false;
  }
}

interface Part {
  readonly name: string;
  readonly works: () => boolean;
}

/** Compared by operators alone, which nobody can replace. */
const parts: readonly Part[] = [
  {
    name: "the iteration of arrays",
    works: () => {
      let sum = 0;
      for (const each of [1, 2]) sum += each;
      const [first, , third] = [4, 5, 6];
      const copy = [...[7, 8]];
      return sum === 3 && first === 4 && third === 6 && copy.length === 2 && copy[1] === 8;
    },
  },
  {
    name: "elements of arrays",
    works: () => {
      const list: number[] = [];
      list[0] = 1;
      return list.length === 1 && list[0] === 1 && Array.isArray(list) && !Array.isArray({ length: 1 });
    },
  },
  {
    name: "push, pop, shift, splice and slice of arrays",
    works: () => {
      const list = [1, 2];
      list.push(3, 4);
      list.unshift(0);
      const tail = list.slice(3);
      const ends = list.pop() === 4 && list.shift() === 0 && list.splice(0, 1)[0] === 1;
      return ends && list.length === 2 && list[1] === 3 && tail.length === 2 && tail[0] === 3;
    },
  },
  {
    name: "map, filter, some, every, find and join of arrays",
    works: () => {
      const list = [1, 2, 3];
      const mapped = list.map((each) => each * 2);
      const kept = list.filter((each) => each > 1);
      const looked = list.some((each) => each === 3) && !list.every((each) => each === 3);
      const found = list.find((each) => each > 1) === 2 && list.indexOf(3) === 2 && !list.includes(9);
      return mapped[2] === 6 && kept.length === 2 && kept[0] === 2 && looked && found && list.join("") === "123";
    },
  },
  {
    name: "entries and keys of arrays",
    works: () => {
      let sum = "";
      for (const [index, each] of ["a", "b"].entries()) sum += index + each;
      for (const index of ["a", "b"].keys()) sum += index;
      return sum === "0a1b01";
    },
  },
  {
    name: "Map",
    works: () => {
      const map = new Map<unknown, number>([["a", 1]]).set("b", 2);
      let sum = "";
      for (const [key, value] of map) sum += `${String(key)}${value}`;
      for (const value of map.values()) sum += value;
      return (
        map.size === 2 &&
        map.get("b") === 2 &&
        map.get("c") === undefined &&
        map.delete("a") &&
        !map.has("a") &&
        sum === "a1b212"
      );
    },
  },
  {
    name: "Set",
    works: () => {
      const set = new Set([1]).add(2);
      let sum = 0;
      for (const each of set) sum += each;
      return set.has(2) && set.delete(1) && !set.has(1) && set.size === 1 && sum === 3;
    },
  },
  {
    name: "WeakMap and WeakRef",
    works: () => {
      const key = {};
      const map = new WeakMap([[key, 1]]);
      return map.get(key) === 1 && map.has(key) && !map.has({}) && new WeakRef(key).deref() === key;
    },
  },
  {
    name: "Object",
    works: () => {
      const made: unknown = Object.create(Array.prototype, { a: { value: 1, enumerable: true } });
      const from: unknown = Object.fromEntries([["a", 1]]);
      Object.defineProperty(from, "b", { value: 2 });
      const prototypes = Object.getPrototypeOf(made) === Array.prototype && Object.setPrototypeOf({}, null) !== null;
      const described = Object.getOwnPropertyDescriptor(from, "b")?.value === 2 && Object.hasOwn(made as object, "a");
      const listed = Object.keys(from as object).length === 1 && Object.entries(from as object)[0]?.[1] === 1;
      // What every object has is taken for what was asked of `defineProperty`.
      const bare = !["get", "set", "value", "writable", "enumerable", "configurable"].some((key) => key in {});
      return prototypes && described && listed && bare && !Object.hasOwn({}, "toString");
    },
  },
  {
    name: "Reflect and Symbol",
    works: () => {
      const target = { a: 1, [Symbol.iterator]: 2 };
      const read = Reflect.get(target, "a") === 1 && Reflect.ownKeys(target).length === 2;
      return (
        read && Reflect.apply((one: number) => one + 1, undefined, [1]) === 2 && Symbol.for("a") === Symbol.for("a")
      );
    },
  },
  {
    name: "functions",
    works: () => {
      const sum = function (this: number, other: number): number {
        return this + other;
      };
      return sum.call(1, 2) === 3 && sum.apply(1, [3]) === 4 && sum.bind(1)(4) === 5;
    },
  },
  {
    name: "String and RegExp",
    works: () => {
      const text = "a,b\u00e9";
      const parts = text.split(",");
      const cut =
        text.slice(2) === "b\u00e9" && text.startsWith("a") && !text.startsWith("b") && text.endsWith("\u00e9");
      const codes = text.charCodeAt(0) === 97 && String.fromCharCode(98) === "b" && text.indexOf("b") === 2;
      const matched = /^(a),/.exec(text)?.[1] === "a" && !/^.b/.test(text) && text.replace("a", "c") === "c,b\u00e9";
      return parts.length === 2 && parts[0] === "a" && cut && codes && matched;
    },
  },
  {
    name: "Math and Number",
    works: () => {
      const rounded = Math.floor(2.5) === 2 && Math.ceil(2.5) === 3 && Math.round(2.6) === 3;
      const bounded = Math.max(1, 2) === 2 && Math.min(1, 2) === 1;
      return (
        rounded &&
        bounded &&
        Number.isInteger(2) &&
        !Number.isInteger(2.5) &&
        !Number.isNaN(1) &&
        Number.isNaN(Number.NaN)
      );
    },
  },
  {
    name: "JSON",
    works: () => JSON.stringify({ a: ["1"] }) === '{"a":["1"]}' && (JSON.parse("[1]") as number[])[0] === 1,
  },
  {
    name: "Error",
    works: () => {
      const error = new RangeError("a");
      return error instanceof RangeError && error instanceof Error && error.message === "a" && !({} instanceof Error);
    },
  },
  {
    name: "Promise",
    works: () => {
      const promise = Promise.resolve(1);
      const next: unknown = promise.then((value) => value);
      const ordinary = !("then" in {}) && !({} instanceof Promise);
      return promise instanceof Promise && ordinary && typeof next === "object" && next !== promise;
    },
  },
  {
    name: "AsyncLocalStorage",
    works: () => slot.calls.run("importing", () => slot.calls.getStore()) === "importing",
  },
  {
    name: "bytes",
    works: () => {
      const bytes = new Uint8Array(4);
      bytes.set([1, 2], 1);
      const part = bytes.subarray(1, 3);
      return part.length === 2 && part[1] === 2 && Buffer.from(bytes).readUInt32LE(0) === 0x02_01_00;
    },
  },
  {
    name: "values and messages",
    works: () => {
      const arrived = decode(travelled(encode({ text: "größer", list: [1, "two", [null]] }, "sample"))) as Sample;
      return (
        arrived.text === "größer" &&
        arrived.list.length === 3 &&
        arrived.list[1] === "two" &&
        arrived.list[2][0] === null
      );
    },
  },
];

interface Sample {
  readonly text: string;
  readonly list: readonly [number, string, readonly unknown[]];
}

const LEASE = 300;
/** Above 2^31, where counts are written in another way. */
const TASK = 2 ** 40;

/** As the result of a call travels to its owner. */
function travelled(value: Payload): Payload {
  const writer = new Writer();
  workerEnd.write(
    { type: "reply", lease: LEASE, task: TASK, reply: { kind: "done", values: [value] }, micros: 1.5 },
    writer,
  );
  const reader = new Reader(Buffer.alloc(0));
  let arrived: WorkerToOwner | undefined;
  new FrameSplitter((body, end, attachments) => {
    reader.open(body, end, attachments);
    arrived = ownerEnd.read(reader);
  }).feed(writer.take().head);
  const right =
    arrived?.type === "reply" && arrived.lease === LEASE && arrived.task === TASK && arrived.reply.kind === "done";
  if (!right || arrived?.type !== "reply" || arrived.reply.kind !== "done" || arrived.reply.values[0] === undefined)
    throw new Error("a message does not arrive as it was written");
  return arrived.reply.values[0];
}
