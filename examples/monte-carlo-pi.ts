// π by throwing darts: tasks that keep a processor busy, and tell how far they are.
//
//   npx tsx examples/monte-carlo-pi.ts [tasks] [samples per task]
import * as ray from "ray-ts";
import { ProgressBar } from "ray-ts/parallel";

const tasks = Number(process.argv[2] ?? 16);
const samples = Number(process.argv[3] ?? 4_000_000);

/** Is moved by the tasks, wherever they run, and drawn here. */
const darts = new ProgressBar({ label: "darts", total: tasks * samples });

/** Each task has a seed of its own, so that a run can be repeated. */
const throwDarts = ray.remote(async (seed: number, count: number): Promise<number> => {
  let state = (seed + 1) * 0x9e3779b9;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  let inside = 0;
  for (let dart = 1; dart <= count; dart += 1) {
    const [x, y] = [random(), random()];
    if (x * x + y * y < 1) inside += 1;
    if (dart % 1_000_000 !== 0 && dart !== count) continue;
    darts.add(dart % 1_000_000 || 1_000_000);
    // Nothing leaves a process that never waits: now the bar moves, and not only at the end.
    await ray.sleep(0);
  }
  return inside;
});

const counts = await ray.get(Array.from({ length: tasks }, (_, seed) => throwDarts.remote(seed, samples)));
await darts.close();
const inside = counts.reduce((sum, count) => sum + count, 0);
console.log(`π ≈ ${((4 * inside) / (tasks * samples)).toFixed(5)} after ${tasks * samples} darts`);
