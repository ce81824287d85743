// Parts of payloads as files: what is read is what was written, and nothing else is taken for it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, it } from "node:test";
import { collectGarbage } from "../../std/garbage.ts";
import { HEAD_BYTES, headOf, LABEL_BYTES, offsetsOf, PAGE_BYTES, readHead } from "./layout.ts";
import { Levels } from "./levels.ts";
import { mapPart } from "./map.ts";
import { DAEMON, DRIVER, Store } from "./store.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let names = 0;

/** In folders of its own. */
function made(memoryBytesMax: number): { store: Store; memory: string; disk: string } {
  const memory = path.join(folder, `memory-${(names += 1)}`);
  const disk = path.join(folder, `disk-${names}`);
  return { store: new Store({ memory, disk, memoryBytesMax, isSlow: false }, DRIVER), memory, disk };
}

function id(number: number): string {
  return number.toString(16).padStart(28, "0");
}

function bytes(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + first) % 253);
}

function copyOf(parts: readonly Uint8Array[]): Uint8Array[] {
  return parts.map((part) => new Uint8Array(part));
}

const sizes = [0, 1, PAGE_BYTES - 16, PAGE_BYTES - 15, PAGE_BYTES, 99_999, 2 ** 20 - 16, 2 ** 20, 3_000_001];

it("lays out parts so that each begins on a page", () => {
  assert.deepEqual(offsetsOf([0, PAGE_BYTES - 16, PAGE_BYTES - 15]), [0, PAGE_BYTES, 2 * PAGE_BYTES, 4 * PAGE_BYTES]);
  for (const kind of ["buffer", "body", "onDisk"] as const) {
    const head = { kind, checksum: 0xfedc_ba98, bytes: 2 ** 40 + 1 };
    const place = { id: id(1), at: PAGE_BYTES };
    assert.deepEqual(readHead(headOf(head, place), place), head);
    for (const other of [
      { ...place, id: id(2) },
      { ...place, at: 0 },
    ])
      assert.equal(readHead(headOf(head, place), other), undefined);
  }
});

for (const most of [1e9, 0]) {
  it(`reads what it wrote ${most === 0 ? "to the disk" : "to memory"}`, () => {
    const { store, memory, disk } = made(most);
    const parts = sizes.map((size, index) => bytes(size, index));
    const { medium, bytes: written } = store.write(id(1), parts, "parts of a test");
    assert.equal(medium, most === 0 ? "disk" : "memory");
    const file = path.join(most === 0 ? disk : memory, id(1));
    assert.equal(statSync(file).size, written);
    assert.deepEqual(copyOf(store.readParts(id(1), sizes)), parts);
    store.remove(id(1));
    assert.ok(!existsSync(file));
    assert.throws(() => store.readParts(id(1), sizes), {
      name: "ObjectLostError",
      objectId: id(1),
      message: /removed/,
    });
  });
}

it("moves parts to the disk, where they are found as before", async () => {
  const { store, memory, disk } = made(1e9);
  const parts = sizes.map((size, index) => bytes(size, index));
  store.write(id(1), parts, "parts");
  const before = store.readParts(id(1), sizes);
  await store.spill(id(1));
  assert.ok(!existsSync(path.join(memory, id(1))));
  assert.ok(existsSync(path.join(disk, id(1))));
  assert.deepEqual(copyOf(store.readParts(id(1), sizes)), parts);
  assert.deepEqual(copyOf(before), parts);
  await assert.rejects(store.spill(id(2)), /ENOENT/);
  assert.ok(!existsSync(path.join(disk, `${id(2)}.part`)));
});

it("goes to the disk when memory is full, and counts what it has there", () => {
  const { store } = made(1_000_000);
  const media = [1, 2, 3].map((number) => store.write(id(number), [bytes(400_000)], "parts").medium);
  assert.deepEqual(media, ["memory", "memory", "disk"]);
  assert.ok(store.fullness > 0.8 && store.fullness < 0.9);
});

it("says who has how much when there is no room anywhere", () => {
  const memory = path.join(folder, `memory-${(names += 1)}`);
  const disk = path.join(folder, "no-folder");
  writeFileSync(disk, "");
  const store = new Store({ memory, disk, memoryBytesMax: 1_000_000, isSlow: false }, DRIVER);
  store.write(id(1), [bytes(300_000)], "a value put at main.ts:1:1");
  store.write(id(2), [bytes(300_000)], "a value put at main.ts:1:1");
  store.write(id(3), [bytes(150_000)], "a result of make");
  const parts = [bytes(2_500_000)];
  assert.throws(() => store.write(id(4), parts, "arguments of f"), {
    name: "ObjectStoreFullError",
    message:
      /the 2\.5 MB of arguments of f.*no-folder.*\n.*607 kB a value put at main\.ts:1:1\n.*152 kB a result of make/,
  });
  assert.ok(!existsSync(path.join(memory, id(4))));
});

it("does not speak of memory where files of the store are all on the disk", () => {
  for (const isSlow of [true, false]) {
    const memory = isSlow ? path.join(folder, `memory-${(names += 1)}`) : undefined;
    const disk = path.join(folder, `no-folder-${(names += 1)}`);
    writeFileSync(disk, "");
    const store = new Store({ memory, disk, memoryBytesMax: isSlow ? 1_000_000 : 0, isSlow }, DRIVER);
    assert.throws(() => store.write(id(1), [bytes(2_500_000)], "arguments of f"), {
      name: "ObjectStoreFullError",
      message: /the 2\.5 MB of arguments of f: nothing can be written to .*no-folder/,
    });
  }
});

const damages: readonly [what: string, damage: (file: string) => void][] = [
  ["cut off", (file) => truncateSync(file, statSync(file).size - LABEL_BYTES - 5_000)],
  ["of another size", (file) => truncateSync(file, statSync(file).size + PAGE_BYTES)],
  ["empty", (file) => truncateSync(file, 0)],
  ["garbage", (file) => writeFileSync(file, bytes(statSync(file).size))],
  [
    "a pipe",
    (file) => {
      rmSync(file);
      execFileSync("mkfifo", [file]);
    },
  ],
];

for (const [what, damage] of damages) {
  it(`refuses a file that is ${what}`, () => {
    for (const most of [1e9, 0]) {
      const { store, memory, disk } = made(most);
      store.write(id(1), [bytes(700_000), bytes(300_000)], "parts");
      damage(path.join(most === 0 ? disk : memory, id(1)));
      assert.throws(() => store.readParts(id(1), [700_000, 300_000]), { name: "ObjectLostError", objectId: id(1) });
    }
  });
}

it("sees that a byte of a file on the disk was changed", () => {
  const { store, disk } = made(0);
  store.write(id(1), [bytes(700_000)], "parts");
  const file = path.join(disk, id(1));
  const content = readFileSync(file);
  content[300_000] = (content[300_000] as number) ^ 1;
  writeFileSync(file, content);
  assert.throws(() => store.readParts(id(1), [700_000]), { name: "ObjectLostError", message: /damaged/ });
});

for (const most of [1e9, 0])
  it(`sees that a file ${most === 0 ? "on the disk" : "in memory"} is that of another object, as large as its own`, () => {
    const { store, memory, disk } = made(most);
    for (const each of [1, 2]) store.write(id(each), [bytes(700_000, each)], "parts");
    const at = most === 0 ? disk : memory;
    copyFileSync(path.join(at, id(2)), path.join(at, id(1)));
    assert.throws(() => store.readParts(id(1), [700_000]), { name: "ObjectLostError", message: /damaged/ });
    assert.deepEqual(copyOf(store.readParts(id(2), [700_000])), [bytes(700_000, 2)]);
  });

for (const size of [150, 16_000, 150_000, 700_000]) {
  it(`sees that a tenth of ${size} bytes in memory was changed, wherever, and spills nothing of it`, async () => {
    const { store, memory, disk } = made(1e9);
    const part = Math.ceil(size / 10);
    for (let from = 0; from < size; from += part) {
      store.write(id(1), [bytes(size)], "parts");
      const file = path.join(memory, id(1));
      const content = readFileSync(file);
      for (let at = from; at < Math.min(from + part, size); at += 1)
        content[HEAD_BYTES + at] = (content[HEAD_BYTES + at] as number) ^ 0xff;
      writeFileSync(file, content);
      assert.throws(() => store.readParts(id(1), [size]), { name: "ObjectLostError", message: /damaged/ });
      await assert.rejects(store.spill(id(1)), /damaged/);
      assert.ok(!existsSync(path.join(disk, id(1))));
      store.remove(id(1));
    }
  });
}

it("sees that a byte of a value's body in memory was changed, wherever, and spills nothing of it", async () => {
  const sizes = [700_000, 900_000];
  for (const at of [0, 300_001, 899_999]) {
    const { store, memory, disk } = made(1e9);
    store.write(id(1), [bytes(700_000), bytes(900_000)], "parts", true);
    assert.deepEqual(copyOf(store.readParts(id(1), sizes)), [bytes(700_000), bytes(900_000)]);
    const file = path.join(memory, id(1));
    const content = readFileSync(file);
    const there = (offsetsOf(sizes)[1] as number) + HEAD_BYTES + at;
    content[there] = (content[there] as number) ^ 1;
    writeFileSync(file, content);
    assert.throws(() => store.readParts(id(1), sizes), { name: "ObjectLostError", message: /damaged/ });
    await assert.rejects(store.spill(id(1)), /damaged/);
    assert.ok(!existsSync(path.join(disk, id(1))));
  }
});

it("takes shared memory as it is, while others may write into it", () => {
  const { store } = made(1e9);
  const shared = new Uint8Array(new SharedArrayBuffer(700_000)).fill(3);
  store.write(id(1), [shared], "parts");
  assert.deepEqual(store.readParts(id(1), [700_000])[0], new Uint8Array(700_000).fill(3));
});

it("removes what a process has left that nobody knows", () => {
  const { store, memory } = made(1e9);
  for (const number of [1, 2, 3]) store.write(id(number), [bytes(10)], "parts");
  const other = `1${id(0).slice(1)}`;
  store.write(other, [bytes(10)], "parts");
  store.sweep(id(0).slice(0, 16), new Set([id(2)]));
  const left = [id(1), id(2), id(3), other].filter((each) => existsSync(path.join(memory, each)));
  assert.deepEqual(left, [id(2), other]);
});

it("counts for all processes, and a successor goes on where the one before has ended", () => {
  const file = path.join(folder, "levels");
  const [daemon, one, two] = [DAEMON, DRIVER, 2].map((number) => new Levels(file, number)) as [Levels, Levels, Levels];
  assert.ok(one.take(600, 1_000));
  assert.ok(!two.take(600, 1_000));
  assert.ok(two.take(400, 1_000));
  assert.equal(daemon.sum(), 1_000);
  daemon.set(DAEMON, -500);
  assert.ok(two.take(500, 1_000));
  two.giveBack(100);
  assert.equal(one.sum(), 900);
  // It had taken 100 that nobody was told of.
  daemon.set(2, daemon.at(2) - 100);
  const successor = new Levels(file, 2);
  assert.ok(successor.take(200, 1_000));
  assert.equal(daemon.sum(), 1_000);
});

it("maps a file into buffers that outlive it, and that are given back to the system", { skip: !canMap() }, async () => {
  const { store, memory } = made(1e9);
  const length = 2_000_000;
  store.write(id(1), [bytes(length)], "parts");
  const file = path.join(memory, id(1));
  const mapped = (): number => readFileSync("/proc/self/maps", "utf8").split(file).length - 1;
  let kept: ArrayBuffer[] = Array.from(
    { length: 50 },
    () => store.readParts(id(1), [length])[0]?.buffer as ArrayBuffer,
  );
  // Those for which the C library had no memory left from others.
  assert.ok(mapped() > 1);
  store.remove(id(1));
  // Detached, and gone to another owner: what JavaScript can reach stays.
  const moved = structuredClone(kept[0], { transfer: [kept[0] as ArrayBuffer] });
  for (const buffer of [moved, ...kept.slice(1)])
    assert.deepEqual(new Uint8Array(buffer as ArrayBuffer), bytes(length));
  new Uint8Array(kept[1] as ArrayBuffer).fill(0);
  assert.deepEqual(new Uint8Array(kept[2] as ArrayBuffer), bytes(length));
  kept = [];
  // The engine gives memory back beside the program, and a register may still point to one or another.
  for (let rounds = 0; mapped() > 5 && rounds < 1_000; rounds += 1) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  assert.ok(mapped() <= 5, `${mapped()} are mapped still`);
  assert.deepEqual(new Uint8Array(moved as ArrayBuffer), bytes(length));
});

it("maps a file although the C library has memory that was used before", { skip: !canMap() }, async () => {
  const length = 4_000_000;
  const file = path.join(folder, "beside-garbage");
  writeFileSync(file, bytes(length + PAGE_BYTES));
  const opened = openSync(file, "r");
  for (let round = 0; round < 5; round += 1) {
    let used: Uint8Array[] = Array.from({ length: 6 }, () => new Uint8Array(length + 1_000).fill(1));
    assert.equal(used.length, 6);
    used = [];
    for (let rounds = 0; rounds < 5; rounds += 1) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    const part = mapPart(opened, 0, length);
    assert.ok(part !== undefined, `in round ${round}`);
    assert.deepEqual(new Uint8Array(part), bytes(length + PAGE_BYTES).subarray(HEAD_BYTES, HEAD_BYTES + length));
  }
  closeSync(opened);
});

it("writes into files that nobody needs any more, but not where a reader has them mapped", { skip: !canMap() }, () => {
  const { store, memory } = made(1e9);
  const length = 2_000_000;
  const used = (): string[] => readdirSync(path.join(memory, "used"));
  const inodeOf = (name: string): number => statSync(path.join(memory, name)).ino;
  store.write(id(1), [bytes(length, 1)], "parts");
  const inode = inodeOf(id(1));
  store.remove(id(1));
  assert.equal(used().length, 1);
  store.write(id(2), [bytes(length + 1_000, 2), bytes(10, 3)], "others");
  assert.equal(inodeOf(id(2)), inode);
  assert.deepEqual(copyOf(store.readParts(id(2), [length + 1_000, 10])), [bytes(length + 1_000, 2), bytes(10, 3)]);

  const reader = store.readParts(id(2), [length + 1_000, 10]);
  store.remove(id(2));
  store.write(id(3), [bytes(length, 4)], "parts");
  assert.deepEqual(copyOf(store.readParts(id(3), [length])), [bytes(length, 4)]);
  assert.deepEqual(copyOf(reader), [bytes(length + 1_000, 2), bytes(10, 3)]);

  // One that is much larger stays for others.
  store.remove(id(3));
  store.write(id(4), [bytes(10 * length)], "parts");
  const [left] = used();
  assert.ok(left !== undefined);
  const { ctimeMs } = statSync(path.join(memory, "used", left));
  store.tidy(ctimeMs + 4_000);
  assert.deepEqual(used(), [left]);
  store.tidy(ctimeMs + 6_000);
  assert.deepEqual(used(), []);
});

it("keeps no more than a tenth of the memory for others to write into", () => {
  const { store, memory } = made(50_000_000);
  const numbers = [1, 2, 3, 4];
  for (const number of numbers) store.write(id(number), [bytes(2_000_000, number)], "parts");
  for (const number of numbers) store.remove(id(number));
  assert.equal(readdirSync(path.join(memory, "used")).length, 2);
});

function canMap(): boolean {
  const file = path.join(folder, "can");
  writeFileSync(file, new Uint8Array(2 ** 21));
  const opened = openSync(file, "r");
  try {
    return mapPart(opened, 0, 2 ** 20) !== undefined;
  } finally {
    closeSync(opened);
  }
}

it("says who has most, and takes nothing else in its folders for somebody's", () => {
  const { store, memory, disk } = made(400_000);
  store.write(id(1), [bytes(300_000)], "one");
  store.write(id(2), [bytes(200_000)], "other");
  store.write(id(3), [bytes(200_000)], "other");
  writeFileSync(path.join(disk, "pid"), "1 2\n");
  writeFileSync(path.join(disk, `${id(1)}.part`), bytes(500_000));
  writeFileSync(path.join(memory, id(4)), bytes(500_000));
  mkdirSync(path.join(disk, id(5)));
  assert.throws(() => store.write(id(5), [bytes(200_000)], "none"), {
    name: "ObjectStoreFullError",
    message: /\n {4}402 kB other\n {4}303 kB one\n {2}Let go/,
  });
});
