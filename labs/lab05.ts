// Lab 05: one actor for many tasks. Run it, change the code, until VERIFY says success.
//
// GOAL. Three experiments run for a minute. They report their steps to one logger, and the program reads the log while they run.
//
// THE IDEA. The handle of an actor is a value like others: pass it to a task, and the task can call the same actor. An ordinary object
// that is passed is copied. The handle of an actor of `class Logger` has the type `ray.ActorHandle<Logger>`.
//
// A call whose result nobody needs is made and not waited for. It arrives all the same, and the calls of one task arrive in their order.
// And what still runs when the program has seen enough ends with `ray.shutdown()`.
import * as ray from "ray-ts";
import { stopwatch } from "./timing.ts";
import { check, checkRemote, checkSeconds, isReference, verify } from "./verify.ts";

await ray.init({ numCpus: 4 });

interface Entry {
  readonly step: number;
  /** The process that the experiment runs in. */
  readonly pid: number;
}
type Logs = Map<string, Entry[]>;

class Logger {
  readonly logs: Logs = new Map();

  log(experiment: string, entry: Entry): void {
    this.logs.set(experiment, [...(this.logs.get(experiment) ?? []), entry]);
  }

  getLogs(): Logs {
    return this.logs;
  }
}

// EXERCISE, step 1: let the experiments have the handle of an actor, and call its method.
const runExperiment = ray.remote(async (name: string, logger: Logger): Promise<void> => {
  for (let step = 0; step < 600; step++) {
    await ray.sleep(100);
    logger.log(name, { step, pid: process.pid });
  }
});

// EXERCISE, step 2: make the logger an actor.
const logger = new Logger();
const running = ["red", "green", "blue"].map((name) => runExperiment.remote(name, logger));

const polls: Logs[] = [];
for (let poll = 0; poll < 10; poll++) {
  await ray.sleep(300);
  // EXERCISE, step 3: ask the actor for its log, and wait for the answer.
  const logs: Logs = logger.getLogs();
  polls.push(logs);
  console.log(`poll ${poll}: ${[...logs].map(([name, { length }]) => `${name} ${length}`).join(", ") || "nothing"}`);
}
const [unfinished] = (await ray.wait(running, { timeoutMs: 0 })).toReversed();

// The experiments have most of their minute to go. Nobody waits for them.
const elapsed = stopwatch();
await ray.shutdown();
const seconds = elapsed();

// VERIFY
verify(() => {
  checkRemote({ runExperiment });
  check(
    ray.actorHandle in logger,
    "logger is an ordinary object: every experiment was sent a copy of it, and wrote into that. Make it an actor: ray.remote(Logger).remote().",
  );
  check(!polls.some(isReference), "What you polled are references, not logs. Did you remember ray.get?");
  const sizes = polls.map((logs) => [...logs.values()].reduce((sum, { length }) => sum + length, 0));
  check(
    polls.every((logs) => logs instanceof Map),
    "What you polled is no Map. Did you remember ray.get?",
  );
  check((sizes.at(-1) ?? 0) > (sizes[0] ?? 0), `The log does not grow: it had ${sizes.join(", ")} entries.`);
  const last: Logs = polls.at(-1) ?? new Map();
  check(last.size === 3, `Three experiments log, but the log is of ${last.size}. Does each get the same logger?`);
  for (const [name, entries] of last) {
    const inOrder = entries.every(({ step }, index) => step === index);
    check(inOrder, `The steps of ${name} are not in order: ${entries.map(({ step }) => step).join(", ")}.`);
  }
  check(unfinished?.length === 3, "Do not wait for the experiments. Read the log while they run.");
  checkSeconds(seconds, {
    above: 0,
    ideal: 0.5,
    below: 3,
    tooSlow: "shutdown() ends what runs, and does not wait for the experiments.",
    tooFast: "",
  });
  const pids = [...last.values()].map(([entry]) => entry?.pid ?? 0);
  check(!pids.some(isRunning), `Some of the processes ${pids.join(", ")} still run.`);
  return `${sizes.at(-1)} steps of three experiments, read while they ran; then all was over in ${seconds.toFixed(3)} s.`;
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
