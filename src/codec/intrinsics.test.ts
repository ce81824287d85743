// Objects that every process has are found by their path, and again at its end.
import assert from "node:assert/strict";
import { exec } from "node:child_process";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { Server } from "node:net";
import { it } from "node:test";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { at, pathOf, pathText, rarePathOf } from "./intrinsics.ts";

it("by the shortest path", () => {
  const paths: readonly (readonly [object, string])[] = [
    [Array.prototype.slice, "g Array prototype slice"],
    [readFileSync, "b fs readFileSync"],
    [Server.prototype, "b net Server prototype"],
    [EventEmitter, "b events"],
    [Object.getOwnPropertyDescriptor(Map.prototype, "size")?.get as object, "g Map prototype size <get>"],
    [Object.getPrototypeOf(async () => {}) as object, "s asyncFunction"],
    [process.env, "g process env"],
    [promisify(exec), "b child_process exec @promisify"],
  ];
  for (const [value, path] of paths) assert.equal(pathOf(value)?.join(" "), path);
  assert.equal(pathText(pathOf(Server.prototype) ?? []), "node:net.Server");
});

it("and back", () => {
  for (const value of [
    Array,
    Math.max,
    Reflect,
    process,
    globalThis,
    Object.getPrototypeOf(Int8Array) as object,
    queueMicrotask,
    promisify(exec),
  ]) {
    assert.equal(at(pathOf(value) ?? []), value);
  }
  assert.equal(at(["g", "NoSuchThing"]), undefined);
});

it("globals that Node makes when they are first asked for", () => {
  assert.notEqual(pathOf(AbortController) ?? rarePathOf(AbortController), undefined);
});

it("not what the program made", () => {
  assert.equal(pathOf({}), undefined);
  Reflect.set(globalThis, "ofTheProgram", { a: 1 });
  assert.equal(rarePathOf(Reflect.get(globalThis, "ofTheProgram") as object), undefined);
  assert.equal(pathOf(process.argv), undefined);
});

it("those of another realm under the same path", () => {
  const foreign = Array.from(runInNewContext("[Object.prototype, Map]") as object[]);
  assert.deepEqual(
    foreign.map((value) => (pathOf(value) ?? rarePathOf(value))?.join(" ")),
    ["g Object prototype", "g Map"],
  );
  const arrow = runInNewContext("() => 1") as object;
  assert.equal(rarePathOf(Object.getPrototypeOf(arrow) as object)?.join(" "), "g Object <proto>");
});
