// Actors that wait for each other for ever: the user hears of it, by their names, wherever they live.
import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "#src/std/clock.js";
import { Program } from "../harness/program.ts";

const TOLD = [
  /Actor\(Waits "own", \w+\) waits for a call of its own/,
  /Actor\(Waits "task", \w+\) waits for a call of its own/,
  /Actor\(Waits "argument", \w+\) waits for a call of its own/,
  /Actor\(Waits "(?:reader|read)", \w+\), Actor\(Waits "(?:reader|read)", \w+\) wait for each other/,
  /Actor\(Waits "(?:loader|trainer)", \w+\), Actor\(Waits "(?:loader|trainer)", \w+\) wait for each other/,
  /Actor\(Waits "source", \w+\) waits for a call of its own/,
  /Actor\(Waits "(?:first|second)", \w+\), Actor\(Waits "(?:first|second)", \w+\) wait for each other/,
];

for (const address of ["local", "inline"])
  test(`actors that wait in a circle are told of, also by way of a task, and no others: ${address}`, async () => {
    const program = new Program("test/faults/fixtures/circles.mjs", [address]);
    while (!TOLD.every((line) => line.test(program.stderr)) && program.child.exitCode === null) await delay(20);
    program.kill("SIGTERM");
    await program.ended;
    for (const line of TOLD) assert.match(program.stderr, line);
    assert.equal(program.stderr.match(/^ray-ts: /gm)?.length, TOLD.length, program.stderr);
  });

for (const address of ["local", "inline"])
  test(`a call is told of that waits for a stream which waits for the program: ${address}`, async () => {
    const program = new Program("test/faults/fixtures/behind-stream.mjs", [address]);
    const told = [19, 25].map((line) => {
      const call = line === 19 ? "batches" : "loaded";
      return new RegExp(
        `^ray-ts: Loader\\.${call}, submitted at .*behind-stream\\.mjs:${line}:\\d+, waits at its actor behind a stream that has paused`,
        "m",
      );
    });
    while (!told.every((line) => line.test(program.stderr)) && program.child.exitCode === null) await delay(20);
    program.kill("SIGTERM");
    await program.ended;
    for (const line of told) assert.match(program.stderr, line);
    assert.equal(program.stderr.match(/^ray-ts: /gm)?.length, 2, program.stderr);
  });
