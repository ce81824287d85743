// What must compile, and what must not: types of actors. Compiled with the tests, never run.
import * as ray from "ray-ts";

/** Compiles when both are the same type. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- two such functions are assignable only if A and B are the same
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Same<A, B>): void {}

class Counter {
  readonly field: string = "x";
  #count = 0;

  constructor(start: number, label?: string) {
    this.#count = start + (label?.length ?? 0);
  }

  get count(): number {
    return this.#count;
  }

  inc(by = 1): number {
    return (this.#count += by);
  }

  async later(text: string): Promise<string> {
    return Promise.resolve(text);
  }

  *items(): Generator<number> {
    yield this.#count;
  }

  async *itemsLater(): AsyncGenerator<string> {
    yield await Promise.resolve("a");
  }

  pair(): [number, string] {
    return [1, "a"];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export async function actors(): Promise<void> {
  const Counters = ray.remote(Counter);
  same<typeof Counters, ray.ActorClass<typeof Counter>>(true);
  const counter = Counters.remote(1);
  same<typeof counter, ray.ActorHandle<Counter>>(true);
  Counters.remote(ray.put(1), "a");
  // @ts-expect-error one is missing
  Counters.remote();
  // @ts-expect-error wrong type
  Counters.remote("a");
  // @ts-expect-error not to be made with new
  void new Counters(1);
  // @ts-expect-error not to be called
  Counters(1);
  const local: Counter = new Counters.local(1);

  const ref = counter.inc.remote(2);
  same<typeof ref, ray.ObjectRef<number>>(true);
  counter.inc.remote(ray.put(2));
  counter.inc.remote();
  same<ReturnType<typeof counter.later.remote>, ray.ObjectRef<string>>(true);
  same<ReturnType<typeof counter.items.remote>, ray.ObjectRefGenerator<number>>(true);
  same<ReturnType<typeof counter.itemsLater.remote>, ray.ObjectRefGenerator<string>>(true);
  const pair = counter.pair.options({ numReturns: 2, timeoutMs: 5 }).remote();
  same<typeof pair, ray.RefTuple<[number, string]>>(true);
  same<ReturnType<typeof counter.inc.remote>, ray.ObjectRef<number>>(true);
  // @ts-expect-error wrong type
  counter.inc.remote("a");
  // @ts-expect-error no method
  counter.nope.remote();
  // @ts-expect-error a field
  void counter.field;
  // @ts-expect-error an accessor
  void counter.count;
  // @ts-expect-error not callable
  counter.inc(1);
  // @ts-expect-error what an object does last is nobody's to call
  void counter[Symbol.asyncDispose];
  // @ts-expect-error no such option
  counter.inc.options({ numCpus: 1 });
  // @ts-expect-error an actor is no value
  void ray.get(counter);

  const { id, className }: { id: string; className: string } = counter[ray.actorHandle];
  using given = Counters.remote(1);
  const use = ray.remote(async (handle: ray.ActorHandle<Counter>) => ray.get(handle.inc.remote()));
  same<ReturnType<typeof use.remote>, ray.ObjectRef<number>>(true);
  use.remote(counter);
  const anything: ray.ActorHandle<any> = counter; // oxlint-disable-line typescript/no-explicit-any -- the subject
  await ray.kill(counter, { noRestart: false });
  await ray.kill(anything);
  // @ts-expect-error a ref is no actor
  void ray.kill(ref);
  const found = await ray.getActor<Counter>("counter", { namespace: "a" });
  same<typeof found, ray.ActorHandle<Counter>>(true);
  const names: { name: string; namespace: string }[] = await ray.listNamedActors({ allNamespaces: true });
  const me = ray.getRuntimeContext().currentActor<Counter>();
  same<typeof me, ray.ActorHandle<Counter>>(true);
  void [local, id, className, given, names];
}

export function thenables(actor: ray.ActorHandle<{ then(): number; now(): number }>): void {
  actor.now.remote();
  // @ts-expect-error a handle is no thenable
  actor.then.remote();
}

export function actorOptions(): void {
  ray.remote(Counter, {
    maxConcurrency: 3,
    concurrencyGroups: { io: 2 },
    methods: { inc: { concurrencyGroup: "io" } },
  });
  ray.remote(Counter).options({ name: "a", getIfExists: true, lifetime: "detached", maxRestarts: -1, numGpus: 1 });
  // @ts-expect-error no method
  ray.remote(Counter, { methods: { nope: {} } });
  // @ts-expect-error no such option
  ray.remote(Counter, { maxRetries: 2 });
  // @ts-expect-error no such lifetime
  ray.remote(Counter, { lifetime: "long" });
}
