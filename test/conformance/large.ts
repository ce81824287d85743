// Values that are too large for messages: what they are like when they arrive, whoever made them, and that everybody has his own.
import assert from "node:assert/strict";
import { it } from "node:test";
import { get, put, remote, type ObjectRef } from "ray-ts";
import { Column } from "./column.ts";
import type { Setting } from "./setting.ts";

/** More than goes inside messages, and a number of bytes that fills no page. */
const BYTES = 1_000_003;

function numbered(bytes: number, first = 0): Uint8Array {
  const made = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1) made[at] = (at * 7 + first) % 251;
  return made;
}

const memory = numbered(2_000_000).buffer;
const values: Readonly<Record<string, unknown>> = {
  "bytes just below what is stored": numbered(99_999),
  "bytes of just what is stored": numbered(100_000),
  "bytes that are read": numbered(300_000),
  "bytes that are mapped": numbered(BYTES),
  "bytes that fill their pages": numbered(1024 * 1024 - 16),
  "bytes that need one page more": numbered(1024 * 1024 - 15),
  "an array buffer": numbered(BYTES).buffer,
  "a data view into the middle": new DataView(memory, 1_001, 1_000_000),
  "doubles into the middle": new Float64Array(memory, 800, 100_000),
  "large integers": new BigInt64Array(200_000).fill(-(2n ** 40n)),
  "a Buffer": Buffer.from(numbered(BYTES)),
  "part of a Buffer": Buffer.from(memory, 500, 900_000),
  "large and small ones": { a: numbered(600_000), b: [numbered(10), numbered(40_000)], c: new Uint8Array(0) },
  "an instance of a class that is imported": new Column("x", numbered(BYTES)),
  "many, each too small to be stored": Array.from({ length: 20 }, (_, index) => numbered(40_000, index)),
  text: "größer ".repeat(50_000),
  "a long list": Array.from({ length: 60_000 }, (_, index) => ({ index })),
  "a long map": new Map(Array.from({ length: 20_000 }, (_, index) => [`key ${index}`, [index]])),
};

export function large(_: Setting): void {
  const same = remote((value: unknown) => value);

  for (const [name, value] of Object.entries(values)) {
    it(`keeps ${name}, put, passed and returned`, async () => {
      assert.deepEqual(await get(put(value)), value);
      assert.deepEqual(await get(same.remote(value)), value);
      assert.deepEqual(await get(same.remote(put(value))), value);
    });
  }

  it("keeps what several views share", async () => {
    const shared = numbered(BYTES).buffer;
    const value = [new Uint8Array(shared), new DataView(shared, 8), shared] as const;
    const [bytes, view, buffer] = await get(put(value));
    assert.equal(bytes.buffer, buffer);
    assert.equal(view.buffer, buffer);
    bytes[9] = 200;
    assert.equal(view.getUint8(1), 200);
  });

  it("gives everybody memory of his own, which is written into and resized as any other", async () => {
    const value = numbered(BYTES);
    const ref = put(value);
    const one = await get(ref);
    const other = await get(ref);
    assert.equal(one.byteOffset, 0);
    assert.equal(one.buffer.byteLength, BYTES);
    one.fill(255);
    assert.deepEqual(other, value);
    const buffer = other.buffer as ArrayBuffer;
    const moved = structuredClone(buffer, { transfer: [buffer] });
    assert.equal(other.byteLength, 0);
    assert.deepEqual(new Uint8Array(moved), value);
    assert.deepEqual(await get(ref), value);
  });

  it("takes values as they are at the call", async () => {
    const value = numbered(BYTES);
    const ref = put(value);
    const passed = same.remote(value);
    value.fill(1);
    const later = same.remote(value);
    assert.deepEqual(await get([ref, passed]), [numbered(BYTES), numbered(BYTES)]);
    assert.deepEqual(await get(later), value);
  });

  it("takes results as they are when the function returns them", async () => {
    const returnsAndGoesOn = remote((bytes: number) => {
      const result = new Uint8Array(bytes).fill(1);
      setImmediate(() => result.fill(2));
      return result;
    });
    assert.deepEqual(await get(returnsAndGoesOn.remote(BYTES)), new Uint8Array(BYTES).fill(1));
  });

  it("lets a function write into its arguments", async () => {
    const value = numbered(BYTES);
    const ref = put(value);
    const spoils = remote((given: Uint8Array) => given.fill(0).length);
    assert.deepEqual(await get([spoils.remote(ref), spoils.remote(value)]), [BYTES, BYTES]);
    assert.deepEqual(await get(ref), numbered(BYTES));
    assert.deepEqual(value, numbered(BYTES));
  });

  it("carries several of them, and refs beside them", async () => {
    const inner = put("inside");
    const several = remote(
      (one: Uint8Array, other: Uint8Array, refs: ObjectRef<string>[]) => [one, other, refs] as const,
      { numReturns: 3 },
    );
    const [one, other, refs] = several.remote(numbered(BYTES, 1), put(numbered(BYTES, 2)), [inner]);
    assert.deepEqual(await get(one), numbered(BYTES, 1));
    assert.deepEqual(await get(other), numbered(BYTES, 2));
    const [back] = await get(refs);
    assert.equal(await get(back as ObjectRef<string>), "inside");
  });

  it("keeps what lies in a value as long as the value", async () => {
    const holdsRefs = remote((count: number) => ({
      filling: new Uint8Array(200_000),
      refs: Array.from({ length: count }, (_, index) => put(numbered(300_000, index))),
    }));
    const { refs } = await get(holdsRefs.remote(5));
    for (const [index, value] of (await get(refs)).entries()) assert.deepEqual(value, numbered(300_000, index));
  });

  it("is captured by functions", async () => {
    const table = numbered(BYTES);
    const look = remote((at: number) => table[at]);
    assert.deepEqual(await get([0, 1, BYTES - 1].map((at) => look.remote(at))), [0, 7, table[BYTES - 1]]);
  });

  it("comes as items of streams", async () => {
    const items = remote(function* items(count: number) {
      for (let index = 0; index < count; index += 1) yield numbered(BYTES, index);
    });
    let index = 0;
    for await (const item of items.remote(10).values()) {
      assert.deepEqual(item, numbered(BYTES, index));
      index += 1;
    }
    assert.equal(index, 10);
  });

  it("is thrown", async () => {
    const throws = remote(() => {
      throw Object.assign(new RangeError("too much"), { rest: numbered(BYTES) });
    });
    const error: unknown = await get(throws.remote()).catch((reason: unknown) => reason);
    assert.ok(error instanceof RangeError);
    assert.deepEqual((error as RangeError & { rest: Uint8Array }).rest, numbered(BYTES));
  });

  it("is passed on from call to call", async () => {
    const add = remote((value: Float64Array, more: number) => value.map((each) => each + more));
    let ref = put(new Float64Array(200_000));
    for (let step = 1; step <= 10; step += 1) ref = add.remote(ref, step);
    assert.deepEqual(await get(ref), new Float64Array(200_000).fill(55));
  });
}
