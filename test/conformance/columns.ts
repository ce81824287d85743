// Tables of Apache Arrow: as they were, however they were made and whoever gets them, and with their columns still in one piece.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  DateMillisecond,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Table,
  Vector,
  vectorFromArray,
  type Float64,
  type Int32,
} from "apache-arrow";
import { get, put, remote } from "ray-ts";
import type { Setting } from "./setting.ts";

/** More of one column than goes inside messages. */
const ROWS = 30_000;

function made(): Table {
  const numbers = Array.from({ length: ROWS }, (_, index) => index);
  return tableFromArrays({
    x: Float64Array.from(numbers, (index) => index / 2),
    n: Int32Array.from(numbers),
    word: numbers.map((index) => `word ${index % 7}`),
    maybe: numbers.map((index) => (index % 3 === 0 ? null : index % 2 === 0)),
  });
}

const tables: Readonly<Record<string, Table>> = {
  "a table made of arrays": made(),
  "a table read from bytes": tableFromIPC(tableToIPC(made())),
  "part of a table": made().slice(10, ROWS - 10),
  "two tables after each other": made().concat(made()),
  "some columns of a table": made().select(["x", "word"]),
  "an empty table": made().slice(0, 0),
};

export function columns(_: Setting): void {
  const same = remote((value: unknown) => value);

  function assertSame(got: unknown, table: Table): void {
    assert.ok(got instanceof Table);
    assert.equal(got.numRows, table.numRows);
    assert.equal(String(got.schema), String(table.schema));
    assert.deepEqual(tableToIPC(got), tableToIPC(table));
  }

  for (const [name, table] of Object.entries(tables)) {
    it(`keeps ${name}, put, passed and returned`, async () => {
      assertSame(await get(put(table)), table);
      assertSame(await get(same.remote(table)), table);
      assertSame(await get(same.remote(put(table))), table);
    });
  }

  it("reads columns where a call is, by the types of the library", async () => {
    const sum = remote((table: Table<{ x: Float64; n: Int32 }>) => {
      let total = 0;
      for (const value of table.getChild("x")?.toArray() ?? []) total += value;
      return [total, table.getChild("n")?.get(4), table instanceof Table];
    });
    const table = tableFromArrays({ x: new Float64Array(ROWS).fill(0.5), n: new Int32Array(ROWS).fill(3) });
    assert.deepEqual(await get(sum.remote(table)), [ROWS / 2, 3, true]);
  });

  it("keeps vectors of other kinds, and what they remember of their values", async () => {
    const words = vectorFromArray(["a", "b", "a", null]).memoize();
    const dates = vectorFromArray([new Date(5), null], new DateMillisecond());
    const rows = vectorFromArray([
      { a: 1, b: "x" },
      { a: 2, b: null },
    ]);
    const [gotWords, gotDates, gotRows, again] = await get(put([words, dates, rows, words] as const));
    assert.equal(gotWords, again);
    assert.ok(gotWords instanceof Vector && gotWords.isMemoized);
    assert.deepEqual([...gotWords], ["a", "b", "a", null]);
    assert.deepEqual([...gotWords.slice(1, 3)], ["b", "a"]);
    assert.deepEqual([...gotDates], [...dates]);
    assert.equal(JSON.stringify(gotRows), JSON.stringify(rows));
  });

  it("leaves columns together that were read from one buffer", async () => {
    const table = await get(put(tableFromIPC(tableToIPC(made()))));
    const [x, n] = ["x", "n"].map((name) => table.getChild(name)?.data[0]?.values as Float64Array | undefined);
    assert.ok(x !== undefined && x.buffer.byteLength > ROWS * 12);
    assert.equal(x.buffer, n?.buffer);
  });
}
