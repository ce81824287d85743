// The other process of the codec adapter: receives functions and arguments, runs them, and answers.
import { encodeThrown } from "#src/codec/thrown.js";
import { setWorker } from "#src/codec/modules.js";
import { decode, encode, prepare } from "#src/codec/value.js";
import { becomeWorker } from "./adapter-codec.mjs";
import { isStream, yieldedKey } from "./outcome.mjs";

/** Bodies as they arrived, and the functions once they have been made: one per process, as in a real worker. */
const bodies = new Map();
const functions = new Map();

async function functionOf(id) {
  if (!functions.has(id)) {
    const payload = bodies.get(id);
    // One promise for all who ask meanwhile.
    functions.set(
      id,
      (async () => {
        await prepare(payload);
        return decode(payload);
      })(),
    );
  }
  return functions.get(id);
}

async function run(id, args) {
  const fn = typeof id === "function" ? id : await functionOf(id);
  const value = await fn(...args);
  if (!isStream(value)) return value;
  const yielded = [];
  // How streams travel is the API's affair: here they are read to their end.
  for await (const item of value) yielded.push(item);
  return { [yieldedKey]: yielded };
}

async function answer({ call, id, args }) {
  try {
    // The function first, as in a real worker.
    const [fn] = await Promise.all([functionOf(id), prepare(args)]);
    const value = await run(fn, decode(args));
    process.send({ call, done: encode(value) });
  } catch (error) {
    process.send({ call, thrown: encodeThrown(error) });
  }
}

becomeWorker(run);
process.on("message", (message) => {
  if (message.type === "start")
    setWorker({ entry: message.entry, loaders: message.loaders, workingFolder: process.cwd() });
  else if (message.type === "define") bodies.set(message.id, message.payload);
  else void answer(message);
});
// The driver is gone: so is the worker.
process.on("disconnect", () => process.exit());
