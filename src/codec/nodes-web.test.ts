// Encoders, decoders and search parameters arrive as what they were, and what only looks like one does not travel.
import assert from "node:assert/strict";
import { it } from "node:test";
import { TextDecoder, TextEncoder } from "node:util";
import { decode, encode } from "./value.ts";

function there<T>(value: T): T {
  return decode(encode(value)) as T;
}

it("TextEncoder", () => {
  assert.deepEqual(there(new TextEncoder()).encode("é"), new TextEncoder().encode("é"));
});

it("TextDecoder, with its encoding and its flags", () => {
  const decoder = there(new TextDecoder("utf-16le", { ignoreBOM: true }));
  assert.deepEqual([decoder.encoding, decoder.fatal, decoder.ignoreBOM], ["utf-16le", false, true]);
  assert.equal(decoder.decode(new Uint8Array([65, 0])), "A");
});

it("URLSearchParams, and a class of them with properties", () => {
  class Search extends URLSearchParams {
    extra = 5;
  }
  const search = there(new Search("a=1&a=2&b=%20"));
  assert.deepEqual([search instanceof Search, search.extra, search.toString()], [true, 5, "a=1&a=2&b=+"]);
  const pair = new URLSearchParams("x=1");
  const back = there([pair, pair]);
  assert.equal(back[0], back[1]);
});

it("what only has their prototype is refused", () => {
  for (const of of [TextEncoder, TextDecoder, URLSearchParams])
    assert.throws(() => encode(Object.create(of.prototype)), new RegExp(of.name));
});
