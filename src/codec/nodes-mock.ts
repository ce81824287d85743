// Mocks of `node:test`: proxies whose traps are code of Node's, so what they were made of travels, and they are made again of it.
import type { MockFunctionContext } from "node:test";
import { scriptOfFunction, type AnyFunction } from "./capture.ts";
import type { NodeKind } from "./graph.ts";
import { rarePathOf } from "./intrinsics.ts";
import { Damaged } from "./reader.ts";
import { inspect, variableIn } from "./scope.ts";

class Mock {
  /** Undefined for the one that Node takes where none was given. */
  readonly original: AnyFunction | undefined;
  /** Undefined for the original. */
  readonly implementation: AnyFunction | undefined;
  /** Calls until it calls the original again; endless for most. */
  readonly times: number;
  /** What is to be called instead at single calls, by their numbers from now on. */
  readonly once: readonly (readonly [number, AnyFunction])[];

  constructor(original: AnyFunction, context: ReadonlyMap<string, unknown>) {
    const [calls, times] = [(context.get("#calls") as unknown[]).length, context.get("#times") as number];
    const implementation = context.get("#implementation") as AnyFunction;
    this.original = isDefault(original) ? undefined : original;
    this.implementation = implementation === original ? undefined : implementation;
    // Those that have been made are not there.
    this.times = times > calls ? times - calls : Infinity;
    this.once = [...(context.get("#mocks") as ReadonlyMap<number, AnyFunction>)]
      .filter(([call]) => call >= calls)
      .map(([call, implementation]) => [call - calls, implementation]);
  }
}

function isDefault(original: AnyFunction): boolean {
  return scriptOfFunction(original)?.kind === "node" && rarePathOf(original) === undefined;
}

/** Of the two sides of a proxy. Within `inspecting`. */
export function mockOf({ target, handler }: { readonly target: object; readonly handler: object }): Mock | undefined {
  const apply: unknown = Object.getOwnPropertyDescriptor(handler, "apply")?.value;
  if (typeof apply !== "function" || Object.getPrototypeOf(handler) !== null) return undefined;
  const scope = inspect(apply).scopes.find(({ description }) => description.endsWith(" (#setupMock)"));
  const context = scope && variableIn(scope, "ctx");
  if (typeof context !== "object" || context === null || typeof target !== "function") return undefined;
  const { privates } = inspect(context);
  return ["#calls", "#mocks", "#times", "#implementation"].every((name) => privates.has(name))
    ? new Mock(target as AnyFunction, privates)
    : undefined;
}

/** The implementation may use the mock itself: it is in the body. */
export const mockNode: NodeKind<object, Mock> = {
  head(proxy, out) {
    const mock = out.memo.get(proxy) as Mock;
    out.shell(mock.original, { text: "<mocked function>" });
    out.to.double(mock.times);
    return mock;
  },
  body(_proxy, out, { implementation, once }) {
    out.value(implementation, { text: "<implementation of the mock>" });
    out.to.uint(once.length);
    for (const [call, each] of once) {
      out.to.uint(call);
      out.value(each, { text: `<implementation of the mock at call ${call}>` });
    }
  },
  make(from) {
    const original = from.shell();
    const times = from.from.double();
    const isFunction = typeof original === "function" || original === undefined;
    if (!isFunction || !(times > 0)) throw new Damaged("mocks what is no function");
    const { mock } = process.getBuiltinModule("node:test");
    // One for each, since a tracker keeps all that it has made.
    const tracker = new (mock.constructor as new () => typeof mock)();
    return tracker.fn(original as AnyFunction | undefined, undefined, { times });
  },
  fill(made, from) {
    const { mock } = made as { mock: MockFunctionContext<AnyFunction> };
    const implementation = from.value();
    if (implementation !== undefined) mock.mockImplementation(implementation as AnyFunction);
    for (let left = from.from.count(2); left > 0; left--) {
      const call = from.from.uint();
      mock.mockImplementationOnce(from.value() as AnyFunction, call);
    }
  },
};
