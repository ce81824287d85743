// Cancels calls, and never asks what became of them: one that goes on, one that has a signal and a time.
import { cancel, remote, sleep } from "ray-ts";

process.env["RAY_TS_ADDRESS"] = process.argv[2] ?? "local";
const { signal } = new AbortController();
const waiting = remote(async () => sleep(Infinity), { timeoutMs: 600_000, signal });
await cancel(waiting.remote());
waiting.options({ numCpus: 1_000 }).remote();
if (process.argv[2] === "local") {
  waiting.remote();
  const stubborn = remote(() => new Promise<never>(() => {})).remote();
  await cancel(stubborn);
}
console.log("cancelled");
