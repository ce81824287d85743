// The rules of the house as data: who may import whom, which outside thing has which door, what is not written, and every exception.

export interface Floor {
  /** A file or a folder under src/, without the slash at its end. The longest one that fits a file is its floor. */
  readonly place: string;
  /** What it may import besides itself. "x (types)": only `import type`. A place that has a line of its own is not part of its folder. */
  readonly may: readonly string[];
}

const everything = ["std", "domain", "wire", "codec", "observe", "protocol", "backend.ts"];

/** From the ground up. A place that is not listed may import nothing: a new folder begins with a line here. */
export const floors: readonly Floor[] = [
  { place: "std", may: [] },
  { place: "domain", may: ["std"] },
  { place: "wire", may: ["std"] },
  { place: "codec", may: ["std", "domain"] },
  { place: "observe", may: ["std", "domain"] },
  { place: "protocol", may: ["domain", "codec (types)"] },
  { place: "backend.ts", may: ["domain", "codec (types)"] },
  // The brains: no I/O of any kind. Of the messages they know the types, never the bytes.
  { place: "local/owner", may: ["std", "domain", "protocol (types)"] },
  { place: "local/cluster", may: ["std", "domain", "protocol (types)"] },
  { place: "local/store", may: ["std", "domain", "local"] },
  { place: "local/coding", may: ["std", "domain", "wire", "protocol"] },
  // Single files of local: small tools that its hands share.
  { place: "local", may: ["std", "domain", "wire"] },
  { place: "local/client", may: [...everything, "local", "local/coding", "local/store", "local/owner"] },
  { place: "local/daemon", may: [...everything, "local", "local/coding", "local/store", "local/cluster"] },
  { place: "local/start.ts", may: [...everything, "local", "local/coding", "local/store", "local/client"] },
  { place: "inline", may: ["std", "domain", "codec", "protocol (types)", "backend.ts"] },
  {
    place: "api",
    may: ["std", "domain", "codec", "protocol (types)", "backend.ts", "api/session.ts", "api/checked.ts"],
  },
  // The only one that knows which clusters there are.
  {
    place: "api/session.ts",
    may: [
      "std",
      "domain",
      "codec",
      "protocol (types)",
      "backend.ts",
      "api",
      "api/checked.ts",
      "inline",
      "local/start.ts",
    ],
  },
  // It loads the package's face for user code, before the first task asks for it.
  {
    place: "worker",
    may: [...everything, "api", "api/session.ts", "index.ts", "local", "local/coding", "local/store", "local/client"],
  },
  { place: "index.ts", may: ["domain", "codec", "backend.ts", "api", "api/session.ts"] },
  // What patterns need and users do not: who gives back what a cancelled call has taken, and how options are refused in their name.
  { place: "api/outside.ts", may: ["api"] },
  { place: "api/checked.ts", may: ["domain", "api"] },
  { place: "parallel", may: ["std", "index.ts", "observe", "api/outside.ts", "api/checked.ts"] },
  { place: "cli", may: ["index.ts", "parallel", "observe"] },
];

export interface Door {
  readonly module: string;
  /** Files, or folders with a slash at their end. */
  readonly importers: readonly string[];
  readonly instead: string;
}

/** What is beside the library: it starts processes and watches clocks, to see how the library takes it. */
const outside = ["test/", "bench/", "tools/", "labs/", "examples/"];

export const doors: readonly Door[] = [
  { module: "node:net", importers: ["src/wire/socket.ts", "test/"], instead: "src/wire/socket.ts" },
  { module: "node:inspector", importers: ["src/codec/scope.ts"], instead: "src/codec/scope.ts" },
  { module: "node:inspector/promises", importers: [], instead: "src/codec/scope.ts" },
  {
    module: "koffi",
    importers: ["src/local/store/map.ts", "src/worker/parent-death.ts"],
    instead: "src/local/store/map.ts",
  },
  { module: "acorn", importers: ["src/codec/", ...outside], instead: "src/codec" },
  {
    module: "node:child_process",
    importers: ["src/local/start.ts", "src/local/daemon/", ...outside],
    instead: "src/local/start.ts (the daemon) or src/local/daemon (workers)",
  },
  { module: "node:worker_threads", importers: outside, instead: "processes: users' code must not share ours" },
  { module: "node:http", importers: outside, instead: "nothing yet: the dashboard will be its door" },
  { module: "node:timers", importers: ["src/std/clock.ts", "src/std/turns.ts"], instead: "src/std/clock.ts" },
  { module: "node:timers/promises", importers: outside, instead: "src/std/clock.ts" },
  { module: "node:perf_hooks", importers: ["src/std/clock.ts", ...outside], instead: "src/std/clock.ts" },
  { module: "node:crypto", importers: ["src/std/random.ts", "src/codec/", ...outside], instead: "src/std/random.ts" },
];

export interface BannedCall {
  /** As written: a global, or one of its members. */
  readonly call: string;
  readonly allowedIn: readonly string[];
  readonly instead: string;
}

const clock = ["src/std/clock.ts", ...outside];
const turns = ["src/std/turns.ts", ...outside];

export const bannedCalls: readonly BannedCall[] = [
  { call: "Date.now", allowedIn: clock, instead: "wallMs or monotonicMs of std/clock" },
  { call: "new Date()", allowedIn: clock, instead: "wallMs of std/clock" },
  { call: "performance.now", allowedIn: clock, instead: "monotonicMs of std/clock" },
  { call: "process.hrtime", allowedIn: clock, instead: "monotonicMs of std/clock" },
  { call: "setTimeout", allowedIn: clock, instead: "startTimer or delay of std/clock" },
  { call: "setImmediate", allowedIn: turns, instead: "inNextTurn of std/turns" },
  { call: "queueMicrotask", allowedIn: turns, instead: "atEndOfTurn of std/turns" },
  { call: "setInterval", allowedIn: clock, instead: "startTicker of std/clock" },
  { call: "AbortSignal.timeout", allowedIn: clock, instead: "startTimer of std/clock with an AbortController" },
  { call: "Math.random", allowedIn: ["src/std/random.ts", ...outside], instead: "std/random" },
  { call: "crypto.randomUUID", allowedIn: outside, instead: "randomHex of std/random" },
];

/** Names that say nothing of what is inside, so that anything ends up there. */
export const bannedNames: readonly string[] = [
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "shared",
  "core",
  "base",
  "misc",
  "manager",
  "types",
  "interfaces",
];

export const fileLinesMax = 400;
export const functionLinesMax = 60;

export interface Excuse {
  readonly rule: string;
  /** A file, or `file#name` for one export or function. */
  readonly place: string;
  readonly reason: string;
}

/** Kept short. An excuse that excuses nothing is a finding itself. */
export const excuses: readonly Excuse[] = [
  {
    rule: "any",
    place: "src/api/lift.ts",
    reason: "types that infer from any function or class have to be assignable from every one",
  },
  {
    rule: "unused-file",
    place: "src/wire/loopback.ts",
    reason: "the twin in memory of the socket, with a fence: for tests",
  },
  { rule: "unused-file", place: "src/local/owner/scenes.ts", reason: "what the tests of the owner brain share" },
  { rule: "unused-file", place: "src/local/cluster/scenes.ts", reason: "what the tests of the cluster brain share" },
];

/** Files that are started and not imported; what they export is used by whoever starts them. */
export const entries: readonly string[] = [
  "src/index.ts",
  "src/worker/main.ts",
  "src/local/daemon/main.ts",
  "src/parallel/index.ts",
  "src/cli/main.ts",
  "tools/tidy/main.ts",
];
