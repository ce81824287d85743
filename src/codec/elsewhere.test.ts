// Functions that are rebuilt and run in another process: the result there must be what a local call gives.
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { tmpdir } from "node:os";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { createContext, Script, type Context } from "node:vm";
import { encodeFunction } from "./function.ts";
import { registerSerializer } from "./kinds.ts";
import type { Payload } from "./payload.ts";
import { decodeThrown } from "./thrown.ts";
import { decode, encode, prepare } from "./value.ts";

/** What the other process runs: it decodes a function and its arguments, and answers with the result. */
const program = `
import { decode, encode, prepare } from ${JSON.stringify(new URL("./value.js", import.meta.url).href)};
import { encodeThrown } from ${JSON.stringify(new URL("./thrown.js", import.meta.url).href)};
import { setWorker } from ${JSON.stringify(new URL("./modules.js", import.meta.url).href)};
setWorker({ entry: ${JSON.stringify(import.meta.url)}, loaders: [], workingFolder: process.cwd() });
process.on("message", async ({ body, args }) => {
  try {
    for (const payload of [body, args]) await prepare(payload);
    process.send({ done: encode(await decode(body)(...decode(args))) });
  } catch (error) {
    process.send({ thrown: encodeThrown(error) });
  }
});
`;

const folder = mkdtempSync(join(tmpdir(), "ray-ts-codec-"));
let child: ChildProcess | undefined;

function other(): ChildProcess {
  if (child !== undefined) return child;
  const file = join(folder, "elsewhere.mjs");
  writeFileSync(file, program);
  child = fork(file, [], { serialization: "advanced", execArgv: ["--disable-warning=ExperimentalWarning"] });
  return child;
}

after(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

type AnyFunction = (...args: never[]) => unknown;

async function ship(fn: AnyFunction, ...args: unknown[]): Promise<unknown> {
  const message = { body: encodeFunction(fn, { name: fn.name || "f" }).payload, args: encode(args) };
  other().send(message);
  const [answer] = (await once(other(), "message")) as [{ done?: Payload; thrown?: Payload }];
  await prepare((answer.done ?? answer.thrown) as Payload);
  if (answer.thrown !== undefined) throw decodeThrown(answer.thrown) as Error;
  return decode(answer.done as Payload);
}

async function same(fn: AnyFunction, ...args: unknown[]): Promise<void> {
  const there = ship(fn, ...args);
  assert.deepEqual(await there, await fn(...(args as never[])));
}

let moduleCount = 10;
const increase = (): number => (moduleCount += 1);
function readCount(): number {
  return moduleCount;
}

describe("functions", () => {
  it("run elsewhere", async () => assert.notEqual(await ship(() => process.pid), process.pid));

  it("variables of all scopes, shadowed ones too", async () => {
    const x = "outer";
    const readers: (() => unknown)[] = [];
    for (let i = 0; i < 3; i++) readers.push(() => [i, x, moduleCount]);
    {
      const x = "inner";
      readers.push(() => x);
    }
    await same(() => readers.map((read) => read()));
  });

  it("imports and Node's own, by reference", async () => {
    const later = promisify(setTimeout);
    await same(async () => [
      basename("/a/b"),
      join("a", "b"),
      typeof later,
      (await import("node:os")).EOL,
      Math.max === Math.max,
    ]);
  });

  it("recursion, generators, methods, bound functions, super", async () => {
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
    await same(factorial, 10);
    const base = { hello: (): string => "base" };
    const derived = {
      __proto__: base,
      hello(): string {
        return `derived ${super.hello()}`;
      },
      *[Symbol.iterator](): Generator<number> {
        yield 1;
      },
    };
    const { hello } = derived;
    const bound = Math.max.bind(null, 10);
    await same(() => [derived.hello(), [...derived], hello.call(null as never), bound(3), bound.name]);
  });

  it("names, lengths and properties are kept", async () => {
    const fn = Object.assign((a: number, b = 1, ...rest: number[]) => [a, b, rest], { extra: { n: 1 } });
    Object.defineProperty(fn, "name", { value: "renamed" });
    await same(() => [fn.name, fn.length, fn.extra, Object.keys(fn)]);
    await same(() => [() => 1, function () {}].map(({ name }) => name));
  });

  it("arguments of the function around an arrow", async () => {
    function outer(..._all: unknown[]): () => unknown {
      return () => [arguments.length, Array.from(arguments)];
    }
    await same(outer(1, "two", { three: 3 }));
  });

  it("errors stand where they were written", async () => {
    const failing = (): never => {
      throw new RangeError("there");
    };
    const places: unknown[] = [];
    for (const run of [(): Promise<unknown> => ship(failing), async (): Promise<unknown> => failing()]) {
      await run().catch((error: Error) =>
        places.push([error.name, /elsewhere\.test\.\w+:\d+:\d+/.exec(String(error.stack))?.[0]]),
      );
    }
    assert.deepEqual(places[0], places[1]);
  });

  it("functions as arguments and as results", async () => {
    const made = (await ship(
      (add: (x: number) => number) => (x: number) => add(x) * 2,
      (x: number) => x + moduleCount,
    )) as (x: number) => number;
    assert.equal(made(1), (1 + moduleCount) * 2);
  });
});

describe("state", () => {
  it("closures go on sharing what one of them changes", async () => {
    const start = moduleCount;
    assert.deepEqual(
      await ship(() => [increase(), increase(), readCount(), moduleCount]),
      [1, 2, 2, 2].map((n) => start + n),
    );
    assert.equal(moduleCount, start);
  });

  it("activations are kept apart, even when their values are equal", async () => {
    const activation = (start: number): { up: () => number; read: () => number } => {
      let n = start;
      return { up: () => (n += 1), read: () => n };
    };
    const [a, b] = [activation(0), activation(0)];
    assert.deepEqual(await ship(() => [a.up(), a.up(), b.up(), a.read(), b.read()]), [1, 2, 1, 2, 1]);
  });

  it("activations are kept apart in a process that has much garbage", async () => {
    const counter = (): (() => number) => {
      let n = 0;
      return () => (n += 1);
    };
    const [a, b] = [counter(), counter()];
    const before = process.memoryUsage().heapUsed;
    let held: object[] = [];
    while (process.memoryUsage().heapUsed < before + 80_000_000) for (let i = 0; i < 10_000; i++) held = [{ held, i }];
    assert.equal(held.length, 1);
    held = [];
    assert.deepEqual(await ship(() => [a(), a(), b()]), [1, 2, 1]);
  });

  it("declarations at the top of a script without a file are shared, and are those of its context", async () => {
    const text =
      "var top = 0; let low = 0; function up() { top += 1; return (low += 1); } ({ up, read: () => [top, low] })";
    const run = (context: Context): { up: () => number; read: () => number[] } =>
      new Script(text).runInContext(context) as ReturnType<typeof run>;
    const [a, b] = [run(createContext({})), run(createContext({}))];
    assert.deepEqual(await ship(() => [a.up(), a.up(), b.up(), a.read(), b.read()]), [1, 2, 1, [2, 2], [1, 1]]);
  });

  it("so is a declaration there that replaces itself", async () => {
    new Script("function onceAtTop() { onceAtTop = () => 'again'; return 'first'; }").runInThisContext();
    const once = new Script("() => [onceAtTop(), onceAtTop()]").runInThisContext() as () => string[];
    try {
      assert.deepEqual(await ship(once), ["first", "again"]);
    } finally {
      Reflect.deleteProperty(globalThis, "onceAtTop");
    }
  });

  it("one function's state does not leak into another's", async () => {
    let n = 0;
    assert.equal(await ship(() => (n += 1)), 1);
    assert.equal(await ship(() => n), 0);
  });
});

class Animal {
  static made = 0;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
    Animal.made += 1;
  }
  speak(): string {
    return `${this.name} makes a sound`;
  }
}
class Dog extends Animal {
  static #secret = 7;
  static secret(): number {
    return Dog.#secret;
  }
  override speak(): string {
    return `${super.speak()}: woof`;
  }
}

describe("classes", () => {
  it("by value, with what they inherit, their statics and private names", async () => {
    Animal.made = 5;
    assert.deepEqual(
      await ship(() => [new Dog("Rex").speak(), Animal.made, Dog.secret(), new Dog("x") instanceof Animal]),
      ["Rex makes a sound: woof", 6, 7, true],
    );
  });

  it("with methods that are named like the words before them", async () => {
    class Words {
      static static(): number {
        return 1;
      }
      static(): number {
        return 2;
      }
      get(): number {
        return 3;
      }
      async(): number {
        return 4;
      }
    }
    const each = (words: Words): number[] => [Words.static(), words.static(), words.get(), words.async()];
    assert.deepEqual(await ship(() => each(new Words())), [1, 2, 3, 4]);
  });

  it("are one class in all payloads, and the driver's own when they come back", async () => {
    await ship((dog: object) => void Reflect.set(globalThis, "remembered", dog.constructor), new Dog("a"));
    assert.equal(
      await ship((dog: object) => dog.constructor === Reflect.get(globalThis, "remembered"), new Dog("b")),
      true,
    );
    const back = (await ship(() => new Dog("back"))) as Dog;
    assert.ok(back instanceof Dog && back instanceof Animal);
    assert.equal(await ship(() => Dog), Dog);
  });

  it("errors of one's own class", async () => {
    class OwnError extends Error {
      code = "E_OWN";
    }
    await assert.rejects(
      () =>
        ship(() => {
          throw new OwnError("there");
        }),
      (error) => error instanceof OwnError && error.code === "E_OWN" && error.message === "there",
    );
  });

  it("a serializer travels with the first function", async () => {
    class Handle {
      readonly #fd: number;
      constructor(fd: number) {
        this.#fd = fd;
      }
      get fd(): number {
        return this.#fd;
      }
    }
    registerSerializer(Handle, { serialize: (handle) => handle.fd, deserialize: (fd) => new Handle(fd + 1) });
    assert.equal(await ship((handle: Handle) => handle.fd, new Handle(1)), 2);
    const back = (await ship(() => new Handle(10))) as Handle;
    assert.ok(back instanceof Handle);
    assert.equal(back.fd, 11);
  });
});

describe("modules", () => {
  it("what a module exports is found there again, with the module's own state", async () => {
    const file = join(folder, "counter.mjs");
    writeFileSync(
      file,
      "let n = 0;\nexport const bump = () => (n += 1);\nexport const box = { pid: process.pid };\nconst own = { pid: process.pid };\nexport const make = () => () => [own.pid === process.pid, box.pid === process.pid];\n",
    );
    const { bump, make } = (await import(file)) as { bump: () => number; make: () => () => boolean[] };
    bump();
    assert.deepEqual([await ship(() => [bump(), bump()]), await ship(bump)], [[1, 2], 3]);
    // `own` is copied, `box` is the other process's.
    assert.deepEqual(await ship(make()), [false, true]);
  });

  it("a file that changed is told", async () => {
    const file = join(folder, "changes.mjs");
    writeFileSync(file, "export const work = () => 1;\n");
    const { work } = (await import(file)) as { work: () => number };
    writeFileSync(file, "export const work = () => 2;\n");
    await assert.rejects(() => ship(() => work()), /has a different 'work' than the driver/);
  });
});
