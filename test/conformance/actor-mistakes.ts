// What beginners do with actors, and the sentence that helps them.
import assert from "node:assert/strict";
import { before, it } from "node:test";
import {
  cancel,
  exitActor,
  get,
  getActor,
  kill,
  listNamedActors,
  put,
  remote,
  SerializationError,
  wait,
  type ActorHandle,
  type ActorOptions,
} from "ray-ts";

class Hiding {
  constructor() {
    Object.assign(this, { load: 3 });
  }

  load(): number {
    return 1;
  }
}

/** What the compiler would refuse, and a program without types does. */
function untyped(value: unknown): never {
  return value as never;
}

class Counter {
  readonly field = 1;
  #chained = 0;

  inc(by = 1): number {
    return by;
  }

  *items(): Generator<number> {
    yield 1;
  }

  chained(): this {
    this.#chained += 1;
    return this;
  }

  timesChained(): number {
    return this.#chained;
  }
}

const Counters = remote(Counter);
const loose = Counters as never as { (): void; new (): object };

function withOptions(options: unknown): () => unknown {
  return () => remote(Counter, options as ActorOptions<typeof Counter>);
}

let counter: ActorHandle<Counter>;
let bare: Record<string, { remote(): unknown } & (() => void)>;

/** What somebody does, and what the TypeError says. */
type Mistake = readonly [string, () => unknown, RegExp];

const uses: readonly Mistake[] = [
  [
    "calls an unknown method",
    () => bare["incr"]?.remote(),
    /Counter has no method "incr"\. Did you mean inc\? It has inc, items/,
  ],
  [
    "reads a field",
    () => bare["field"],
    /no method "field".*stays in the process of the actor.*fields that hold functions/,
  ],
  ["calls what every object has", () => bare["toString"]?.remote(), /no method "toString".*It has inc, items/],
  ["sets a field", () => Object.assign(counter, { field: 2 }), /cannot be given a property "field"/],
  ["calls a method directly", () => bare["inc"]?.(), /cannot be called directly.*Counter\.inc\.remote\(…\)/],
  ["calls the class", () => loose(), /'Counter' cannot be called.*Counter\.remote\(…\)/],
  ["makes one with new", () => new loose(), /cannot be made with new.*Counter\.remote\(…\)/],
  [
    "extends an actor class",
    () => remote(class Derived extends loose {}),
    /'Derived' extends an actor class\..*class Derived extends Counter\.local/,
  ],
  [
    "makes an object remote",
    () => remote(untyped(new Counter())),
    /got a Counter\. Pass the function or the class itself/,
  ],
  ["makes a class remote twice", () => remote(untyped(Counters)), /'Counter' is remote already/],
  ["turns a handle into JSON", () => JSON.stringify({ counter }), /cannot be turned into JSON/],
  ["adds to a handle", () => untyped(counter) + 1, /cannot be used in \+/],
  ["gets a handle", () => get(untyped(counter)), /the actor handle Actor\(Counter, .*inc\.remote\(…\)/],
  ["waits for a handle", () => wait([untyped(counter)]), /the actor handle Actor\(Counter, .* at index 0/],
  ["cancels a handle", () => cancel(untyped(counter)), /cancel\(\) takes an ObjectRef.*the actor handle/],
  ["gets a method", () => get(untyped(counter.inc)), /Counter\.inc\.remote\(…\) gives a ref/],
  [
    "gets an actor class",
    () => get(untyped(loose)),
    /the actor class 'Counter'\. .* make an actor, Counter\.remote\(…\)/,
  ],
  ["kills an actor class", () => kill(untyped(loose)), /takes an actor handle, but got the actor class 'Counter'/],
  ["kills a ref", () => kill(untyped(put(1))), /kill\(\) takes an actor handle, but got an ObjectRef.*cancel\(ref\)/],
  ["kills nothing", () => kill(untyped(undefined)), /kill\(\) takes an actor handle, but got undefined/],
  [
    "forces the end of a call",
    () => cancel(counter.inc.remote(), { force: true }),
    /force would end the process.*kill\(handle\)/,
  ],
  ["ends an actor from outside", () => exitActor(), /exitActor\(\) is for code in a running call of an actor.*kill/],
  ["looks for no name", () => getActor(untyped(5)), /takes the name of an actor, but got the number 5/],
  ["looks for an empty name", () => getActor(""), /takes the name of an actor/],
  ["has wrong options for getActor", () => getActor("x", untyped({ nameSpace: "a" })), /Did you mean namespace\?/],
  ["has wrong options for kill", () => kill(counter, untyped({ no_restart: true })), /Did you mean noRestart\?/],
  [
    "has wrong options for the list",
    () => listNamedActors(untyped({ all: true })),
    /listNamedActors\(\) has no option all/,
  ],
];

const options: readonly Mistake[] = [
  ["gives an empty name", withOptions({ name: "" }), /option name should be a string that is not empty/],
  ["wants what exists without a name", withOptions({ getIfExists: true }), /getIfExists needs a name/],
  ["detaches without a name", withOptions({ lifetime: "detached" }), /detached actor needs a name/],
  ["allows no calls", withOptions({ maxConcurrency: 0 }), /maxConcurrency should be a whole number, 1 or more/],
  [
    "allows half a call in a group",
    withOptions({ concurrencyGroups: { io: 0.5 } }),
    /concurrencyGroups\.io should be a whole number/,
  ],
  [
    "has options of a method that is none",
    withOptions({ methods: { ink: {} } }),
    /no method "ink"\. Did you mean inc\?/,
  ],
  [
    "has a wrong option of a method",
    withOptions({ methods: { inc: { numReturn: 2 } } }),
    /methods\.inc has no option numReturn\. Did you mean numReturns\?/,
  ],
  [
    "names a group that is not declared",
    withOptions({ concurrencyGroups: { io: 2 }, methods: { inc: { concurrencyGroup: "oi" } } }),
    /no concurrency group "oi".*declares "io": did you mean "io"\?/,
  ],
  [
    "names a group where there is none",
    () => counter.inc.options({ concurrencyGroup: "io" }),
    /Counter\.inc\.options\(\).*no concurrency group "io".*declares none/,
  ],
  [
    "wants numReturns of a stream",
    () => counter.items.options({ numReturns: 2 as never }),
    /numReturns is not for generator functions/,
  ],
  ["wants backpressure of a value", () => counter.inc.options({ backpressure: 2 }), /backpressure is for streams/],
  [
    "has an option of functions",
    withOptions({ maxRetries: 2 }),
    /no option maxRetries\. Did you mean maxTaskRetries\?/,
  ],
  [
    "asks for resources per call",
    () => counter.inc.options(untyped({ numCpus: 2 })),
    /no option numCpus\. It is an option of/,
  ],
];

export function actorMistakes(): void {
  before(() => {
    counter = Counters.remote();
    bare = counter as never;
  });

  for (const [mistake, make, message] of [...uses, ...options])
    it(`helps who ${mistake}`, async () => {
      await assert.rejects(
        async () => make(),
        (error: unknown) => {
          assert.ok(error instanceof TypeError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    });

  it("refuses a handle that was given up", async () => {
    const given = Counters.remote();
    await get(given.inc.remote());
    given[Symbol.dispose]();
    assert.throws(() => given.inc.remote(), /Counter\.inc\.remote\(\): this handle of Actor\(Counter, .* was given up/);
    await assert.rejects(kill(given), /given up/);
    assert.throws(() => put(given), /given up/);
  });

  it("says that a method returned the object of the actor, where that cannot travel", async () => {
    await assert.rejects(get(counter.chained.remote()), (error) => {
      assert.ok(error instanceof SerializationError);
      assert.match(
        error.message,
        /^Counter\.chained has returned 'this', the object of its actor, which cannot travel: /,
      );
      assert.match(error.message, /private members \(#chained\).*\n  What the method did is done\..*numReturns: 0/s);
      assert.doesNotMatch(error.message, /registerSerializer/);
      return true;
    });
    counter.chained.options({ numReturns: 0 }).remote();
    assert.equal(await get(counter.timesChained.remote()), 2);
  });

  it("says that a field hides a method", async () => {
    const hidden = remote(Hiding, { numCpus: 0 }).remote();
    await assert.rejects(get(hidden.load.remote()), /method Hiding\.load is hidden by a field of the same name/);
  });

  it("says which variable of a class cannot travel", () => {
    const pending = Promise.resolve(1);
    class Stuck {
      wait(): Promise<number> {
        return pending;
      }
    }
    assert.throws(
      () => remote(Stuck).remote(),
      (error: unknown) => error instanceof SerializationError && /Stuck -> pending/.test(error.message),
    );
    assert.throws(
      () => counter.inc.remote(untyped(pending)),
      (error: unknown) => error instanceof SerializationError && /argument 1 of Counter\.inc/.test(error.message),
    );
  });
}
