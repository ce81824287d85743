// The public API: a function is shipped as a task of a local cluster with one worker.
import * as ray from "ray-ts";
import { Skip, yieldedKey } from "./outcome.mjs";

export const name = "ray";
export const oneProcess = false;

const options = { address: process.env.RAY_TS_ADDRESS ?? "local", numCpus: 2, logToDriver: false };

/** Bound, and so without a frame of its own: the case file that calls it is the caller of `init`. */
export const begin = ray.init.bind(undefined, options);
export const open = async () => {};
export const close = () => ray.shutdown();

const handles = new WeakMap();

function handleOf(fn, given) {
  const known = handles.get(fn);
  if (known !== undefined && given === undefined) return known;
  const handle = ray.remote(fn, { maxRetries: 0, ...given });
  if (given === undefined) handles.set(fn, handle);
  return handle;
}

/** What the function itself threw: a TaskError is how it arrives. */
const thrownBy = (error) => (error instanceof ray.TaskError ? (error.cause ?? error) : error);

async function resultOf(ref) {
  try {
    if (!String(ref).startsWith("ObjectRefGenerator(")) return await ray.get(ref);
    const yielded = [];
    for await (const item of ref.values()) yielded.push(item);
    return { [yieldedKey]: yielded };
  } catch (error) {
    throw thrownBy(error);
  }
}

export const ship = async (fn, args, given) => resultOf(handleOf(fn, given).remote(...args));

export function later(fn, given) {
  const handle = ray.remote(fn, { maxRetries: 0, ...given });
  return (...args) => resultOf(handle.remote(...args));
}

export const buffersOf = () => {
  throw new Skip("looks into the payload");
};

export const api = ray;
