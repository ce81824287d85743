// Which names a function takes from outside, by its text.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sourceOf, type Source } from "./source.ts";

function read(text: string): Source {
  const source = sourceOf(text);
  return typeof source === "string" ? assert.fail(`${text}: ${source}`) : source;
}

const cases: Readonly<Record<string, readonly string[]>> = {
  "() => a + b": ["a", "b"],
  "(a, { b: c = d, ...e }, [f = g]) => a + c + e + f": ["d", "g"],
  "function f(x) { return x ? f(x - 1) : y; }": ["y"],
  "() => { var a = 1; { let b = 2; } return a + b; }": ["b"],
  "() => { if (x) { var late; } return late; }": ["x"],
  "() => { for (const i of list) use(i); for (j of list) {} return i; }": ["list", "use", "j", "i"],
  "() => { try {} catch ({ message, cause: c }) { log(message, c); } return message; }": ["log", "message"],
  "() => ({ a, b: c, [d]: 1, e() { return f; } })": ["a", "c", "d", "f"],
  "() => { class A extends B { [k] = v; static { s; } #p; m() { return this.#p; } } return A; }": ["B", "k", "v", "s"],
  "() => { switch (x) { case y: let z; default: z; } return z; }": ["x", "y", "z"],
  "() => typeof a === b.c.d": ["a", "b"],
  "() => { label: for (;;) break label; }": [],
  "() => tag`x${y}`": ["tag", "y"],
  "() => a?.b?.[c]": ["a", "c"],
  "async ({ [key]: v = fallback() }) => { for await (const x of v) yield_(x); }": ["key", "fallback", "yield_"],
  "() => { [a, { b: c.d }] = e; }": ["a", "c", "e"],
  "() => { const f = function g() { return g; }; return g; }": ["g"],
  "m(x) { return x + y; }": ["y"],
  "get v() { return w; }": ["w"],
  "async *['a' + b](x) { yield x; }": [],
  "class A extends B { static x = c; [k]() {} f = d; m() { return e; } }": ["d", "e"],
};

describe("free names", () => {
  for (const [text, names] of Object.entries(cases)) {
    it(text, () => assert.deepEqual([...read(text).variables.free.keys()].toSorted(), names.toSorted()));
  }

  it("tells what is written", () => {
    const { free } = read("() => { a = 1; b += 1; c++; ({ d, e: [f] } = g); for (h of i) j; }").variables;
    assert.deepEqual(
      [...free].filter(([, { written }]) => written).map(([name]) => name),
      ["a", "b", "c", "d", "f", "h"],
    );
  });

  it("tells which parts of an object are used, until it is used as a whole", () => {
    const { free } = read("() => [ns.a, ns.b(), (0, ns.c)(), whole.a, whole]").variables;
    assert.deepEqual([...(free.get("ns")?.members ?? [])], ["a", "b", "c"]);
    assert.equal(free.get("whole")?.members, undefined);
  });
});

describe("what belongs to the function around an arrow", () => {
  const lexical: Readonly<Record<string, readonly string[]>> = {
    "() => this.x": ["this"],
    "() => () => this": ["this"],
    "() => function () { return this; }": [],
    "() => ({ m() { return this; } })": [],
    "() => { class A { f = this; } }": [],
    "() => super.m()": ["super"],
    "() => new.target": ["new.target"],
    "() => arguments[0]": ["arguments"],
    "function () { return [this, arguments, () => this]; }": [],
    "() => __awaiter(this, void 0, void 0, function* () { return yield 1; })": [],
    "() => __awaiter(this, void 0, void 0, function* () { return this.x; })": ["this"],
    // As minifiers leave it.
    "() => a(this, void 0, void 0, function* () { return yield 1; })": [],
    "() => a(this, arguments, function* () { yield 1; })": [],
    "() => a(this, null, function* () { yield a(this, null, function* () { yield this.x; }); })": ["this"],
    "() => a(function* () { return new class { m() { return this; } }().m(); }).call(this)": [],
    "() => a(function* () { return this.x; }).call(this)": ["this"],
    "() => a(function () { return 1; }).call(this)": ["this"],
    "() => a(this, 1, function* () { yield 1; })": ["this"],
    "() => a(this, function* () { yield 1; })": ["this"],
  };
  for (const [text, words] of Object.entries(lexical))
    it(text, () => assert.deepEqual([...read(text).variables.lexical], words));

  it("super in a method is the method's", () => {
    assert.equal(read("m() { return super.m(); }").variables.usesSuper, true);
    assert.equal(read("m() { return class extends A { n() { return super.n(); } }; }").variables.usesSuper, false);
  });

  it("private names without their class", () => {
    assert.deepEqual(read("(o) => o.#secret").variables.privateNames, ["#secret"]);
    assert.deepEqual(read("() => class { #x; m() { return this.#x; } }").variables.privateNames, []);
  });
});

describe("calls at the beginning of statements", () => {
  const calls: Readonly<Record<string, boolean>> = {
    "() => {\n  a\n  f()\n}": true,
    "() => { f().then(() => { a }) }": true,
    "() => { f`x` }": true,
    "() => { switch (a) { case 1: f() } }": true,
    "() => { if (a) f() }": false,
    "() => { for (;;) f() }": false,
    "() => f()": false,
    "() => { a = f() }": false,
    "() => { (f)() }": false,
  };
  for (const [text, begins] of Object.entries(calls))
    it(text, () => assert.equal(read(text).variables.free.get("f")?.uses[0]?.begins === true, begins));
});

describe("forms", () => {
  const forms: Readonly<Record<string, Source["form"]>> = {
    "async(x)=>x+1": "arrow",
    "function named() {}": "function",
    "async function*(){}": "function",
    "class{m(){}}": "class",
    "async  plain (x) { return x }": "member",
    "'quoted name'() {}": "member",
    "delete(x) {}": "member",
    "get() {}": "member",
    "*[Symbol.iterator]() {}": "member",
    "42(x) {}": "member",
    "#hidden() {}": "classMember",
    "() => new.target": "arrow",
    "() => import.meta.url": "arrow",
  };
  for (const [text, form] of Object.entries(forms)) it(text, () => assert.equal(read(text).form, form));

  it("says why a text is no function", () => assert.match(sourceOf("function (") as string, /\(\d+:\d+\)/));
});
