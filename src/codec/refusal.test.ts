// What a refusal says to do: what its reader can do, in the place where it went wrong.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostObject, lexical, lostKey, privateMembers } from "./problem.ts";
import { refusal } from "./refusal.ts";

const problem = lexical("this", "SonicBoom");

function hint(path: string, file: string): string {
  const places = file === "" ? [] : [{ name: "opened", text: `${file}:175:18` }];
  return refusal("log", [{ path, problem, advice: undefined, places }]).hint;
}

describe("code of a package, which nobody edits", () => {
  const advice = "create it inside the function, or in a module that it imports.";

  it("is advised to be left in its process, wherever the package lies", () => {
    for (const file of [
      "node_modules/boom/index.js",
      "/app/node_modules/boom/index.js",
      "C:\\app\\node_modules\\boom",
    ]) {
      assert.equal(
        hint("log -> logger.stream", file),
        `'logger' leads into the code of a package and cannot be copied: ${advice}`,
        file,
      );
    }
    assert.match(hint("log -> logger.stream", "src/not_node_modules/index.js"), /^Write `const self = this`/);
  });

  it("is spoken of without a variable where none was written", () => {
    const file = "node_modules/boom/index.js";
    assert.equal(
      hint("(argument 1 of log).stream", file),
      `It leads into the code of a package and cannot be copied: ${advice}`,
    );
    assert.match(
      hint("(result of log).stream", file),
      /: use it inside the function, and return what you got from it\.$/,
    );
    assert.match(hint("(item 3 of log).stream", file), /and yield what you got from it\.$/);
    assert.match(hint("(the value).stream", file), /: put what you got from it\.$/);
  });
});

it("the module around an arrow function is called no method", () => {
  assert.match(lexical("this", "the module").reason, /uses 'this' of the module\.$/);
  assert.match(lexical("this", "run").reason, /uses 'this' of the enclosing method run\.$/);
  assert.match(lexical("super", "run").reason, /uses 'super' of the enclosing function run\.$/);
});

it("of many private members some are named", () => {
  const names = Array.from({ length: 59 }, (_, index) => `#m${index}`);
  assert.match(privateMembers("Cache", names).reason, /\(#m0, #m1, #m2, #m3, #m4 and 54 more\)/);
  assert.match(privateMembers("Cache", ["#a", "#b"]).reason, /\(#a, #b\)/);
});

it("a class without a name is called one", () => {
  assert.match(privateMembers("", ["#a"]).reason, /^is an instance of class \(anonymous\), which has private/);
  assert.match(lostKey("", "key").reason, /class \(anonymous\): the key \[key\]/);
});

it("objects that are data say how to pass that", () => {
  const said = [
    "Temporal.PlainDate",
    "Intl.Collator",
    "WebAssembly.Module",
    "WebAssembly.Memory",
    "node:fetch.Headers",
  ].map((what) => {
    const { reason, hint: toDo } = hostObject(what);
    return `${reason} ${toDo}`;
  });
  const temporal =
    "Pass its text, toString(), and make it again inside the function, with from(text) of the same class.";
  assert.deepEqual(said, [
    `is a Temporal.PlainDate: it belongs to this process. ${temporal}`,
    "is an Intl.Collator: it belongs to this process. Make it inside the function, of the same options.",
    "is a WebAssembly.Module: it belongs to this process. Pass the bytes that it was compiled from, and compile them inside the function, or in a module that it imports.",
    "is a WebAssembly.Memory: it belongs to this process. Pass a copy of what is in it: new Uint8Array(memory.buffer).slice().",
    "is a Headers: it belongs to this process. Pass its entries: [...headers].",
  ]);
});

it("a private getter and its setter are one member", () => {
  assert.match(privateMembers("A", ["#x", "#y", "#y"]).reason, /\(#x, #y\)/);
});
