// npm run soak: objects made, passed, kept for a while and let go of, many more than fit, for minutes. Says whether any process grew.
//
//   --objects N      (default 30,000)
//   --megabytes N    of an object, on average (default 7)
//   --store N        megabytes of the store (default 2,000)
//   --alive N        objects alive at a time, as a share of the store (default 0.7; from 0.8 on some of them are on the disk)
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import * as ray from "ray-ts";
import { collectGarbage } from "#src/std/garbage.js";
import { memoryOf, processTree } from "./machine.ts";

const { values } = parseArgs({
  options: {
    objects: { type: "string", default: "30000" },
    megabytes: { type: "string", default: "7" },
    store: { type: "string", default: "2000" },
    alive: { type: "string", default: "0.7" },
  },
});
const objects = Number(values.objects);
const bytesMean = Number(values.megabytes) * 1e6;
const storeBytes = Number(values.store) * 1e6;
const aliveMax = Math.ceil((Number(values.alive) * storeBytes) / bytesMean);
const inFlight = 8;
const looks = 20;

interface Kept {
  readonly ref: ray.ObjectRef<Float64Array>;
  readonly value: number;
}

await ray.init({ objectStoreMemory: storeBytes });
const make = ray.remote((length: number, value: number): Float64Array => new Float64Array(length).fill(value));
const add = ray.remote((given: Float64Array, more: number): Float64Array => given.map((each) => each + more));
const check = ray.remote((given: Float64Array, value: number): boolean => given.every((each) => each === value));

/** The same for every run. */
let seed = 1;
function random(): number {
  seed = (seed * 48_271) % 0x7fff_ffff;
  return seed / 0x7fff_ffff;
}

function lengthOfOne(): number {
  return Math.ceil(((0.1 + 1.8 * random()) * bytesMean) / 8);
}

const alive: Kept[] = [];
const checks = new Set<Promise<void>>();
let movedBytes = 0;

function begin(index: number): Kept {
  const way = random();
  const from = alive[Math.floor(random() * alive.length)];
  if (way < 0.4 && from !== undefined) return { ref: add.remote(from.ref, 1), value: from.value + 1 };
  const length = lengthOfOne();
  if (way < 0.7) return { ref: make.remote(length, index), value: index };
  return { ref: ray.put(new Float64Array(length).fill(index)), value: index };
}

async function look({ ref, value }: Kept): Promise<void> {
  if (random() < 0.5) {
    if (!(await ray.get(check.remote(ref, value)))) throw new Error(`a task got another value than ${value}`);
    return;
  }
  const got = await ray.get(ref);
  movedBytes += got.byteLength;
  if (got[0] !== value || got.at(-1) !== value) throw new Error(`get gave ${got[0]}, not ${value}`);
}

function residentMb(): number[] {
  return processTree(process.pid).map((pid) => memoryOf(pid).proportional);
}

const most: number[] = [];
const started = performance.now();
for (let index = 1; index <= objects; index += 1) {
  const kept = begin(index);
  alive.push(kept);
  movedBytes += bytesMean;
  const looked = look(kept).finally(() => checks.delete(looked));
  checks.add(looked);
  if (checks.size >= inFlight) await Promise.race(checks);
  if (alive.length > aliveMax) alive.splice(Math.floor(random() * alive.length), 1)[0]?.ref[Symbol.dispose]();
  if (index % Math.ceil(objects / looks) !== 0) continue;
  collectGarbage();
  const all = residentMb();
  most.push(all.reduce((sum, each) => sum + each, 0));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const each = all.map((mb) => mb.toFixed(0)).join(" ");
  console.log(`${index} objects, ${(movedBytes / 1e9).toFixed(0)} GB, ${seconds} s; MB of each process: ${each}`);
}
await Promise.all(checks);
for (const { ref } of alive) ref[Symbol.dispose]();
await ray.sleep(1000);
const folder = readdirSync("/dev/shm").find((name) => name.startsWith("ray-ts-"));
const left =
  folder === undefined ? [] : readdirSync(path.join("/dev/shm", folder)).filter((name) => name.length === 28);
for (const name of left)
  console.log(`left: ${name}, ${statSync(path.join("/dev/shm", folder ?? "", name)).size} bytes`);
await ray.shutdown();

// What is mapped is shared memory, and is in it too: the store may be full in both halves.
const half = Math.floor(most.length / 2);
const [early, late] = [Math.max(...most.slice(0, half)), Math.max(...most.slice(half))];
console.log(`most memory in the first half ${early.toFixed(0)} MB, in the second ${late.toFixed(0)} MB`);
if (late > early * 1.2 + 100 || left.length > 0) process.exitCode = 1;
