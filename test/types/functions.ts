// What must compile, and what must not: types of refs, calls and waits. Compiled with the tests, never run.
import * as ray from "ray-ts";
import { map } from "ray-ts/parallel";

/** Compiles when both are the same type. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- two such functions are assignable only if A and B are the same
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Same<A, B>): void {}

export async function functions(): Promise<void> {
  const length = ray.remote(async (text: string, times: number) => text.length * times);
  const ref = length.remote("abc", 2);
  same<typeof ref, ray.ObjectRef<number>>(true);
  same<Awaited<ReturnType<typeof readOne>>, number>(true);
  // A ref may stand for any argument.
  length.remote(ray.put("abc"), length.remote("a", 1));
  // @ts-expect-error a ref to another type may not
  length.remote(ray.put(1), 2);
  // @ts-expect-error wrong type
  length.remote(1, 2);
  // @ts-expect-error one is missing
  length.remote("abc");
  // @ts-expect-error one too many
  length.remote("abc", 1, 2);
  // @ts-expect-error not callable
  length("abc", 2);
  const local: number = await length.local("abc", 2);
  // @ts-expect-error handles have no such thing
  length.bind2();
  // @ts-expect-error no function
  ray.remote(42);

  function readOne(): Promise<number> {
    return ray.get(ref);
  }
  void [local, readOne];
}

// oxlint-disable-next-line typescript/no-explicit-any -- what comes out of a module without types
export async function untyped(module: Record<string, any>): Promise<void> {
  const add = ray.remote(module["add"], { maxRetries: 1 });
  const sum: number = await ray.get(add.remote(1, 2));
  await ray.get(["add", "sub"].map((name) => ray.remote(module[name]).remote(1, 2)));
  void sum;
}

export function generic<C extends abstract new (name: string) => { run(): number }>(
  Class: C,
  run: (name: string) => number,
): ray.ActorClass<C> {
  ray.remote(run);
  // @ts-expect-error neither a function nor a class
  ray.remote(run as unknown);
  return ray.remote(Class, { maxRestarts: 1 });
}

export function optionalAndRest(): void {
  const optional = ray.remote((a: number, b?: string) => `${a}${b}`);
  optional.remote(1);
  optional.remote(1, ray.put("b"));
  const rest = ray.remote((...all: number[]) => all.length);
  rest.remote();
  rest.remote(1, ray.put(2), 3);
  const generic = ray.remote(<T>(value: T): T => value);
  same<ReturnType<typeof generic.remote>, ray.ObjectRef<unknown>>(true);
  const loose = ray.remote((value: any) => value); // oxlint-disable-line typescript/no-explicit-any -- the subject
  const anything: ray.ObjectRef<Date> = loose.remote(1);
  void anything;
}

export async function manyResults(): Promise<void> {
  const split = ray.remote((n: number): [number, string] => [n, "x"], { numReturns: 2 });
  const [a, b] = split.remote(1);
  same<typeof a, ray.ObjectRef<number>>(true);
  same<typeof b, ray.ObjectRef<string>>(true);
  const values = await ray.get([a, b]);
  same<typeof values, [number, string]>(true);
  const none = split.options({ numReturns: 0 }).remote(1);
  same<typeof none, void>(true);
  const one = split.options({ numReturns: 1 }).remote(1);
  same<typeof one, ray.ObjectRef<[number, string]>>(true);
  // Other options leave the number as it was.
  const still = split.options({ numCpus: 2 }).options({ name: "split" }).remote(1);
  same<typeof still, ray.RefTuple<[number, string]>>(true);
  const fails = ray.remote((): never => {
    throw new Error("always");
  });
  same<ReturnType<typeof fails.remote>, ray.ObjectRef<never>>(true);
  const streams = ray.remote(async function* (n: number) {
    yield n;
  });
  same<ReturnType<typeof streams.remote>, ray.ObjectRefGenerator<number>>(true);
  const plain = ray.remote(function* (text: string) {
    yield text;
    return 1;
  });
  same<ReturnType<typeof plain.remote>, ray.ObjectRefGenerator<string>>(true);
  for await (const ref of streams.options({ backpressure: 2 }).remote(1)) same<typeof ref, ray.ObjectRef<number>>(true);
  for await (const n of streams.remote(ray.put(1)).values()) same<typeof n, number>(true);
  await using stream = streams.remote(1);
  same<Awaited<ReturnType<typeof readEnd>>, void>(true);
  const [ready] = await ray.wait([stream, ray.put("a")]);
  same<typeof ready, (ray.ObjectRef<string> | ray.ObjectRefGenerator<number>)[]>(true);
  await ray.cancel(stream, { reason: "enough" });
  // @ts-expect-error a stream is no ref
  void ray.get(stream);

  function readEnd(): Promise<void> {
    return ray.get(stream.completed);
  }
  void readEnd;
}

export function countedResults(): void {
  const list = ray.remote((n: number) => Array.from({ length: n }, String), { numReturns: 3 });
  same<ReturnType<typeof list.remote>, [ray.ObjectRef<string>, ray.ObjectRef<string>, ray.ObjectRef<string>]>(true);
  const some: number = 2;
  const uncounted = list.options({ numReturns: some }).remote(2);
  same<typeof uncounted, ray.ObjectRef<string>[]>(true);
  const many = list.options({ numReturns: 1_000 }).remote(1_000);
  same<typeof many, ray.ObjectRef<string>[]>(true);
  const pair = ray.remote((n: number): [number, string] => [n, "x"]);
  // @ts-expect-error there are two
  pair.options({ numReturns: 3 });
  // @ts-expect-error there is one
  ray.remote((n: number) => n, { numReturns: 2 });
  // @ts-expect-error of a promise, too
  ray.remote(async (n: number) => `${n}`).options({ numReturns: 2 });
  ray.remote((n: number) => n, { numReturns: some }).options({ numReturns: 1 });
  const unknown = ray.remote((): unknown => [1, 2], { numReturns: 2 });
  same<ReturnType<typeof unknown.remote>, ray.ObjectRef<unknown>[]>(true);
  const open = ray.remote((): [number, ...string[]] => [1], { numReturns: 3 });
  same<ReturnType<typeof open.remote>, [ray.ObjectRef<number>, ...ray.ObjectRef<string>[]]>(true);
}

export function anyFunction<F extends (...args: number[]) => unknown>(
  fn: F,
  options: ray.TaskOptions,
): ray.RemoteFunction<F> {
  return ray
    .remote(fn, options)
    .options({ ...options, maxRetries: 5 })
    .options({ numCpus: 2 });
}

export async function gettingAndWaiting(): Promise<void> {
  const refs = [1, 2, 3].map((n) => ray.put(n));
  const numbers = await ray.get(refs);
  same<typeof numbers, number[]>(true);
  const mixed = await ray.get([ray.put(1), ray.put("a")] as const, { timeoutMs: 5 });
  same<typeof mixed, [number, string]>(true);
  const [ready, pending] = await ray.wait(refs, { numReturns: 2 });
  same<typeof ready, ray.ObjectRef<number>[]>(true);
  same<typeof pending, ray.ObjectRef<number>[]>(true);
  for await (const ref of ray.asCompleted(refs)) same<typeof ref, ray.ObjectRef<number>>(true);
  same<ray.Unref<ray.ObjectRef<Date>>, Date>(true);
  const nested = ray.remote(async (n: number) => ray.put(n));
  const inner = await ray.get(nested.remote(1));
  const through = <T>(ref: ray.ObjectRef<T>): Promise<T> => ray.get(ref);
  same<ReturnType<typeof through<Date>>, Promise<Date>>(true);
  same<typeof inner, ray.ObjectRef<number>>(true);
  const [done] = await ray.wait([ray.put(1), ray.put("a")]);
  for (const ref of done) {
    const either = await ray.get(ref);
    same<typeof either, number | string>(true);
  }
  for await (const ref of ray.asCompleted([ray.put(1), ray.put("a")])) {
    const either = await ray.get(ref, { timeoutMs: 5 });
    same<typeof either, number | string>(true);
  }
  // @ts-expect-error a value is no ref
  void ray.get(42);
  // @ts-expect-error a promise is no ref
  void ray.get(Promise.resolve(ray.put(1)));
  // @ts-expect-error the function is no ref
  void ray.get(nested);
  // @ts-expect-error Ray takes seconds here, this an object
  void ray.get(ray.put(1), 5);
  // @ts-expect-error a single ref
  void ray.wait(ray.put(1));
  // @ts-expect-error no such option
  void ray.get(ray.put(1), { timeout: 5 });
  // @ts-expect-error no such option
  ray.remote((n: number) => n, { num_cpus: 1 });
  // @ts-expect-error not a thenable
  void ray.put(1).then;
}

export async function sessions(): Promise<void> {
  await using context = await ray.init({ numCpus: 4, resources: { license: 1 } });
  const { address, sessionId }: { address: string; sessionId: string } = context;
  using ref = ray.put({ x: 1 });
  same<typeof ref, ray.ObjectRef<{ x: number }>>(true);
  // @ts-expect-error no such option
  void ray.init({ cpus: 4 });
  const where = ray.getRuntimeContext();
  same<typeof where.kind, "driver" | "task" | "actor">(true);
  const error: Error = new ray.TaskError("m");
  if (error instanceof ray.WorkerCrashedError) same<typeof error.signal, string | null>(true);
  ray.registerSerializer(URL, { serialize: (url) => url.href, deserialize: (href: string) => new URL(href) });
  ray.explainCapture(ray.remote((n: number) => n));
  ray.explainCapture(URL);
  // @ts-expect-error nothing to look into
  ray.explainCapture({ n: 1 });
  void [address, sessionId];
}

/** What is undefined is left out, and may be written down where exactOptionalPropertyTypes is set, as it is here. */
export async function undefinedOptions(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<void> {
  await ray.init({ numCpus: undefined, runtimeEnv: { setup: undefined }, dashboard: undefined });
  const task = { timeoutMs, signal, numReturns: undefined, maxRetries: undefined, retryDelayMs: undefined };
  const ref = ray.remote((text: string) => text.length, task).remote("a");
  same<typeof ref, ray.ObjectRef<number>>(true);
  const pair = ray.remote((text: string): [string, number] => [text, 1], { numReturns: 2 });
  const [, second] = pair.options({ numReturns: undefined, name: undefined }).remote("a");
  same<typeof second, ray.ObjectRef<number>>(true);
  await ray.get(ref, { timeoutMs, signal });
  await ray.wait([ref], { timeoutMs, signal, numReturns: undefined });
  await ray.cancel(ref, { force: undefined, reason: undefined });
  for await (const length of map((text: string) => text.length, ["a"], { concurrency: undefined, timeoutMs }))
    same<typeof length, number>(true);
}

export function streamsHaveNoCount(count: number | undefined): void {
  const numbers = ray.remote(function* (n: number) {
    yield n;
  });
  // @ts-expect-error all of its items are one stream
  numbers.options({ numReturns: 2 });
  // @ts-expect-error nor are they none
  numbers.options({ numReturns: 0 });
  numbers.options({ numReturns: undefined, backpressure: 3 }).remote(1);
  // @ts-expect-error the same where it becomes remote
  ray.remote(numbers.local, { numReturns: 2 });
  const untyped = ray.remote((value: any): any => value, { numReturns: 2 }); // oxlint-disable-line typescript/no-explicit-any -- the subject
  untyped.options({ numReturns: 3 }).remote(1);
  const failing = (): never => {
    throw new Error();
  };
  ray.remote(failing, { numReturns: 2 }).options({ numReturns: 3 }).remote();
  const fixed: ray.TaskOptions = { numReturns: count };
  ray.remote((value: number) => [value], fixed).remote(1);
}

export function onePlace(group: ray.PlacementGroup, nodeId: string, soft: boolean | undefined): void {
  const where = ray.remote(() => 1, { schedulingStrategy: { nodeId, soft } });
  where.options({ schedulingStrategy: { placementGroup: group, bundleIndex: 0, nodeId: undefined } });
  // @ts-expect-error a node, or a group
  where.options({ schedulingStrategy: { placementGroup: group, nodeId } });
  // @ts-expect-error what belongs to the other way
  where.options({ schedulingStrategy: { nodeId, captureChildTasks: true } });
  const either = Math.random() > 0.5 ? { nodeId } : { placementGroup: group };
  where.options({ schedulingStrategy: either });
  const typed: ray.NodeAffinity | ray.PlacementGroupStrategy = either;
  where.options({ schedulingStrategy: typed });
}

export function constants(): void {
  const bundles = [{ CPU: 1 }, { CPU: 1, GPU: 1 }] as const;
  const retryExceptions = [TypeError, RangeError] as const;
  const execArgv = ["--expose-gc"] as const;
  ray.remote(() => 1, { retryExceptions, runtimeEnv: { execArgv } });
  ray.placementGroup(bundles);
}
