// What a case file imports: `check` adds a case, `run` runs them all in order and writes down what happened.
//
// A case builds a function, says what it expects, and the suite ships it through an adapter:
//   t.same(fn, ...args)      the other process must give what a local call gives
//   t.throws(fn, ...args)    the other process must throw what a local call throws
//   t.gives(value, fn, ...)  the other process must give this value
//   t.fails(fn, expected)    shipping must be refused with this path and these words
// "#adapter" is the bare codec with a child process, or the public API; the package.json beside a copy of this suite says
// which.
import { writeFileSync } from "node:fs";
import * as adapter from "#adapter";
import { difference } from "./compare.mjs";
import { refusal } from "./refusal.mjs";
import { Skip, callerUrl, settle, siblingOf } from "./outcome.mjs";

/** What the matrix says about the tool that made the running code: { name, format, minified, bundled, lowered, … }. */
export const environment = JSON.parse(process.env.RAY_TS_SUITE_ENVIRONMENT ?? "{}");

/** The longest that one case may take before it counts as hanging: cases take seconds of a CPU, and others may use most of it. */
const caseMsMax = 180_000;

const cases = [];

/** Adds a case. Its name begins with its number in the list of cases. */
export function check(name, body) {
  cases.push({ name, body });
}

/** As in the public API; at module level too, before anything has begun. */
export const { remote, get } = adapter.api;

const outcomeText = ({ thrown, ...given }) =>
  thrown === undefined ? Object.keys(given)[0] : `${thrown?.stack ?? thrown}`;

function compareOutcomes(actual, expected) {
  if ("thrown" in actual !== "thrown" in expected) {
    throw new Error(`the other process: ${outcomeText(actual)}\nhere: ${outcomeText(expected)}`);
  }
  const found = difference(actual, expected, "result");
  if (found !== undefined) throw new Error(found);
}

/** Runs a function in the other process and here. */
async function both(fn, args) {
  // The snapshot is taken here, before the local call can change what the function captured.
  const remote = settle(() => adapter.ship(fn, args));
  const local = await settle(() => fn(...args));
  return { remote: await remote, local };
}

/** The tools of one case. */
function toolsOf(file) {
  const t = {
    environment,
    adapter: adapter.name,
    ray: adapter.api,
    ship: (fn, ...args) => adapter.ship(fn, args),
    shipWith: (options, fn, ...args) => adapter.ship(fn, args, options),
    /** As `remote(fn)` does: nothing is read from the function before the first call. */
    later: (fn, options) => adapter.later(fn, options),
    buffersOf: adapter.buffersOf,
    /** Cases that look at what an earlier call left behind need one process for all calls. */
    needsOneProcess() {
      if (!adapter.oneProcess) t.skip("calls may run in several processes");
    },
    sibling: (relative) => siblingOf(file, relative),
    skip: (why) => {
      throw new Skip(why);
    },
    equal(actual, expected, what = "value") {
      const found = difference(actual, expected, what);
      if (found !== undefined) throw new Error(found);
    },
    async same(fn, ...args) {
      const { remote, local } = await both(fn, args);
      if ("thrown" in local) throw local.thrown;
      compareOutcomes(remote, local);
    },
    /** As `same`, of a function that must throw. */
    async throws(fn, ...args) {
      const { remote, local } = await both(fn, args);
      if (!("thrown" in local)) throw new Error("expected the local call to throw");
      compareOutcomes(remote, local);
    },
    async gives(value, fn, ...args) {
      compareOutcomes(await settle(() => adapter.ship(fn, args)), { value });
    },
    /** For what may be refused, but must never be silently wrong. */
    async rightOrRefused(expected, fn, words) {
      const outcome = await settle(() => adapter.ship(fn, []));
      if (!("thrown" in outcome) || outcome.thrown?.name !== "SerializationError") {
        compareOutcomes(outcome, { value: expected });
        return;
      }
      const found = refusal(outcome, { words }, environment);
      if (found !== undefined) throw new Error(found);
    },
    async fails(fn, expected, ...args) {
      if (adapter.name === "inline") t.skip("refuses nothing");
      const outcome = await settle(() => adapter.ship(fn, args));
      const found = refusal(outcome, expected, environment);
      if (found !== undefined) throw new Error(found);
    },
  };
  return t;
}

/** What went wrong, and the first place outside the suite where it did. */
function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const places = String(error.stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !line.includes("ray-ts/suite/"));
  return [`${error.name}: ${error.message}`, ...places.slice(0, 2)].join("\n");
}

async function runCase({ name, body }, tools) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${caseMsMax} ms`)), caseMsMax);
  });
  try {
    await Promise.race([(async () => body(tools))(), late]);
    return { name, status: "passed" };
  } catch (error) {
    if (error instanceof Skip) return { name, status: "skipped", message: error.message };
    return { name, status: "failed", message: describe(error) };
  } finally {
    clearTimeout(timer);
  }
}

function publish(title, results) {
  const target = process.env.RAY_TS_SUITE_RESULTS;
  if (target !== undefined) {
    writeFileSync(`${target}.${title}.json`, JSON.stringify({ title, results }));
    return;
  }
  for (const { name, status, message } of results) {
    if (status !== "passed") console.log(`${status}  ${title}: ${name}\n    ${message.replaceAll("\n", "\n    ")}`);
  }
  console.log(`${title}: ${results.filter((result) => result.status === "passed").length} of ${results.length} passed`);
}

async function runAll(title, file) {
  const words = process.env.RAY_TS_SUITE_ONLY?.split(",");
  const chosen = cases.filter(({ name }) => words === undefined || words.some((word) => name.includes(word)));
  const results = [];
  try {
    await adapter.open();
    const tools = toolsOf(file);
    for (const each of chosen) {
      const started = performance.now();
      results.push({ ...(await runCase(each, tools)), ms: Math.round(performance.now() - started) });
    }
  } catch (error) {
    results.push({ name: "the suite itself", status: "failed", message: String(error?.stack ?? error) });
  }
  await adapter.close();
  publish(title, results);
  return results;
}

let ended;

/** What a test runner awaits: resolves when the cases of the file that called `run` are done. */
export const finished = () => ended;

/**
 * Runs the cases of the calling file. `begin` gets the call that declares the entry (`ray.init` in the public API) and
 * must make it itself: whoever calls it is taken for the entry of the program.
 */
export function run(title, begin) {
  const file = callerUrl(run);
  ended = (async () => {
    await begin(adapter.begin);
    return runAll(title, file);
  })();
  return ended;
}
