// The codec alone: functions are encoded here, and a child process decodes and runs them. No cluster, no API.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { encodeFunction, explainCapture } from "#src/codec/function.js";
import { registerKind, registerSerializer } from "#src/codec/kinds.js";
import { declareEntry, loaders, shipByValue } from "#src/codec/modules.js";
import { decodeThrown } from "#src/codec/thrown.js";
import { decode, encode, prepare } from "#src/codec/value.js";
import { callerUrl, Skip } from "./outcome.mjs";
import { workerFlags } from "./worker-flags.mjs";

export const name = "codec";
export const oneProcess = true;

/** What `export const f = remote(…)` exports shows its function under this key, as the API's own handles do. */
const innerFunctionKey = Symbol.for("ray-ts.function");
const handleKey = Symbol.for("ray-ts.suite.handle");

let child;
let entry;
let calls = 0;
let definitions = 0;
const waiting = new Map();
const defined = new WeakMap();
const handles = new Map();

/** How a handle runs its function in the worker. On globalThis: a loader may give CommonJS a copy of this module of its own. */
const runKey = Symbol.for("ray-ts.suite.run");
export const becomeWorker = (run) => {
  globalThis[runKey] = run;
};

export function begin() {
  entry = callerUrl(begin);
  return declareEntry(entry);
}

export async function open() {
  const framework = JSON.parse(process.env.RAY_TS_SUITE_ENVIRONMENT ?? "{}").framework !== undefined;
  child = fork(fileURLToPath(new URL("./worker.mjs", import.meta.url)), [], {
    execArgv: workerFlags(process.execArgv),
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("message", settle);
  child.on("exit", (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the worker ended: ${signal ?? code}`));
    waiting.clear();
  });
  child.send({ type: "start", entry, loaders: framework ? [] : loaders() });
}

export async function close() {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

async function settle({ call, done, thrown }) {
  const { resolve, reject } = waiting.get(call);
  waiting.delete(call);
  try {
    await prepare(done ?? thrown);
    if (done !== undefined) resolve(decode(done));
    else reject(decodeThrown(thrown));
  } catch (error) {
    reject(error);
  }
}

/** The id of a function in the worker; its body goes out before the first call that needs it. */
function define(fn, options) {
  const known = defined.get(fn);
  if (known !== undefined && options === undefined) return known;
  definitions += 1;
  const id = `f${definitions}`;
  // Before the body is encoded: a function may be part of what it captures.
  defined.set(fn, id);
  try {
    const { payload } = encodeFunction(fn, { name: fn.name || "f", ...options });
    child.send({ type: "define", id, payload });
  } catch (error) {
    defined.delete(fn);
    throw error;
  }
  return id;
}

export async function ship(fn, args, options) {
  const id = define(fn, options);
  const payload = encode(args);
  calls += 1;
  const call = calls;
  return new Promise((resolve, reject) => {
    waiting.set(call, { resolve, reject });
    child.send({ type: "call", call, id, args: payload });
  });
}

export const later =
  (fn, options) =>
  (...args) =>
    ship(fn, args, options);

/** The buffers that travel beside the bytes of a value. */
export const buffersOf = (value) => encode(value).buffers;

function refTo(promise) {
  // Nobody need look at a ref: its failure is no unhandled rejection.
  promise.catch(() => {});
  return { promise };
}

function handleOf(fn, id) {
  const handle = () => {
    throw new TypeError("a handle is not called directly");
  };
  const call = (...args) => refTo(globalThis[runKey]?.(id ?? fn, args) ?? ship(fn, args));
  return Object.defineProperties(handle, {
    remote: { value: call },
    [innerFunctionKey]: { value: fn },
    [handleKey]: { value: id },
  });
}

registerKind({
  name: "suiteHandle",
  matches: (value) => typeof value === "function" && handleKey in value,
  encode: (handle) => {
    const id = handle[handleKey] ?? define(handle[innerFunctionKey]);
    handles.set(id, handle);
    return id;
  },
  decode: (id) => handles.get(id) ?? handleOf(undefined, id),
});

const needsApi = () => {
  throw new Skip("needs the API");
};

export const api = {
  remote: (fn) => handleOf(fn, undefined),
  get: async (refs) => (Array.isArray(refs) ? Promise.all(refs.map((ref) => ref.promise)) : refs.promise),
  registerSerializer,
  explainCapture,
  shipByValue,
  put: needsApi,
  kill: needsApi,
};
