// π by throwing darts: tasks that keep a processor busy, and a driver that tells how far they are.
//
//   npx tsx examples/monte-carlo-pi.ts [tasks] [samples per task]
import * as ray from "ray-ts";

const tasks = Number(process.argv[2] ?? 16);
const samples = Number(process.argv[3] ?? 4_000_000);

/** Each task has a seed of its own, so that a run can be repeated. */
const throwDarts = ray.remote((seed: number, count: number): number => {
  let state = (seed + 1) * 0x9e3779b9;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  let inside = 0;
  for (let dart = 0; dart < count; dart += 1) {
    const [x, y] = [random(), random()];
    if (x * x + y * y < 1) inside += 1;
  }
  return inside;
});

let pending = Array.from({ length: tasks }, (_, seed) => throwDarts.remote(seed, samples));
let inside = 0;
while (pending.length > 0) {
  const [ready, rest] = await ray.wait(pending);
  for (const count of await ray.get(ready)) inside += count;
  pending = rest;
  const done = tasks - pending.length;
  console.log(
    `${String(Math.round((100 * done) / tasks)).padStart(3)} %  π ≈ ${((4 * inside) / (done * samples)).toFixed(5)}`,
  );
}
