// Random programs: trees of calls, small enough to end, odd enough to meet every rule of the protocol.
import type { TaskRequest } from "#src/domain/request.js";
import { resources, type Resources } from "#src/domain/resources.js";
import type { SeededRandom } from "#src/std/random.js";
import { Classes, RANK_MAX, type Room, type Where } from "./classes.ts";
import type { Profile } from "./profile.ts";
import type { Argument, Pick, Program, Step } from "./program.ts";

/** Crashes at every run. */
const ALWAYS = 1_000_000;

/** It runs in an actor. */
const isResident = ({ where }: Room): boolean => where === "birth" || where === "method";

/** What methods ask for themselves. */
const NOTHING: TaskRequest = { resources: {} };

export class Programs {
  readonly #random: SeededRandom;
  readonly #profile: Profile;
  readonly #all: Program[] = [];
  readonly #classes: Classes;

  constructor(random: SeededRandom, profile: Profile) {
    this.#random = random;
    this.#profile = profile;
    this.#classes = new Classes(random, profile, {
      make: (room, maxRetries) => this.#make(room, maxRetries),
      arguments: () => this.#arguments(),
      picks: (max) => this.#picks(max),
    });
  }

  get(number: number): Program {
    const program = this.#all[number];
    if (program === undefined) throw new Error(`no program ${number}`);
    return program;
  }

  /** What a driver does: calls, and then waits for some of what it called. */
  root(): Program {
    const budget = { left: this.#random.between(1, this.#profile.callsMax) };
    return this.#make({ where: "root", depth: this.#profile.depthMax, budget, rank: RANK_MAX });
  }

  #make(room: Room, retries?: number): Program {
    const random = this.#random;
    const { where, depth, rank } = room;
    const root = where === "root";
    const resident = isResident(room);
    const calling = depth > 0 && where !== "leaf" && (root || random.chance(this.#profile.nesting));
    const gadget = !calling && !root && !resident && random.chance(this.#profile.gadgetChance);
    const steps: Step[] = [];
    // Only CPUs are lent: whoever holds anything else must not wait for others, or it could wait for ever, and rightly so.
    const length = random.between(root ? 3 : 0, calling ? 9 : 4);
    // Whoever holds more than CPUs, or runs where somebody holds more, must not wait for a reader either.
    const streams = (where === "call" || where === "method") && !gadget && random.chance(this.#profile.streamChance);
    const waits = !gadget && where !== "leaf";
    for (let index = 0; index < length; index += 1) {
      if (calling && !streams && (root || where === "call") && random.chance(this.#profile.groupChance))
        steps.push(...this.#group({ ...room, depth: depth - 1 }));
      else if (calling && where !== "captured" && random.chance(this.#profile.actorChance))
        steps.push(...this.#classes.steps({ ...room, depth: depth - 1 }));
      else steps.push(this.#step({ ...room, depth: calling ? depth : 0 }, waits));
    }
    if (calling && !resident && random.chance(this.#profile.nesting))
      steps.push({ do: "get", picks: this.#picks(4), catches: true });
    const maxRetries = retries ?? random.pick([0, 0, 1, 3, 3, -1]);
    // What is still held must still be there.
    if (root && random.chance(0.5)) steps.push({ do: "get", picks: this.#picks(12), catches: true });
    if (streams) this.#makeItems(steps);
    if (calling && !resident && random.chance(0.5)) steps.push({ do: "read", pick: this.#pick(), count: 10 });
    if (!root) this.#misbehave(steps, maxRetries, where);
    const timed = !root && random.chance(this.#profile.timedChance);
    // Nobody can end one that is in an actor.
    if (timed && !resident && random.chance(this.#profile.spinChance))
      steps.splice(random.below(steps.length + 1), 0, { do: "spin" });
    const program: Program = {
      number: this.#all.length,
      definition: random.below(this.#profile.definitions),
      steps,
      results: streams ? [[]] : this.#results(),
      // Whoever reads a stream of an actor may wait for other calls of it first.
      backpressure: streams ? random.pick(resident ? [Infinity] : [1, 2, 3, Infinity]) : undefined,
      maxRetries,
      retryDelay: random.chance(0.8) ? { baseMs: 1, maxMs: 10, factor: 2, jitter: true } : undefined,
      timed,
      request: resident ? NOTHING : this.#request(gadget),
      rank,
    };
    this.#all.push(program);
    return program;
  }

  /** A group, some calls in it, and its end. What runs in it must not wait for others: they might wait for what it has reserved. */
  #group(room: Room): Step[] {
    const random = this.#random;
    const bundles = Array.from({ length: random.between(1, 3) }, () => this.#bundle());
    const steps: Step[] = [
      { do: "group", bundles, strategy: random.pick(["PACK", "PACK", "SPREAD", "STRICT_SPREAD"]) },
    ];
    for (let calls = random.between(0, 3); calls > 0; calls -= 1) {
      room.budget.left -= 1;
      const captures = random.chance(0.4);
      const program = this.#make({ ...room, where: captures ? "captured" : "leaf" });
      const args: Argument[] = captures || random.chance(0.5) ? [] : [{ kind: "nested", picks: this.#picks(2) }];
      const bundle = random.pick([-1, -1, random.below(bundles.length)]);
      if (program.results.length > 0)
        steps.push({ do: "submit", program, arguments: args, place: { bundle, captures } });
      if (random.chance(0.3)) steps.push({ do: "pause", steps: random.between(1, this.#profile.pauseMax) });
    }
    if (random.chance(0.7)) steps.push({ do: "getGroup" });
    steps.push({ do: "ungroup" });
    return steps;
  }

  #bundle(): Resources {
    const random = this.#random;
    return resources({
      CPU: random.pick([0.5, 1, 1, 1, 2]),
      gadget: random.pick([0, 0, 0, 0.5, 1]),
      GPU: random.pick([0, 0, 0, 0.5, 1]),
    });
  }

  #step(room: Room, waits: boolean): Step {
    const random = this.#random;
    const { depth, budget, where } = room;
    if (depth > 0 && budget.left > 0 && random.chance(0.5)) {
      budget.left -= 1;
      const program = this.#make({ ...room, depth: depth - 1, where: where === "captured" ? "captured" : "call" });
      return { do: "submit", program, arguments: this.#arguments() };
    }
    const roll = random.below(waits ? 100 : 55);
    if (roll < 15) return { do: "pause", steps: random.between(1, this.#profile.pauseMax) };
    if (roll < 30) return { do: "put", picks: this.#picks(3) };
    if (roll < 38) return { do: "copy", pick: this.#pick() };
    if (roll < 55) return { do: "drop", pick: this.#pick() };
    if (random.chance(this.#profile.cancelChance))
      return { do: "cancel", pick: this.#pick(), force: random.chance(0.3), recursive: random.chance(0.7) };
    if (isResident(room)) return this.#classes.step(room, roll);
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

  #misbehave(steps: Step[], maxRetries: number, where: Where): void {
    const random = this.#random;
    const at = random.below(steps.length + 1);
    const once = random.between(1, 2);
    // Without an end to its retries it must stop some day.
    const runs = maxRetries === -1 || random.chance(0.6) ? once : ALWAYS;
    if (random.chance(this.#profile.throwChance)) steps.splice(at, 0, { do: "throw", picks: this.#picks(2) });
    else if ((where === "method" || where === "birth") && random.chance(this.#profile.exitChance))
      steps.splice(at, 0, { do: "exitActor", runs });
    else if (where !== "birth" && random.chance(this.#profile.flakeChance)) steps.splice(at, 0, { do: "flake", runs });
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
    const env = random.pick(this.#profile.envs);
    const maxCalls = random.chance(this.#profile.limitedChance) ? random.pick([1, 1, 2, 3]) : undefined;
    return {
      resources: { ...cpu, ...resources(held) },
      ...place,
      ...(priority === 0 ? {} : { priority }),
      ...(env === undefined ? {} : { env }),
      ...(maxCalls === undefined ? {} : { maxCalls }),
    };
  }

  #picks(max: number): Pick[] {
    return Array.from({ length: this.#random.between(1, max) }, () => this.#pick());
  }

  #pick(): Pick {
    return this.#random.below(10_000);
  }
}
