// Good options pass as they are; each bad one throws at once and says which, what was expected, and what came.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { ConnectionError } from "./errors.ts";
import { optionTable } from "./option-table.ts";
import type { OptionKind, OptionRow, OptionsOf } from "./option-table.ts";
import { checkBundles, checkOptions, clusterAt } from "./options-checked.ts";

/** What a check says about options that the compiler would have refused. */
function complaint(kind: OptionKind, options: unknown): string {
  try {
    checkOptions(kind, options as OptionsOf[typeof kind], "f()");
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return error.message;
  }
  return "";
}

test("good options come back without what is undefined", () => {
  const good: { [K in OptionKind]?: OptionsOf[K][] } = {
    init: [
      {},
      { address: "local", numCpus: 0 },
      {
        resources: { license: 0.0001 },
        labels: { zone: "a" },
        namespace: "n",
        logToDriver: false,
        ignoreReinitError: true,
      },
    ],
    task: [
      {
        numCpus: 1 / 3,
        maxRetries: -1,
        numReturns: 0,
        name: "x",
        captures: { a: undefined },
        resources: { "odd name": 2 },
      },
    ],
    get: [{ timeoutMs: 0 }, { timeoutMs: Infinity, signal: new AbortController().signal }],
    wait: [{ numReturns: 3, timeoutMs: 5.5, fetchLocal: false }],
  };
  for (const [kind, all] of Object.entries(good) as [OptionKind, object[]][]) {
    for (const options of all) assert.deepEqual(checkOptions(kind, options, "f()"), options);
  }
  assert.deepEqual(checkOptions("get", undefined, "get()"), {});
  assert.deepEqual(Object.keys(checkOptions("get", Object.fromEntries([["timeoutMs", undefined]]), "get()")), []);
});

const bad: readonly [kind: OptionKind, options: unknown, message: string][] = [
  ["get", 5, "f() takes its options as an object, but got 5."],
  ["get", null, "f() takes its options as an object, but got null."],
  ["get", [1], "f() takes its options as an object, but got an array."],
  ["get", { timeout: 5 }, "f() has no option timeout. Did you mean timeoutMs?"],
  ["get", { quickly: 5 }, "f() has no option quickly. It takes timeoutMs, signal."],
  ["get", { toString: 5 }, "f() has no option toString. It takes timeoutMs, signal."],
  ["get", { timeoutMs: "5" }, 'f(): the option timeoutMs should be a number of milliseconds, 0 or more, but got "5".'],
  ["get", { timeoutMs: -1 }, "f(): the option timeoutMs should be a number of milliseconds, 0 or more, but got -1."],
  [
    "get",
    { timeoutMs: Number.NaN },
    "f(): the option timeoutMs should be a number of milliseconds, 0 or more, but got NaN.",
  ],
  [
    "get",
    { signal: { aborted: false } },
    "f(): the option signal should be an AbortSignal, but got an object (aborted).",
  ],
  ["wait", { numReturns: 0 }, "f(): the option numReturns should be a whole number, 1 or more, but got 0."],
  ["wait", { fetchLocal: 1 }, "f(): the option fetchLocal should be true or false, but got 1."],
  ["task", { retries: 2 }, "f() has no option retries. Did you mean maxRetries?"],
  ["task", { cpus: 2 }, "f() has no option cpus. Did you mean numCpus?"],
  ["get", { timeout: 2 }, "f() has no option timeout. Did you mean timeoutMs?"],
  ["task", { maxRestarts: 1 }, "f() has no option maxRestarts. It is an option of actors."],
  ["method", { numCpus: 1 }, "f() has no option numCpus. It is an option of init(), of remote functions, of actors."],
  ["wait", { force: true }, "f() has no option force. It is an option of cancel()."],
  ["task", { maxRetry: 1 }, "f() has no option maxRetry. Did you mean maxRetries?"],
  ["method", { maxRetry: 1 }, "f() has no option maxRetry. Did you mean maxTaskRetries?"],
  ["task", { retry: 1 }, "f() has no option retry. Did you mean maxRetries?"],
  ["task", { gpu: 1 }, "f() has no option gpu. Did you mean numGpus?"],
  ["task", { mem: 1 }, "f() has no option mem. Did you mean memory?"],
  ["task", { prio: 1 }, "f() has no option prio. Did you mean priority?"],
  ["task", { num_cpus: 2 }, "f() has no option num_cpus. Did you mean numCpus?"],
  ["task", { numCpus: -1 }, "f(): the option numCpus should be a number, 0 or at least 0.0001, but got -1."],
  ["task", { numCpus: 0.00001 }, "f(): the option numCpus should be a number, 0 or at least 0.0001, but got 0.00001."],
  ["task", { numCpus: 1n }, "f(): the option numCpus should be a number, 0 or at least 0.0001, but got the bigint 1n."],
  [
    "task",
    { maxRetries: -2 },
    "f(): the option maxRetries should be a whole number, 0 or more, or -1 for ever, but got -2.",
  ],
  [
    "task",
    { maxRetries: 1.5 },
    "f(): the option maxRetries should be a whole number, 0 or more, or -1 for ever, but got 1.5.",
  ],
  [
    "task",
    { numReturns: 20_000 },
    "f(): the option numReturns should be a whole number, from 0 to 10000, but got 20000.",
  ],
  [
    "task",
    { numReturns: 2 ** 60 },
    `f(): the option numReturns should be a whole number, from 0 to 10000, but got ${2 ** 60}.`,
  ],
  ["task", { memory: 2 ** 53 }, "f(): the option memory should be at most 9007199254740991, but got 9007199254740992."],
  ["task", { maxRetries: 1e30 }, "f(): the option maxRetries should be at most 9007199254740991, but got 1e+30."],
  [
    "task",
    { backpressure: 2 ** 53 },
    "f(): the option backpressure should be at most 9007199254740991, but got 9007199254740992.",
  ],
  ["task", { maxCalls: Infinity }, "f(): the option maxCalls should be a whole number, 0 or more, but got Infinity."],
  [
    "task",
    { retryExceptions: Array(1) },
    "f(): the option retryExceptions[0] should be a class of errors, but got undefined.",
  ],
  [
    "task",
    { name: "" },
    'f(): the option name should be a string that is not empty and has no control characters in it, but got "".',
  ],
  [
    "cancel",
    { reason: new Error("x") },
    'f(): the option reason should be a string, but got an Error with the message "x".',
  ],
  [
    "task",
    { captures: () => 1 },
    "f(): the option captures should be an object with named values, but got a function.",
  ],
  [
    "task",
    { resources: { license: "two" } },
    'f(): the option resources.license should be a number, 0 or at least 0.0001, but got "two".',
  ],
  [
    "init",
    { resources: { "": 1 } },
    'f(): the option resources[""] should be under a name that is not empty, but got "".',
  ],
  [
    "task",
    { runtimeEnv: { envVars: { "A=B": "1" } } },
    'f(): the option runtimeEnv.envVars["A=B"] should be under a name that is not empty and has no "=" or NUL in it, but got "A=B".',
  ],
  [
    "task",
    { runtimeEnv: { envVars: { A: "a\0b" } } },
    'f(): the option runtimeEnv.envVars.A should be a string without NUL, but got "a\\u0000b".',
  ],
  [
    "task",
    { runtimeEnv: { workingDir: "/tmp/a\0b" } },
    'f(): the option runtimeEnv.workingDir should be a string that is not empty and has no NUL in it, but got "/tmp/a\\u0000b".',
  ],
  [
    "task",
    { runtimeEnv: { execArgv: ["--no-warnings", "-\0"] } },
    'f(): the option runtimeEnv.execArgv[1] should be a string without NUL, but got "-\\u0000".',
  ],
  [
    "task",
    { runtimeEnv: { env: { A: "1" } } },
    "f(): the option runtimeEnv.env should be left out (did you mean envVars?), but got an object (A).",
  ],
  [
    "task",
    { schedulingStrategy: { node: "a0" } },
    'f(): the option schedulingStrategy.node should be left out (did you mean nodeId?), but got "a0".',
  ],
  [
    "task",
    { schedulingStrategy: { placement_group: 1, bundle: 0 } },
    "f(): the option schedulingStrategy.placement_group should be left out (did you mean placementGroup?), but got 1.",
  ],
  [
    "actor",
    { name: "a\nb" },
    'f(): the option name should be a string that is not empty and has no control characters in it, but got "a\\nb".',
  ],
  [
    "method",
    { name: "\u001B[31mred" },
    'f(): the option name should be a string that is not empty and has no control characters in it, but got "\\u001b[31mred".',
  ],
  [
    "task",
    { labelSelector: { zone: "in()" } },
    'f(): the option labelSelector.zone should be a label "v", "!v", "in(a, b)" or "!in(a, b)", but got "in()".',
  ],
  [
    "task",
    { resources: { CPU: 1 } },
    "f(): the option resources.CPU should be left out (the option numCpus is for it), but got 1.",
  ],
  [
    "init",
    { resources: { GPU: 1 } },
    "f(): the option resources.GPU should be left out (the option numGpus is for it), but got 1.",
  ],
  [
    "init",
    { labels: { zone: 1 } },
    "f(): the option labels.zone should be up to 63 letters, digits, - _ and ., but got 1.",
  ],
  [
    "init",
    { labels: { "ray.io/zone": "a" } },
    'f(): the option labels["ray.io/zone"] should be left out: such labels are given by the cluster, but got "a".',
  ],
];

test("bad options are named, with what was expected and what came", () => {
  for (const [kind, options, message] of bad) assert.equal(complaint(kind, options), message);
});

test("an option that is still to come is refused by name, never ignored", () => {
  for (const kind of Object.keys(optionTable) as OptionKind[]) {
    const rows: Readonly<Record<string, OptionRow>> = optionTable[kind];
    for (const [name, row] of Object.entries(rows)) {
      if (row.ready) continue;
      assert.ok(
        complaint(kind, { [name]: 1 }).startsWith(`f(): the option ${name} is not yet available`),
        `${kind}.${name}`,
      );
    }
  }
});

test("checks of more than one form know good from bad, also those of options to come", () => {
  const cases: [row: OptionRow, good: unknown[], bad: unknown[]][] = [
    [
      optionTable.task.schedulingStrategy,
      ["SPREAD", { nodeId: "a0", soft: true }, { nodeId: "none", soft: true }],
      [
        "PACK",
        {},
        { nodeId: 1 },
        { nodeId: "none" },
        { nodeId: "", soft: true },
        { nodeId: "a0", hard: true },
        { placementGroup: { id: "g" } },
      ],
    ],
    [optionTable.task.retryExceptions, [true, [TypeError], (error: Error) => error.message === ""], ["all", [1]]],
    [
      optionTable.task.retryDelayMs,
      [5, { baseMs: 1 }, { baseMs: 1, maxMs: 2 }],
      [-5, {}, { baseMs: 2, maxMs: 1 }, { baseMs: 1, maxMs: "2" }],
    ],
    [optionTable.task.backpressure, [1, Infinity], [0, -1, "many"]],
    [
      optionTable.task.runtimeEnv,
      [{ envVars: { A: "1" }, execArgv: ["--x"], setup: undefined }],
      [{ envVars: { A: 1 } }, { other: 1 }],
    ],
    [optionTable.actor.lifetime, ["detached"], ["forever"]],
    [optionTable.init.dashboard, [true, { port: 8265 }], [{ port: 70_000 }, "on"]],
  ];
  for (const [row, good, wrong] of cases) {
    for (const value of good) assert.equal(row.check.problem(value), undefined, row.doc);
    for (const value of wrong) assert.notEqual(row.check.problem(value), undefined, row.doc);
  }
});

test("an address says which cluster; what there is none of is told with what there is", () => {
  assert.equal(clusterAt(undefined, undefined), "local");
  assert.equal(clusterAt(undefined, ""), "local");
  assert.equal(clusterAt(undefined, "inline"), "inline");
  assert.equal(clusterAt("local", "inline"), "local");
  const cases: [string | undefined, string | undefined, RegExp][] = [
    ["auto", undefined, /No cluster at "auto": joining a running cluster is not yet available/],
    ["ray://host:10001", undefined, /not yet available[^]*"local"[^]*"inline"/],
    ["Inline", undefined, /no such kind of address[^]*Did you mean "inline"\?/],
    [undefined, "cluster", /RAY_TS_ADDRESS/],
  ];
  for (const [option, environment, message] of cases) {
    assert.throws(
      () => clusterAt(option, environment),
      (error) => error instanceof ConnectionError && message.test(error.message),
    );
  }
});

test("what is called like a member of every object is a name like any other, but for __proto__", () => {
  for (const name of ["constructor", "toString", "valueOf"]) {
    for (const kind of ["init", "task", "actor"] as const)
      assert.equal(complaint(kind, { resources: { [name]: 1 } }), "", name);
    assert.deepEqual(checkBundles([{ [name]: 5 }], "f()"), [{ [name]: 50_000 }]);
  }
  const odd: unknown = JSON.parse('{ "__proto__": 1 }');
  assert.match(complaint("task", { resources: odd }), /resources\.__proto__ should be under another name/);
  assert.throws(() => checkBundles([odd], "f()"), /bundles\[0\]\.__proto__ should be under another name/);
  const variables: unknown = JSON.parse('{ "__proto__": "a" }');
  assert.match(complaint("task", { runtimeEnv: { envVars: variables } }), /envVars\.__proto__ should be under/);
});

test("what is no plain object is refused, whose values would be passed over", () => {
  class Half {
    get numCpus(): number {
      return 0.5;
    }
  }
  const others: [unknown, string][] = [
    [new Map([["numCpus", 99]]), "an instance of Map"],
    [AbortSignal.abort(), "an instance of AbortSignal"],
    [new Date(), "an instance of Date"],
    [new Half(), "an instance of Half"],
    [Object.create({ numCpus: 0.5 }), "an object with a prototype of its own"],
  ];
  for (const [other, name] of others) {
    const got = `but got ${name}.`;
    assert.equal(complaint("task", other), `f() takes its options as a plain object, ${got}`);
    for (const option of ["resources", "labelSelector", "captures", "runtimeEnv"]) {
      const said = complaint("task", { [option]: other });
      assert.ok(said.includes(`option ${option} should be a plain object`) && said.endsWith(got), said);
    }
    assert.ok(complaint("task", { runtimeEnv: { envVars: other } }).endsWith(got));
    assert.ok(complaint("init", { labels: other }).endsWith(got));
    assert.throws(() => checkBundles([other], "f()"), /bundles\[0\] should be a plain object/);
  }
  const bare: unknown = Object.assign(Object.create(null), { numCpus: 1 });
  for (const plain of [bare, runInNewContext("({ numCpus: 1 })"), runInNewContext("Object.create(null)")])
    assert.equal(complaint("task", plain), "");
});
