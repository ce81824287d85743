// What beginners do, and the sentence that helps them.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { it } from "node:test";
import {
  asCompleted,
  explainCapture,
  get,
  init,
  put,
  registerSerializer,
  remote,
  SerializationError,
  shipByValue,
  sleep,
  wait,
  type ObjectRef,
} from "ray-ts";

/** What the compiler would refuse, and a program without types does. */
function untyped(value: unknown): never {
  return value as never;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const slow = remote(function slow(n: number) {
  return n;
});

class Counter {
  static max = 7;
  count = 1;
  static most(): number {
    return this.max;
  }
  read(): number {
    return this.count;
  }
  async later(): Promise<number> {
    const { count } = this;
    return count;
  }
}
const counter = new Counter();
const Counters = remote(Counter);

/** A handle as a program without types has it. */
function misspelt(handle: unknown): Record<"option" | "Remote" | "most", (value?: unknown) => unknown> {
  return handle as never;
}

/** What somebody does, and what the TypeError says. */
const calls: readonly [string, () => unknown, RegExp, name?: string][] = [
  [
    "calls a remote function directly",
    () => untyped((slow as never as (n: number) => void)(1)),
    /Remote function 'slow' cannot be called directly\. Use slow\.remote\(…\), or slow\.local\(…\)/,
  ],
  ["gets a number", () => get(untyped(42)), /get\(\) takes an ObjectRef.*the number 42/],
  ["gets nothing", () => get(untyped(undefined)), /undefined.*numReturns: 0/],
  ["gets a promise", () => get(untyped(Promise.resolve(1))), /a Promise.*await it first/],
  [
    "gets .remote without calling it",
    () => get(untyped(slow.remote)),
    /the function 'slow\.remote'.*slow\.remote\(…\)/,
  ],
  ["forgets .remote", () => get(untyped(slow)), /the function 'slow'.*slow\.remote\(…\)/],
  ["has something else among the refs", () => get(untyped([slow.remote(1), 3])), /the number 3 at index 1/],
  ["nests the refs", () => get(untyped([[slow.remote(1)]])), /an array at index 0.*flat/],
  ["gets a revoked proxy", () => get(untyped(revoked())), /get\(\) takes an ObjectRef.*a revoked Proxy/],
  ["has a revoked proxy among the refs", () => get(untyped([revoked()])), /a revoked Proxy at index 0/],
  ["waits for a revoked proxy", () => wait(untyped(revoked())), /array of refs, but got a revoked Proxy/],
  [
    "has a revoked proxy for options",
    () => get(slow.remote(1), untyped(revoked())),
    /as an object, but got a revoked Proxy/,
  ],
  [
    "has a revoked proxy for an option",
    () => remote(() => 1, { resources: untyped(revoked()) }),
    /option resources should be an object.*a revoked Proxy/,
  ],
  [
    "makes a revoked proxy remote",
    () => remote(untyped(revoked())),
    /takes a function or a class, but got a revoked Proxy/,
  ],
  ["gets a set", () => get(untyped(new Set([slow.remote(1)]))), /a Set.*Spread/],
  ["gets a copy of a ref", () => get(untyped({ ...slow.remote(1) })), /copy of a ref/],
  [
    "gets an object made of a ref's prototype",
    () => get(untyped(Object.create(Object.getPrototypeOf(put(1)) as object))),
    /but got an object that has only the prototype of an ObjectRef\. A copy.*is no ref: use the one/,
  ],
  [
    "gets a proxy of a ref",
    () => get(untyped([new Proxy(put(1), {})])),
    /only the prototype of an ObjectRef at index 0\..*Proxy\) is no ref/,
  ],
  [
    "passes a timeout as Ray does",
    () => get(slow.remote(1), untyped(5)),
    /get\(\) takes its options as an object, but got 5/,
  ],
  [
    "misspells an option",
    () => get(slow.remote(1), untyped({ timeout: 5 })),
    /no option timeout\. Did you mean timeoutMs\?/,
  ],
  [
    "waits for a single ref",
    () => wait(untyped(slow.remote(1))),
    /an array of refs, but got an ObjectRef.*wait\(\[ref\]\)/,
  ],
  [
    "makes a ref of an id",
    () => {
      const ref = put(1);
      return new (ref.constructor as new (id: string) => typeof ref)(ref.id);
    },
    /Refs cannot be made of ids/,
  ],
  ["puts a ref", () => put(slow.remote(1)), /stored already.*put\(\[ref\]\)/],
  [
    "iterates over a single ref",
    () => asCompleted(untyped(slow.remote(1))),
    /an array or another iterable.*an ObjectRef/,
  ],
  [
    "makes nothing remote",
    () => remote(untyped(undefined)),
    /remote\(\) takes a function or a class, but got undefined/,
  ],
  ["makes the result of a call remote", () => remote(untyped(slow.local(1))), /the number 1.*not the result of a call/],
  [
    "misspells .options",
    () => misspelt(slow).option({ numCpus: 1 }),
    /^slow has no "option"\. Did you mean slow\.options\?$/,
  ],
  ["misspells .remote", () => misspelt(slow).Remote(1), /^slow has no "Remote"\. Did you mean slow\.remote\?$/],
  [
    "looks for a static at an actor class",
    () => misspelt(Counters).most(),
    /^Counter has no "most"\. Did you mean Counter\.local\.most\?$/,
  ],
  ["makes a function remote twice", () => remote(untyped(slow)), /'slow' is remote already.*slow\.options/],
  [
    "gives Ray's name of an option",
    () => slow.options(untyped({ num_cpus: 1 })),
    /slow\.options\(\) has no option num_cpus\. Did you mean numCpus\?/,
  ],
  ["gives a bad amount", () => remote(() => 1, { numCpus: -1 }), /numCpus should be.*-1/],
  [
    "turns a ref into JSON",
    () => JSON.stringify({ ref: slow.remote(1) }),
    /cannot be turned into JSON.*await get\(ref\)/,
  ],
  [
    "begins a second session with other options",
    () => init({ numCpus: 64 }),
    /init\(\): the session that runs already has another numCpus: 2, and not 64\..*Call init\(\) before/,
  ],
  ["gets two refs", () => get(slow.remote(1), untyped(slow.remote(2))), /several refs in one array: get\(\[a, b\]\)/],
  ["waits for two refs", () => wait(untyped(slow.remote(1)), untyped(slow.remote(2))), /wait\(\[a, b\]\)/],
  ["gets an object of refs", () => get(untyped({ a: slow.remote(1) })), /an object\..*Object\.values\(refs\)/],
  [
    "puts the options first, as Ray's decorator does",
    () => remote(untyped({ numCpus: 1 })),
    /got an object\. The function or class comes first.*remote\(fn, \{ … \}\)/,
  ],
  ["sleeps for a word", () => sleep(untyped("1")), /sleep\(\) takes a number of milliseconds, but got the string "1"/],
  [
    "waits for one ref twice",
    () => {
      const ref = slow.remote(1);
      return wait([ref, ref]);
    },
    /wait\(\) takes each ref once/,
  ],
  ["looks into a number", () => explainCapture(untyped(1)), /explainCapture\(\) takes a function or a class/],
  ["registers no serializer", () => registerSerializer(untyped(1), untyped(2)), /registerSerializer\(\) takes a class/],
  ["ships a path by value", () => shipByValue("./lib.js"), /shipByValue\(\) takes the URL of a module/],
  ["has a number among the refs", () => asCompleted(untyped([1])), /the number 1 at index 0/],
  ["adds to a ref", () => (slow.remote(1) as never) + 1, /the result of slow.*not the value itself.*await get\(ref\)/],
  ["multiplies a ref", () => Number(untyped(put(2))) * 2, /stands for a value/],
  [
    "adds up the refs in an array",
    () => get(remote((numbers: number[]) => numbers.reduce((a, b) => a + b, 0)).remote(untyped([slow.remote(1)]))),
    /A ref inside an array or object stays a ref/,
  ],
  [
    "calls itself by its inner name",
    () => {
      const again = remote(function again(n: number): unknown {
        return n === 0 ? 0 : (again as never as typeof slow).remote(n - 1);
      });
      return get(again.remote(1));
    },
    /again\.remote is not a function\n {2}Inside `function again`/,
    "TaskError(TypeError)",
  ],
  ...[counter.read, Counter.most, counter.later, [].map].map((method): [string, () => unknown, RegExp, string] => [
    `makes the method ${method.name} remote without its object`,
    () => get(remote(method as () => unknown).remote()),
    /\n {2}A remote function is called without 'this'.*remote\(\(\) => object\.method\(\)\)/,
    "TaskError(TypeError)",
  ]),
];

/** Where the stack begins, but for what the engine calls us by: JSON.stringify, Number. */
function firstFrame({ stack = "" }: Error): string {
  return stack.split("\n").find((line) => /^ {4}at (?!JSON\.stringify|Number)/.test(line)) ?? "";
}

export function mistakes(): void {
  for (const [what, call, message, name = ""] of calls) {
    it(`helps who ${what}`, async () => {
      await assert.rejects(
        async () => call(),
        (error) => {
          assert.ok(error instanceof TypeError);
          if (name !== "") assert.equal(error.name, name);
          assert.match(error.message, message);
          if (name === "") assert.match(firstFrame(error), /mistakes\.\w+:\d+:\d+/);
          return true;
        },
      );
    });
  }

  it("begins the stack of an error at the call with the user's own place", async () => {
    const take = remote(function take(_value: unknown) {});
    const placed = /^(?:(?!\n {4}at )[^])*\n {4}at .*mistakes\.\w+:\d+:\d+/;
    for (const call of [
      (): unknown => take.remote(Promise.resolve()),
      (): unknown => put(Promise.resolve()),
      (): unknown => get(untyped(1)),
    ]) {
      await assert.rejects(
        async () => call(),
        (error: Error) => placed.test(error.stack ?? ""),
      );
    }
  });

  it("calls a function without a name as its variable is called", () => {
    const parse = remote((text: string): unknown => JSON.parse(text));
    const table = { lookup: remote((key: string) => key) };
    assert.deepEqual([parse.name, table.lookup.name], ["parse", "lookup"]);
    assert.equal(remote(() => 1).name, "anonymous");
    assert.equal(parse.options({ name: "other" }).name, "other");
  });

  it("says of a method nothing but what it throws, where that is not for want of its object", async () => {
    const read = remote(
      {
        read(from: { name: string } | undefined) {
          return from!.name; // oxlint-disable-line typescript/no-non-null-assertion -- the mistake
        },
      }.read,
    );
    await assert.rejects(get(read.remote(undefined)), (error: Error) => !error.message.includes("'this'"));
  });

  it("leaves names that are like none of a handle undefined, as tools ask for them", async () => {
    const bag = slow as never as Record<string, unknown>;
    for (const name of ["then", "toJSON", "nodeType", "$$typeof", "asymmetricMatch", "_isMockFunction", "displayName"])
      assert.equal(bag[name], undefined, name);
    assert.equal(typeof bag["call"], "function");
    // It travels as every handle does.
    assert.equal(await get(remote(async (fn: typeof slow) => get(fn.remote(2))).remote(slow)), 2);
    assert.equal(await slow, slow); // oxlint-disable-line typescript/await-thenable -- the mistake
  });

  it("takes methods with their objects", async () => {
    assert.equal(await get(remote(() => counter.read()).remote()), 1);
    assert.equal(await get(remote(counter.read.bind(counter)).remote()), 1);
  });

  it("lets a ref be awaited by mistake: it stays a ref", async () => {
    const ref = slow.remote(1);
    // oxlint-disable-next-line typescript/await-thenable -- the mistake
    assert.equal(await ref, ref);
    assert.equal(Reflect.get(ref, "then"), undefined);
    const viaAsync = await (async (): Promise<ObjectRef<number>> => ref)();
    assert.equal(viaAsync, ref);
  });

  it("shows refs and handles in a way that tells them", async () => {
    const ref = slow.remote(1);
    assert.equal(String(ref), `ObjectRef(${ref.id})`);
    assert.match(ref.id, /^[0-9a-f]{28}$/);
    await get(ref);
    assert.equal(inspect(ref), `ObjectRef(${ref.id}) { slow, ready }`);
    assert.equal(inspect(slow), "RemoteFunction(slow)");
    assert.equal(slow.name, "slow");
    ref[Symbol.dispose]();
    assert.match(inspect(ref), /disposed/);
  });

  it("says where a revoked proxy is that cannot travel", () => {
    for (const [where, call] of [
      ["argument 1 of slow", () => slow.remote(untyped(revoked()))],
      ["the value", () => put(revoked())],
    ] as const)
      assert.throws(call, (error) => error instanceof SerializationError && error.path === where);
  });

  it("takes functions without a name", async () => {
    assert.equal(
      await get(
        remote(
          (
            () => () =>
              5
          )(),
        ).remote(),
      ),
      5,
    );
  });
}
