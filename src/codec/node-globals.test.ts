// What Node has under a global name travels by that name, also what Node makes only when it is first asked for: hence each alone, as the
// first that a process of its own sends.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { it } from "node:test";
import { promisify } from "node:util";
import { isObject } from "../std/is-object.ts";
import { nodeGlobals } from "./node-globals.ts";

const program = `
import { encode } from ${JSON.stringify(new URL("./value.js", import.meta.url).href)};
const [own, inner] = process.argv[1].split(".");
const value = inner === undefined ? globalThis[own] : globalThis[own]?.[inner];
console.log(encode(value, "value").bytes.length > 0);
`;

/** Functions are found by their code. */
function isObjectOnDemand(name: string): boolean {
  if (Object.getOwnPropertyDescriptor(globalThis, name)?.get === undefined || /storage/i.test(name)) return false;
  return isObject(Reflect.get(globalThis, name)) && typeof Reflect.get(globalThis, name) !== "function";
}

for (const name of [...nodeGlobals.filter(isObjectOnDemand), "crypto.subtle"]) {
  it(`${name}, as the first thing that is sent`, async () => {
    const args = ["--no-warnings", "--input-type=module", "-e", program, name];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    assert.equal(stdout, "true\n");
  });
}
