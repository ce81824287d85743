// How long the cluster keeps a function: by what is told to workers, and by what becomes of the refs inside.
import assert from "node:assert/strict";
import { test } from "node:test";
import { definitionId, objectId, type ObjectId } from "../../domain/id.ts";
import type { Payload } from "../../domain/object.ts";
import { Definitions } from "./definitions.ts";
import type { SharedObjects } from "./objects.ts";

const DRIVER = "d".repeat(16);
const WORKER = "1".repeat(16);
const OTHER = "2".repeat(16);
const F = definitionId(DRIVER, 1);
const INSIDE = objectId(DRIVER, 7);
const body: Payload = { bytes: new Uint8Array(), buffers: [], refs: [INSIDE], modules: false };

function setUp(): { definitions: Definitions; said: string[] } {
  const said: string[] = [];
  const objects: Pick<SharedObjects, "wrap" | "unwrap" | "hold"> = {
    wrap: (_container: string, ids: readonly ObjectId[]) => void said.push(`keep ${ids.length}`),
    unwrap: () => void said.push("let go"),
    hold: (_id: ObjectId, process: string) => void said.push(`${process[0]} holds`),
  };
  const definitions = new Definitions(
    objects as SharedObjects,
    (to, message) => void said.push(`${to[0]}: ${message.type}`),
    () => true,
  );
  return { definitions, said };
}

test("a function that nobody can name any more goes with what it has captured, also where it was fetched", () => {
  const { definitions, said } = setUp();
  definitions.define(F, body);
  definitions.fetch(F, WORKER);
  definitions.undefine(F);
  assert.deepEqual(said, ["keep 1", "1 holds", "1: definition", "let go", "1: forget"]);
  definitions.undefine(F);
  assert.equal(said.length, 5);
});

test("whoever has not fetched it, or has ended, is told nothing", () => {
  const { definitions, said } = setUp();
  definitions.define(F, body);
  definitions.fetch(F, WORKER);
  definitions.fetch(F, OTHER);
  definitions.gone(WORKER);
  said.splice(0);
  definitions.undefine(F);
  assert.deepEqual(said, ["let go", "2: forget"]);
});

test("those of a process that has ended go, but for what others may have heard of", () => {
  const { definitions, said } = setUp();
  const [one, other] = [1, 2].map((number) => definitionId(OTHER, number)) as [string, string];
  definitions.define(F, body);
  // A function may name itself.
  definitions.message(OTHER, { type: "travels", definition: other });
  for (const definition of [one, other]) definitions.message(OTHER, { type: "define", definition, payload: body });
  for (const definition of [F, one, other]) definitions.message(WORKER, { type: "fetch", definition });
  said.splice(0);
  definitions.gone(OTHER);
  assert.deepEqual(said, ["let go", "1: forget"]);
  definitions.fetch(other, WORKER);
  assert.equal(said.at(-1), "1: definition");
});

test("a class goes when neither a handle nor an actor is left of it, whichever of them goes last", () => {
  const [one, other] = [1, 2].map((number) => objectId(DRIVER, number)) as [string, string];
  for (const handleFirst of [true, false]) {
    const { definitions, said } = setUp();
    definitions.define(F, body);
    for (const actor of [one, other]) definitions.hold(F, actor);
    const steps = [() => definitions.letGo(F, one), () => definitions.letGo(F, other)];
    const drop = (): void => definitions.undefine(F);
    for (const step of handleFirst ? [drop, ...steps] : [...steps, drop]) {
      assert.deepEqual(said, ["keep 1"]);
      step();
    }
    assert.deepEqual(said, ["keep 1", "let go"]);
  }
});

test("a class outlives the process that has defined it as long as actors are made of it", () => {
  const { definitions, said } = setUp();
  const own = definitionId(OTHER, 1);
  const actor = objectId(OTHER, 1);
  definitions.message(OTHER, { type: "define", definition: own, payload: body });
  definitions.hold(own, actor);
  definitions.gone(OTHER);
  definitions.fetch(own, WORKER);
  assert.deepEqual(said, ["keep 1", "1 holds", "1: definition"]);
  definitions.letGo(own, actor);
  assert.deepEqual(said.slice(3), ["let go", "1: forget"]);
});

test("a class of which a handle has travelled stays when its actors end", () => {
  const { definitions, said } = setUp();
  const actor = objectId(DRIVER, 1);
  definitions.define(F, body);
  definitions.message(DRIVER, { type: "travels", definition: F });
  definitions.hold(F, actor);
  definitions.letGo(F, actor);
  assert.deepEqual(said, ["keep 1"]);
});
