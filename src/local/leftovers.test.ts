// What is taken for left behind by a dead session, among processes that look like it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { endLeftovers } from "./leftovers.ts";
import { WORKER_MARK, workerMark, type ProcessTable } from "./processes.ts";

const FOLDER = "/tmp/ray-ts-AAAAAA";
const DRIVER = 99;
const DAEMON = 100;
const user = process.getuid?.() ?? 0;

interface Row {
  readonly pid: number;
  readonly group: number;
  readonly parent?: number;
  readonly user?: number;
  readonly folder?: string;
  readonly args?: readonly string[];
}

function killedOf(rows: readonly Row[]): number[] {
  const killed: number[] = [];
  const row = (pid: number): Row => rows.find((each) => each.pid === pid) ?? { pid, group: 0 };
  const table: ProcessTable = {
    pids: () => rows.map(({ pid }) => pid),
    parentOf: (pid) => row(pid).parent ?? 1,
    groupOf: (pid) => row(pid).group,
    userOf: (pid) => row(pid).user ?? user,
    argumentsOf: (pid) => row(pid).args ?? ["sleep", "300"],
    environmentOf: (pid) => {
      const { folder } = row(pid);
      return ["PATH=/bin", ...(folder === undefined ? [] : [`${WORKER_MARK}=${workerMark(folder, "worker")}`])];
    },
    kill: (pid) => killed.push(pid),
  };
  endLeftovers(FOLDER, [{ pid: DRIVER }, { pid: DAEMON }], table);
  return killed;
}

test("the group of the daemon is ended, once, when a process of the session is still in it", () => {
  assert.deepEqual(
    killedOf([
      { pid: 101, group: DAEMON },
      { pid: 102, group: DAEMON, folder: FOLDER },
      { pid: 103, group: DAEMON, folder: FOLDER },
    ]),
    [-DAEMON],
  );
});

test("one that has left the group is not ended, nor one of another session, of nobody or of another user that has the number now", () => {
  assert.deepEqual(killedOf([{ pid: 101, group: 101, folder: FOLDER }]), []);
  assert.deepEqual(killedOf([{ pid: 101, group: DAEMON, folder: `${FOLDER}B` }]), []);
  assert.deepEqual(killedOf([{ pid: DAEMON, group: DAEMON }]), []);
  assert.deepEqual(killedOf([{ pid: 101, group: DAEMON, folder: FOLDER, user: user + 1 }]), []);
});

test("a worker that still runs is ended wherever it is", () => {
  assert.deepEqual(killedOf([{ pid: 101, group: 7, args: ["node", "worker/main.js", FOLDER] }]), [101]);
});

test("a group is spared from which this process comes itself", () => {
  const asked = { pid: process.pid, group: process.pid, parent: 102 };
  assert.deepEqual(killedOf([asked, { pid: 102, group: DAEMON, folder: FOLDER }]), []);
  assert.deepEqual(
    killedOf([
      { ...asked, parent: 103 },
      { pid: 102, group: DAEMON, folder: FOLDER },
    ]),
    [-DAEMON],
  );
});
