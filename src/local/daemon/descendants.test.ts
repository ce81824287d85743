// Which processes are taken for those of a worker that has ended, and how often they are looked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessId } from "../../domain/id.ts";
import { WORKER_MARK, workerMark, type ProcessTable } from "../processes.ts";
import { Descendants } from "./descendants.ts";

const GROUP = 100;
const DEAD: ProcessId = "dead";

interface Row {
  readonly pid: number;
  readonly group?: number;
  readonly worker?: string;
}

class Table implements Omit<ProcessTable, "userOf" | "argumentsOf" | "parentOf"> {
  readonly killed: number[] = [];
  looks = 0;
  rows: Row[];
  readonly #dies: boolean;

  constructor(rows: Row[], dies = true) {
    this.rows = rows;
    this.#dies = dies;
  }

  pids(): number[] {
    this.looks += 1;
    return this.rows.map(({ pid }) => pid);
  }

  groupOf(pid: number): number {
    return this.#row(pid).group ?? GROUP;
  }

  environmentOf(pid: number): string[] {
    const { worker } = this.#row(pid);
    const mark = worker === undefined ? [] : [`${WORKER_MARK}=${workerMark("/tmp/ray-ts-AAAAAA", worker)}`];
    return ["PATH=/bin", ...mark];
  }

  kill(pid: number): void {
    this.killed.push(pid);
    if (this.#dies) this.rows = this.rows.filter((row) => row.pid !== pid);
  }

  #row(pid: number): Row {
    return this.rows.find((row) => row.pid === pid) ?? { pid };
  }
}

test("what a dead worker has started is ended; what others have started, what has left the group and what has no mark are not", () => {
  const table = new Table([
    { pid: 1, group: 1 },
    { pid: 101, worker: "dead" },
    { pid: 102, worker: "alive" },
    { pid: 103, worker: "dead", group: 103 },
    { pid: 104 },
    { pid: 105, worker: "dead" },
  ]);
  const descendants = new Descendants(GROUP, table);
  descendants.endWith(DEAD);
  descendants.tick();
  assert.deepEqual(table.killed, [101, 105]);
});

test("one that was started while others were ended is found by the next look, and then no more looks are taken", () => {
  const table = new Table([{ pid: 101, worker: "dead" }]);
  const descendants = new Descendants(GROUP, table);
  descendants.tick();
  assert.equal(table.looks, 0);
  descendants.endWith(DEAD);
  descendants.tick();
  table.rows.push({ pid: 106, worker: "dead" });
  for (let tick = 0; tick < 5; tick += 1) descendants.tick();
  assert.deepEqual(table.killed, [101, 106]);
  assert.equal(table.looks, 3);
});

test("a process that the kernel does not end is not looked for without end", () => {
  const table = new Table([{ pid: 101, worker: "dead" }], false);
  const descendants = new Descendants(GROUP, table);
  descendants.endWith(DEAD);
  for (let tick = 0; tick < 200; tick += 1) descendants.tick();
  assert.ok(table.looks < 100, `${table.looks} looks`);
});
