// The cases of one environment as tests of node:test, one for each case, on the Node that runs the tests.
import { rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { environments } from "./environments.js";
import { launches } from "./launch.js";
import type { CaseResult } from "./launch.js";
import { currentMajor } from "./nodes.js";
import { newPlace, prepare } from "./prepare.js";
import type { Adapter } from "./prepare.js";

const adapter: Adapter = process.env["RAY_TS_SUITE_ADAPTER"] === "ray" ? "ray" : "codec";

/** Throws the failure of a case as it was written down in the other process. */
function judge({ name, status, message }: CaseResult): void {
  if (status !== "failed") return;
  const error = new Error(message ?? "failed");
  error.name = name;
  // Where this function is tells nothing; where the case failed is in the message.
  delete error.stack;
  throw error;
}

/** Declares the tests; the program that they look at runs once per case file, before the first of them. */
export function testEnvironment(name: string): void {
  const environment = environments.find((each) => each.name === name);
  if (environment === undefined) throw new Error(`there is no environment ${name}`);
  describe(name, () => {
    const byTitle = new Map<string, CaseResult[]>();
    const place = newPlace();
    after(() => rmSync(place, { recursive: true, force: true }));
    before(async () => {
      const prepared = await prepare(environment, adapter, place);
      for (const launch of launches(prepared, { major: currentMajor, binary: process.execPath })) {
        for (const result of await launch()) byTitle.set(result.title, [...(byTitle.get(result.title) ?? []), result]);
      }
    });
    for (const title of environment.titles) {
      test(title, async (t) => {
        for (const result of byTitle.get(title) ?? []) await t.test(result.name, () => judge(result));
      });
    }
  });
}
