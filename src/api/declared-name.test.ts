// What a call is given to: patterns over source, each with an example.
import assert from "node:assert/strict";
import { test } from "node:test";
import { declaredName, isCalledAtOnce } from "./declared-name.ts";

const cases: readonly [before: string, name: string | undefined][] = [
  ["const parse = ray.", "parse"],
  ["const parse = ", "parse"],
  ["export const parse =\n  ray.", "parse"],
  ["const parse: RemoteFunction<(text: string) => unknown> = ray.", "parse"],
  ["let x = 1; const parse = ray . ", "parse"],
  ["const a: number = 1, parse = ray.", "parse"],
  ["const parse: Work = ray.", "parse"],
  ["const parse: any =\n  ray.", "parse"],
  ["const a = 1, parse: unknown = ray.", "parse"],
  ["const a: Work = 1;\nparse = ray.", "parse"],
  ["let a: Work\nparse = ray.", "parse"],
  ["let parse: work.Work | undefined = ray.", "parse"],
  ["  parse!: Work = ray.", "parse"],
  ["case 1: parse = ray.", "parse"],
  ["default: parse = ray.", "parse"],
  ["  this.parse = ray.", "parse"],
  ["  readonly #parse = ray.", "parse"],
  ["exports.parse = (0, ray_ts_1.", undefined],
  ["const tasks = { parse: ray.", "parse"],
  ["const tasks = {\n  a,\n  'parse': ray.", "parse"],
  ["const f = ready ? parse : ray.", undefined],
  ["if (a === ray.", undefined],
  ["if (parse == ray.", undefined],
  ["const f = () => ray.", undefined],
  ["await ray.get(ray.", undefined],
  ["return ray.", undefined],
  ["export default ray.", undefined],
  ["", undefined],
];

for (const [before, name] of cases) {
  test(`${JSON.stringify(before)} gives ${name}`, () => assert.equal(declaredName(before), name));
}

for (const [after, is] of [
  ["remote(f)", false],
  ["remote(f).remote(1)", true],
  ["remote((a) => { g(')'); return `)`; }, { /* ) */ })\n  .options({ numCpus: 1 })\n  .remote()", true],
  ["remote(f).options({ numCpus: 1 });", false],
  ["remote<typeof f>(f).local(1)", true],
  ["remote(f), g.remote(1)", false],
  ["remote(f", false],
] as const)
  test(`${JSON.stringify(after)} is ${is ? "" : "not "}called at once`, () => assert.equal(isCalledAtOnce(after), is));
