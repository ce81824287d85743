// Mocks of `node:test` arrive as mocks: with what they call, and without the calls that were made before.
import assert from "node:assert/strict";
import { it, mock } from "node:test";
import { decode, encode } from "./value.ts";

function there<T>(value: T): T {
  return decode(encode(value)) as T;
}

it("a function, which counts from nothing", () => {
  const double = mock.fn((x: number) => x * 2);
  double(1);
  const copy = there(double);
  assert.deepEqual([copy(4), copy.mock.callCount(), copy.mock.calls[0]?.arguments], [8, 1, [4]]);
  assert.equal(double.mock.callCount(), 1);
});

it("one whose implementation replaces another for some calls, and uses the mock itself", () => {
  const answer = mock.fn(
    () => "original",
    () => `mocked ${answer.mock.callCount()}`,
    { times: 4 },
  );
  answer.mock.mockImplementationOnce(() => "third", 2);
  assert.equal(answer(), "mocked 0");
  const copy = there(answer);
  assert.deepEqual([copy(), copy(), copy(), copy()], ["mocked 0", "third", "mocked 2", "original"]);
});

it("methods, getters and constructors", () => {
  const owner = {
    method: () => 1,
    factor: 3,
    get value() {
      return 1;
    },
  };
  mock.method(owner, "method", function (this: typeof owner) {
    return this.factor;
  });
  mock.getter(owner, "value", () => 5);
  class Box {
    readonly full = true;
  }
  const [copy, Copied] = there([owner, mock.fn(Box)] as const);
  assert.deepEqual([copy.method(), copy.value, new Copied().full], [3, 5, true]);
});

it("one of no function at all, and of one of Node's", () => {
  const [nothing, max] = there([mock.fn(), mock.fn(Math.max)] as const);
  assert.deepEqual([nothing(), nothing.mock.callCount(), max(1, 2)], [undefined, 1, 2]);
  const later = mock.fn<() => unknown>();
  later.mock.mockImplementation(() => 4);
  assert.equal(there(later)(), 4);
});

it("a proxy of the program's own stays one", () => {
  const proxy = new Proxy(() => 1, { apply: () => 2 });
  assert.equal(there(proxy)(), 2);
});
