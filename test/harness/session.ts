// A local session for one test. Leaving it asserts that nothing has leaked: no process, folder, handle, ref or unfinished call.
import assert from "node:assert/strict";
import { slot } from "#src/api/slot.js";
import { init, shutdown } from "#src/index.js";
import { Client } from "#src/local/client/client.js";
import { delay, monotonicMs } from "#src/std/clock.js";
import { collectGarbage } from "#src/std/garbage.js";
import { objectsOf, sessionsOf, untilNothingIsLeft, type Trace } from "./processes.ts";

type InitOptions = NonNullable<Parameters<typeof init>[0]>;

export interface SessionTest {
  readonly options?: InitOptions;
  /** The test leaves work unfinished on purpose, or keeps refs to the end. */
  readonly unfinished?: boolean;
}

const COLLECTED_MS = 5_000;
const NOTHING_LEFT_MS = 2_000;

export async function withSession(test: SessionTest, body: () => Promise<void>): Promise<void> {
  const before = handles();
  await init({ numCpus: 2, ...test.options });
  const traces = sessionsOf(process.pid);
  assert.equal(traces.length, 1, "one daemon runs for the session");
  try {
    await body();
    if (test.unfinished !== true) await allGivenBack(traces[0]);
  } finally {
    await shutdown();
  }
  for (const trace of traces) await untilNothingIsLeft(trace, NOTHING_LEFT_MS);
  // A handle that was closed is gone a turn later.
  for (let patience = 50; patience > 0 && Object.keys(moreThan(before)).length > 0; patience -= 1) await delay(10);
  assert.deepEqual(moreThan(before), {}, "no socket, pipe or process of the session is left");
}

/** What was there before may have been closing then. */
function moreThan(before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(handles()).filter(([name, count]) => count > (before[name] ?? 0)));
}

/** Every task is finished, nothing is in the store, and no object is known any more once its refs were collected. */
async function allGivenBack(trace: Trace | undefined): Promise<void> {
  const client = currentClient();
  for (const deadline = monotonicMs() + COLLECTED_MS; ; await delay(20)) {
    collectGarbage();
    const { tasks, objects, streams }: ReturnType<Client["owner"]["inspect"]> = client.owner.inspect();
    const files = trace === undefined ? 0 : objectsOf(trace).length;
    if (tasks === 0 && objects === 0 && streams === 0 && files === 0) return;
    if (monotonicMs() > deadline) {
      assert.fail(
        `left behind: ${objects} objects, ${streams} streams, ${tasks} tasks and ${files} files: ${client.owner.stories().join("; ")}`,
      );
    }
  }
}

/** Of the session that runs. */
export function knownObjects(): number {
  return currentClient().owner.inspect().objects;
}

function currentClient(): Client {
  const backend = slot.session?.backend;
  assert(backend instanceof Client);
  return backend;
}

/** What the event loop of this process knows, but for what the test runner has. */
function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (/Pipe|Process|TCP|Server/.test(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
