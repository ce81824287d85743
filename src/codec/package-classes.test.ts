// What cannot travel inside of an instance of a package's class: the advice is about that instance, by the name that users know.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Transform } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { pathToFileURL } from "node:url";
import { SerializationError } from "../domain/errors.ts";
import { encodeFunction } from "./function.ts";
import { encode } from "./value.ts";

interface Package {
  readonly Client: new (inside?: unknown) => object;
  readonly Cache: new () => object;
  readonly Lowered: new () => object;
}

const program = `
class Client { constructor(inside = Promise.resolve()) { this.options = { inside }; } }
class d { #map = new Map(); get size() { return this.#map.size; } }
var _Lowered_size;
class Lowered { constructor() { _Lowered_size.set(this, 1); } }
_Lowered_size = new WeakMap();
export { Client, d as Cache, Lowered };
`;

const folder = mkdtempSync(join(tmpdir(), "ray-ts-package-"));
let installed: Package;

before(async () => {
  const place = join(folder, "node_modules", "boom");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "index.mjs"), program);
  installed = (await import(pathToFileURL(join(place, "index.mjs")).href)) as Package;
});

after(() => rmSync(folder, { recursive: true }));

function refusalOf(run: () => unknown): SerializationError {
  try {
    run();
  } catch (error) {
    if (error instanceof SerializationError) return error;
    throw error;
  }
  throw new Error("it travelled");
}

it("a Promise in a client is said to be the package's, or the user's own", () => {
  const client = new installed.Client();
  const { hint } = refusalOf(() => encodeFunction(() => client, { name: "job" }));
  assert.match(hint, /^'client' leads into an instance of Client, a class of a package\. If that has put there what/);
  assert.match(hint, /create it inside the function, or in a module that it imports\. If you have: Await it/);
});

it("a resource in a client leaves one thing to do", () => {
  const client = new installed.Client(new AbortController());
  const stream = new installed.Client(new Transform());
  assert.match(refusalOf(() => encode([client])).hint, /^It leads into an instance of Client.* If you have: Cancel/);
  assert.match(
    refusalOf(() => encode([stream])).hint,
    /^It leads into an instance of Client, a class of a package: create it inside the function, or in a module that it imports\.$/,
  );
});

it("a Promise beside a client is the user's", () => {
  const client = new installed.Client({});
  assert.match(refusalOf(() => encode({ client, later: Promise.resolve() })).hint, /^Await it/);
});

it("a class whose name a minifier has changed goes by that of its export", () => {
  const { reason } = refusalOf(() => encode(new installed.Cache()));
  assert.match(reason, /^is an instance of class Cache, which has private members \(#map\)/);
});

it("of private members nothing is advised that only the author of the class can do", () => {
  for (const made of [new installed.Cache(), new installed.Lowered()]) {
    const inside = "Create it inside the function, or import it from a module that creates it.";
    const refused = refusalOf(() => encodeFunction(() => made, { name: "job" }));
    assert.match(refused.message, /which has private members/);
    assert.equal(refused.hint, inside);
    assert.equal(refusalOf(() => encode([made])).hint, inside);
  }
  const { hint } = refusalOf(() => encode(new Cache()));
  assert.match(
    hint,
    /^Give the class a serializer, with registerSerializer\(Cache, .* Or create it inside the function/,
  );
});

class Cache {
  #size = 0;
  size(): number {
    return this.#size;
  }
}

it("a function of the engine in a client is not taken for one that the user has captured", () => {
  let resolve: unknown;
  void new Promise((settle) => (resolve = settle));
  const client = new installed.Client(resolve);
  assert.match(
    refusalOf(() => encode([client])).hint,
    /^It leads into an instance of Client, a class of a package: create it inside the function, or in a module that it imports\.$/,
  );
});

it("a class of the user's over one of Node's goes by its own name", () => {
  class Logger extends Transform {}
  const { reason } = refusalOf(() => encode(new Logger()));
  assert.equal(reason, "is a Logger, and so a node:stream.Transform: it belongs to this process.");
});

it("a class that a mixin has made look like one of Node's is not called one", () => {
  class Client {
    readonly open = false;
  }
  for (const key of Reflect.ownKeys(EventEmitter.prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(EventEmitter.prototype, key);
    Object.defineProperty(Client.prototype, key, descriptor as PropertyDescriptor);
  }
  assert.match(
    refusalOf(() => encode(new Client())).reason,
    /^is of a class that has taken over all that Node's EventE/,
  );
  assert.doesNotThrow(() => encode(new EventEmitter()));
  class Redis {
    connect(): string {
      return "connected";
    }
  }
  Object.defineProperty(Redis.prototype, "constructor", { value: EventEmitter });
  assert.match(
    refusalOf(() => encode(new Redis())).reason,
    /^is a Redis, a class that has taken over all that Node's E/,
  );
});
