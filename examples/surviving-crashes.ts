// What becomes of a program whose tasks crash: nothing. Each crash ends one worker process; the call is tried again, or fails alone.
//
//   npx tsx examples/surviving-crashes.ts
import * as ray from "ray-ts";

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
