// Hints as the user of a program reads them: a line each, once for its place, with the place and what to do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../harness/program.ts";

const tsx = { nodeOptions: ["--import", "tsx"] };

test("each thing that is known to be slow or silent is told in one line, with its place and what to do", async () => {
  const { code, stderr } = await run("test/faults/fixtures/hints.mts", [], tsx);
  assert.equal(code, 0, stderr);
  const at = (line: number): string => `test/faults/fixtures/hints\\.mts:${line}:\\d+`;
  const expected = [
    ...[16, 17, 19].map((line) => `hint: ${at(line)}: 10 calls in a row were submitted here, .* await get\\(refs\\)`),
    `hint: ${at(27)}: calls of same take \\d+ µs each, .* the work of \\d+ of them takes a millisecond`,
    `hint: ${at(28)}: argument 1 of same is the same object in call after call, .* const ref = put\\(object\\)`,
    `hint: ${at(29)}: argument 1 of same is the same text in call after call, .* const ref = put\\(text\\)`,
    `hint: ${at(31)}: argument 1 of same is what get\\(\\) gave for the ref of make, .* Pass the ref itself`,
    `hint: ${at(32)}: reads is 12\\.0 MB when serialised; .* captured 12\\.0 MB\\. Use put\\(\\) once`,
    `hint: a call failed, and nobody asked for its result: task fails, submitted at ${at(34)}: RangeError: nobody asked`,
  ];
  const said = stderr.split("\n").filter((line) => line !== "");
  assert.equal(said.length, expected.length, stderr);
  for (const line of expected) {
    const pattern = new RegExp(`^ray-ts: ${line}`);
    assert.equal(said.filter((each) => pattern.test(each)).length, 1, `${line}\n\n${stderr}`);
  }
});

test("nothing is told of where hints are not wanted", async () => {
  const { code, stderr } = await run("test/faults/fixtures/hints.mts", ["silent"], tsx);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});
