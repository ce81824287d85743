// Lab 10, solution: resources of your own.
//
// GOAL. `f` and `g` take a tenth of a second each, and there are eight CPUs. But `g` uses a program for which we have four
// licences: no more than four calls of `g` may run at once, while calls of `f` go on beside them.
//
// THE IDEA. A resource is a name with an amount, and the name means what you want it to. `ray.init({ resources: { license: 4 } })`
// says how much there is, `ray.remote(fn, { resources: { license: 1 } })` what each call takes. A call begins when all that it
// takes is free. One CPU is among that unless you say otherwise.
import * as ray from "ray-ts";
import { stopwatch } from "./timing.ts";
import { checkRemote, checkSeconds, verify } from "./verify.ts";

await ray.init({ numCpus: 8, resources: { license: 4 } });

const f = ray.remote(() => ray.sleep(100));
const g = ray.remote(() => ray.sleep(100), { resources: { license: 1 } });

interface Round {
  /** How many calls of each are started at once. */
  readonly f: number;
  readonly g: number;
  /** What they took, all together. */
  readonly seconds: number;
}

async function measure(fCalls: number, gCalls: number): Promise<Round> {
  const elapsed = stopwatch();
  const refs = [
    ...Array.from({ length: fCalls }, () => f.remote()),
    ...Array.from({ length: gCalls }, () => g.remote()),
  ];
  await ray.get(refs);
  const seconds = elapsed();
  console.log(`${fCalls} calls of f and ${gCalls} of g: ${seconds.toFixed(3)} s`);
  return { f: fCalls, g: gCalls, seconds };
}

const rounds = [
  await measure(8, 0),
  await measure(9, 0),
  await measure(0, 4),
  await measure(0, 5),
  await measure(4, 4),
  await measure(5, 4),
];

// VERIFY
verify(() => {
  checkRemote({ f, g });
  for (const { f, g, seconds } of rounds) {
    // Eight CPUs for all, four licences for g: what does not fit waits for those before it.
    const turns = f + g > 8 || g > 4 ? 2 : 1;
    const calls = `That was for ${f} calls of f and ${g} of g`;
    checkSeconds(seconds, {
      above: 0.1 * turns,
      ideal: 0.1 * turns,
      below: 0.1 * turns + 0.09,
      tooSlow: `${calls}, which can all run at ${turns === 1 ? "once" : "two turns"}: start them all before you wait, and let only g take a license.`,
      tooFast: `${calls}, but at most eight calls may run at once, and four of g. Let each call of g take one license.`,
    });
  }
  return `rounds of ${rounds.map(({ seconds }) => seconds.toFixed(3)).join(", ")} s.`;
});

await ray.shutdown();
