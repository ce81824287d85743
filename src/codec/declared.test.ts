// What a module that declares itself exports is found by its identity, whatever a tool has made of its code.
import assert from "node:assert/strict";
import { it } from "node:test";
import { declaredPart, declareModule } from "./declared.ts";
import { requestOf } from "./imports.ts";

it("functions and the object of a module that has declared itself", () => {
  const url = new URL("./lists.js", import.meta.url).href;
  const exported = (): number => 1;
  const namespace = { exported, value: 5 };
  declareModule(namespace, url);
  assert.deepEqual([declaredPart(exported)?.name, declaredPart(exported)?.request.specifier], ["exported", url]);
  assert.equal(requestOf(namespace)?.specifier, url);
  assert.equal(
    declaredPart((): number => 1),
    undefined,
  );
});

it("a bundle has no module of its own that others could import", () => {
  const exported = (): number => 1;
  declareModule({ exported }, "file:///nowhere/bundle.js");
  assert.equal(declaredPart(exported), undefined);
});
