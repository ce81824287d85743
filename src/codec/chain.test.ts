// Questions that go up the prototypes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerFrom, leadsToProxy, type Question } from "./chain.ts";
import { decode, encode } from "./value.ts";

/** From the deepest link upwards. */
function linksOf(length: number, top: object): object[] {
  const links = [top];
  while (links.length < length) links.unshift(Object.create(links[0] as object) as object);
  return links;
}

function asking(told: object): { readonly question: Question<string>; readonly asked: () => number } {
  let asked = 0;
  const ask = (at: object): string | undefined => {
    asked += 1;
    return at === told ? "told" : undefined;
  };
  return { question: { ask, none: "nobody" }, asked: () => asked };
}

describe("answerFrom", () => {
  it("gives the nearest answer, near and far", () => {
    const memo = new Map();
    const links = linksOf(200, Object.create(null) as object);
    const { question } = asking(links[150] as object);
    const answers = links.map((link) => answerFrom(link, question, { memo }));
    assert.deepEqual(answers, [...Array<string>(151).fill("told"), ...Array<string>(49).fill("nobody")]);
  });

  it("asks the links of a long chain a fixed number of times each", () => {
    const memo = new Map();
    const links = linksOf(5_000, Object.create(null) as object);
    const { question, asked } = asking({});
    for (const link of links) assert.equal(answerFrom(link, question, { memo }), "nobody");
    assert.ok(asked() < 40 * links.length, `${asked()} questions`);
  });

  it("notes nothing for the chains that most objects have", () => {
    const memo = new Map();
    assert.equal(answerFrom(new (class A extends Map {})(), asking({}).question, { memo }), "nobody");
    assert.equal(memo.size, 0);
  });

  it("finds a Proxy at the end of a long chain", () => {
    const memo = new Map();
    const links = linksOf(500, new Proxy({}, {}));
    assert.ok(links.every((link) => leadsToProxy(link, { memo })));
  });
});

it("a long chain of prototypes travels", () => {
  const links = linksOf(3_000, { top: true });
  const back = decode(encode(links[0])) as { top: boolean };
  let depth = 0;
  for (let at: object | null = back; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
    depth += 1;
  assert.deepEqual([depth, back.top], [3_000, true]);
});
