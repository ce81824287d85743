// What becomes of a program whose tasks and actors crash: nothing. Each crash ends one worker process; the call is tried again, or fails
// alone; an actor begins anew, and has again what it, or somebody else, has kept for it.
//
//   npx tsx examples/surviving-crashes.ts
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as ray from "ray-ts";

// ---------------------------------------------------------------- tasks

/** Crashes in its first attempts, in whatever way. */
const fragile = ray.remote(function fragile(crash: "exit" | "kill" | "throw", crashes: number): string {
  const { attempt } = ray.getRuntimeContext();
  if (attempt > crashes) return `${crash}: done in attempt ${attempt}`;
  switch (crash) {
    case "exit":
      return process.exit(1);
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return "not reached";
    case "throw":
      throw new RangeError("bad luck");
  }
});

const calls = [
  fragile.remote("exit", 1),
  fragile.remote("kill", 2),
  fragile.options({ retryExceptions: [RangeError] }).remote("throw", 2),
  // These have used up what they may survive.
  fragile.options({ maxRetries: 1 }).remote("kill", 9),
  fragile.remote("throw", 1),
  fragile.options({ maxRetries: 0 }).remote("exit", 1),
];
for (const result of await Promise.allSettled(calls.map((call) => ray.get(call)))) {
  if (result.status === "fulfilled") console.log(result.value);
  else console.log(`${(result.reason as Error).name}: ${String((result.reason as Error).message.split("\n")[0])}`);
}

// ---------------------------------------------------------------- an actor that is restarted

/** Crashes at each eleventh call, and has then forgotten how many there were. */
const Forgetful = ray.remote(
  class Forgetful {
    count = 0;

    next(): number {
      if (this.count === 10) process.exit(1);
      this.count += 1;
      return this.count;
    }
  },
  // Five lives, and a call that has lost its actor is made again in the next one.
  { maxRestarts: 4, maxTaskRetries: -1 },
);

const forgetful = Forgetful.remote();
const counts: number[] = [];
for (let call = 0; call < 50; call += 1) counts.push(await ray.get(forgetful.next.remote()));
for (let life = 0; life < 5; life += 1)
  console.log(`life ${life + 1}: ${counts.slice(10 * life, 10 * life + 10).join(" ")}`);
let failures = 0;
for (let call = 0; call < 10; call += 1) {
  try {
    await ray.get(forgetful.next.remote());
  } catch (error) {
    if (!(error instanceof ray.ActorDiedError)) throw error;
    failures += 1;
  }
}
console.log(`after its last life: ${failures} of 10 calls failed`);

// ---------------------------------------------------------------- an actor whose state somebody else keeps

class Worker {
  executed = 0;

  execute(crash: boolean): void {
    if (crash) process.exit(1);
    this.executed += 1;
  }

  checkpoint(): number {
    return this.executed;
  }

  restore(executed: number): void {
    this.executed = executed;
  }
}

/** Makes another worker when one has died, and gives it what the last one had. Every first attempt crashes. */
class Controller {
  readonly #workers = ray.remote(Worker);
  #worker = this.#workers.remote();
  #kept = 0;
  died = 0;

  async execute(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await ray.get(this.#worker.execute.remote(attempt % 2 === 1));
        this.#kept = await ray.get(this.#worker.checkpoint.remote());
        return;
      } catch (error) {
        if (!(error instanceof ray.ActorDiedError)) throw error;
        this.died += 1;
        this.#worker = this.#workers.remote();
        this.#worker.restore.remote(this.#kept);
      }
    }
  }

  executed(): Promise<number> {
    return ray.get(this.#worker.checkpoint.remote());
  }
}

const controller = new Controller();
await controller.execute();
await controller.execute();
console.log(`${await controller.executed()} tasks executed, although ${controller.died} workers died`);

// ---------------------------------------------------------------- an actor that keeps its own state

type State = Record<string, number>;

/** Writes its state down after each change, and begins with what it finds. */
const Immortal = ray.remote(
  class Immortal {
    readonly file: string;
    readonly state: State;

    constructor(file: string) {
      this.file = file;
      this.state = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as State) : {};
    }

    update(key: string, value: number): void {
      const { attempt } = ray.getRuntimeContext();
      if (attempt === 1) process.kill(process.pid, "SIGKILL");
      this.state[key] = value;
      // A crash between two writes must not leave half a file.
      writeFileSync(`${this.file}.new`, JSON.stringify(this.state));
      renameSync(`${this.file}.new`, this.file);
    }

    get(key: string): number | undefined {
      return this.state[key];
    }
  },
  { maxRestarts: -1, maxTaskRetries: -1 },
);

const folder = mkdtempSync(path.join(tmpdir(), "immortal-"));
const immortal = Immortal.remote(path.join(folder, "state.json"));
await ray.get(immortal.update.remote("one", 1));
await ray.get(immortal.update.remote("two", 2));
const [one, two] = await ray.get([immortal.get.remote("one"), immortal.get.remote("two")]);
console.log(`it died twice, and still knows: one is ${one}, two is ${two}`);
rmSync(folder, { recursive: true });
