// Random programs: trees of calls, small enough to end, odd enough to meet every rule of the protocol.
import type { TaskRequest } from "#src/domain/request.js";
import { resources } from "#src/domain/resources.js";
import type { SeededRandom } from "#src/std/random.js";
import type { Profile } from "./profile.ts";
import type { Argument, Pick, Program, Step } from "./program.ts";

/** Crashes at every run. */
const ALWAYS = 1_000_000;

export class Programs {
  readonly #random: SeededRandom;
  readonly #profile: Profile;
  readonly #all: Program[] = [];

  constructor(random: SeededRandom, profile: Profile) {
    this.#random = random;
    this.#profile = profile;
  }

  get(number: number): Program {
    const program = this.#all[number];
    if (program === undefined) throw new Error(`no program ${number}`);
    return program;
  }

  /** What a driver does: calls, and then waits for some of what it called. */
  root(): Program {
    const budget = { left: this.#random.between(1, this.#profile.callsMax) };
    return this.#make(this.#profile.depthMax, budget, true);
  }

  #make(depth: number, budget: { left: number }, root: boolean): Program {
    const random = this.#random;
    const calling = depth > 0 && (root || random.chance(this.#profile.nesting));
    const gadget = !calling && !root && random.chance(this.#profile.gadgetChance);
    const steps: Step[] = [];
    // Only CPUs are lent: whoever holds anything else must not wait for others, or it could wait for ever, and rightly so.
    const length = random.between(root ? 3 : 0, calling ? 9 : 4);
    for (let index = 0; index < length; index += 1) steps.push(this.#step(calling ? depth : 0, budget, gadget));
    if (calling && random.chance(this.#profile.nesting))
      steps.push({ do: "get", picks: this.#picks(4), catches: true });
    const maxRetries = random.pick([0, 0, 1, 3, 3, -1]);
    // What is still held must still be there.
    if (root && random.chance(0.5)) steps.push({ do: "get", picks: this.#picks(12), catches: true });
    // Whoever holds more than CPUs must not wait for a reader either.
    const streams = !root && !gadget && random.chance(this.#profile.streamChance);
    if (streams) this.#makeItems(steps);
    if (calling && random.chance(0.5)) steps.push({ do: "read", pick: this.#pick(), count: 10 });
    if (!root) this.#misbehave(steps, maxRetries);
    const timed = !root && random.chance(this.#profile.timedChance);
    if (timed && random.chance(this.#profile.spinChance))
      steps.splice(random.below(steps.length + 1), 0, { do: "spin" });
    const program: Program = {
      number: this.#all.length,
      definition: random.below(this.#profile.definitions),
      steps,
      results: streams ? [[]] : this.#results(),
      backpressure: streams ? random.pick([1, 2, 3, Infinity]) : undefined,
      maxRetries,
      retryDelay: random.pick([undefined, { baseMs: 1, maxMs: 10, factor: 2, jitter: true }]),
      timed,
      request: this.#request(gadget),
    };
    this.#all.push(program);
    return program;
  }

  #step(depth: number, budget: { left: number }, gadget: boolean): Step {
    const random = this.#random;
    if (depth > 0 && budget.left > 0 && random.chance(0.5)) {
      budget.left -= 1;
      return { do: "submit", program: this.#make(depth - 1, budget, false), arguments: this.#arguments() };
    }
    const roll = random.below(gadget ? 55 : 100);
    if (roll < 15) return { do: "pause", steps: random.between(1, this.#profile.pauseMax) };
    if (roll < 30) return { do: "put", picks: this.#picks(3) };
    if (roll < 38) return { do: "copy", pick: this.#pick() };
    if (roll < 55) return { do: "drop", pick: this.#pick() };
    if (random.chance(this.#profile.cancelChance))
      return { do: "cancel", pick: this.#pick(), force: random.chance(0.3), recursive: random.chance(0.7) };
    if (depth > 0 && random.chance(this.#profile.streamChance)) {
      if (random.chance(0.15)) return { do: "leave", pick: this.#pick() };
      return { do: "read", pick: this.#pick(), count: random.between(1, 4) };
    }
    if (roll < 63) return { do: "wait", picks: this.#picks(4), count: random.between(1, 3) };
    return { do: "get", picks: this.#picks(random.chance(0.3) ? 4 : 1), catches: random.chance(0.6) };
  }

  #makeItems(steps: Step[]): void {
    const random = this.#random;
    for (let count = random.below(8); count > 0; count -= 1)
      steps.splice(random.below(steps.length + 1), 0, { do: "yield", picks: random.chance(0.4) ? this.#picks(2) : [] });
  }

  #misbehave(steps: Step[], maxRetries: number): void {
    const random = this.#random;
    const at = random.below(steps.length + 1);
    const once = random.between(1, 2);
    // Without an end to its retries it must stop some day.
    const runs = maxRetries === -1 || random.chance(0.6) ? once : ALWAYS;
    if (random.chance(this.#profile.throwChance)) steps.splice(at, 0, { do: "throw", picks: this.#picks(2) });
    else if (random.chance(this.#profile.flakeChance)) steps.splice(at, 0, { do: "flake", runs });
    else if (random.chance(this.#profile.crashChance)) steps.splice(at, 0, { do: "crash", runs });
    else if (random.chance(this.#profile.exitChance)) steps.splice(at, 0, { do: "exit", runs, code: random.below(3) });
  }

  #arguments(): Argument[] {
    const random = this.#random;
    return Array.from({ length: random.below(4) }, (): Argument => {
      const roll = random.below(10);
      if (roll < 3) return { kind: "number", number: random.below(1_000) };
      if (roll < 7) return { kind: "dependency", pick: this.#pick() };
      return { kind: "nested", picks: this.#picks(3) };
    });
  }

  #results(): Pick[][] {
    const random = this.#random;
    const count = random.pick([0, 1, 1, 1, 1, 1, 2, 3]);
    return Array.from({ length: count }, () => (random.chance(0.4) ? this.#picks(3) : []));
  }

  #request(gadget: boolean): TaskRequest {
    const random = this.#random;
    const cpu = resources({ CPU: random.pick(this.#profile.cpus) });
    if (random.chance(this.#profile.unschedulableChance)) {
      return random.pick([
        { resources: resources({ CPU: 1, unobtainium: 1 }) },
        { resources: cpu, labels: { zone: "!in(a,c)" } },
        { resources: cpu, node: { nodeId: "elsewhere", soft: false } },
      ]);
    }
    // Met by the node, but shapes of their own.
    const place = random.pick([
      {},
      {},
      {},
      {},
      { labels: { zone: "in(a,b)" } },
      { node: { nodeId: "elsewhere", soft: true } },
    ]);
    const held = gadget
      ? random.pick([{ gadget: 0.5 }, { gadget: 1 }, { GPU: random.pick([0.25, 0.4, 0.5, 1, 1, 2]) }])
      : {};
    const priority = random.pick(this.#profile.priorities);
    return { resources: { ...cpu, ...resources(held) }, ...place, ...(priority === 0 ? {} : { priority }) };
  }

  #picks(max: number): Pick[] {
    return Array.from({ length: this.#random.between(1, max) }, () => this.#pick());
  }

  #pick(): Pick {
    return this.#random.below(10_000);
  }
}
