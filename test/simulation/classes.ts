// Random classes of actors, and what programs do with actors.
import { DEFAULT_GROUP, type GroupLimits } from "#src/domain/actor.js";
import { resources } from "#src/domain/resources.js";
import type { TaskRequest } from "#src/domain/request.js";
import type { SeededRandom } from "#src/std/random.js";
import type { Profile } from "./profile.ts";
import type { ActorClass, Argument, Method, Pick, Program, Step } from "./program.ts";

/**
 * What a program is called from; `captured` and `leaf`: in a placement group, with what it submits, or submitting nothing. Constructors
 * and methods wait for nothing without an end: it might be behind them in the queue of their own actor.
 */
export type Where = "root" | "call" | "captured" | "leaf" | "birth" | "method";

/** What a program may do. */
export interface Room {
  readonly where: Where;
  /** How deep calls may go on from it. */
  readonly depth: number;
  /** Of the root: calls that are left to make. */
  readonly budget: { left: number };
  /** Of the actors that it may not call any more. */
  readonly rank: number;
}

/**
 * As many as are needed for some to meet. An actor must not wait for a call that may wait for it in turn, or both do for ever, and rightly
 * so. Whoever asks for the shared name may get one that was there before the call: those wait for no arguments.
 */
const SHARED_NAME = "two";
const NAMES = ["one", SHARED_NAME];
/** Of what no actor runs. */
export const RANK_MAX = 3;
/** Named ones are of the lowest rank: everybody may call them. */
const NAMED_RANK = 1;
const PICKS_MAX = 10_000;

/** How the rest of a program is made. */
interface Maker {
  make(room: Room, maxRetries: number): Program;
  arguments(): Argument[];
  picks(max: number): Pick[];
}

export class Classes {
  readonly #random: SeededRandom;
  readonly #profile: Profile;
  readonly #maker: Maker;
  readonly #named = new Map<string, { readonly methods: readonly Method[]; readonly limits: GroupLimits }>();
  #count = 0;

  constructor(random: SeededRandom, profile: Profile, maker: Maker) {
    this.#random = random;
    this.#profile = profile;
    this.#maker = maker;
  }

  /** Of a program that calls. */
  steps(room: Room): Step[] {
    const random = this.#random;
    const roll = random.below(100);
    if (roll < 40 && room.rank > NAMED_RANK && room.budget.left > 0) {
      const made = this.#make({ ...room, rank: room.rank - 1 });
      const args = this.#maker.arguments().map((argument) => (made.name === SHARED_NAME ? atOnce(argument) : argument));
      return [{ do: "make", made, arguments: args }, ...this.#calls(made.methods.length)];
    }
    if (roll < 85) return this.#calls(2);
    // A method that is tried again, and has its own actor started again each time, would do so for ever.
    if (roll < 92) return [{ do: "kill", pick: this.#pick(), restart: room.rank === RANK_MAX && random.chance(0.5) }];
    return [{ do: "getActor", name: random.pick(NAMES) }];
  }

  /** Of a constructor or method, where others wait. */
  step({ where }: Room, roll: number): Step {
    if (where === "method" && roll < 63) return { do: "store", picks: this.#maker.picks(2) };
    return { do: "wait", picks: this.#maker.picks(4), count: this.#random.between(1, 3) };
  }

  #calls(max: number): Step[] {
    return Array.from({ length: this.#random.between(1, max) }, () => ({
      do: "call",
      pick: this.#pick(),
      method: this.#pick(),
      arguments: this.#maker.arguments(),
    }));
  }

  #make(room: Room): ActorClass {
    const random = this.#random;
    const name = random.chance(0.3) ? random.pick(NAMES) : "";
    const rank = name === "" ? room.rank : NAMED_RANK;
    const within = { ...room, rank };
    const maxRestarts = random.pick([0, 0, 1, 2, -1]);
    const body = this.#named.get(name) ?? this.#body(within);
    if (name !== "") this.#named.set(name, body);
    const placing = random.chance(0.6);
    return {
      number: (this.#count += 1),
      rank,
      birth: this.#maker.make({ ...within, where: "birth" }, maxRestarts),
      ...body,
      name,
      getIfExists: name === SHARED_NAME && random.chance(0.8),
      detached: random.chance(0.15),
      maxRestarts,
      request: placing ? { resources: resources({ CPU: 1 }) } : this.#forLife(),
      placing,
    };
  }

  #body(room: Room): { readonly methods: readonly Method[]; readonly limits: GroupLimits } {
    const random = this.#random;
    const limits: Record<string, number> = { [DEFAULT_GROUP]: random.pick([1, 1, 1, 2, 3]) };
    if (random.chance(0.3)) limits["other"] = random.pick([1, 2]);
    const groups = Object.keys(limits);
    const maxRetries = random.pick([0, 0, 1, -1]);
    const count = random.between(1, 3);
    const methods = Array.from({ length: count }, () => {
      room.budget.left -= 1;
      return { program: this.#maker.make({ ...room, where: "method" }, maxRetries), group: random.pick(groups) };
    });
    return { methods, limits };
  }

  #forLife(): TaskRequest {
    const random = this.#random;
    const env = random.pick(this.#profile.envs);
    const held = random.chance(this.#profile.unschedulableChance)
      ? { unobtainium: 1 }
      : random.pick<Record<string, number>>([{}, {}, { tool: 0.5 }, { tool: 1 }, { CPU: 0.5 }, { CPU: 1 }]);
    return { resources: resources(held), ...(env === undefined ? {} : { env }) };
  }

  #pick(): Pick {
    return this.#random.below(PICKS_MAX);
  }
}

function atOnce(argument: Argument): Argument {
  return argument.kind === "dependency" ? { kind: "nested", picks: [argument.pick] } : argument;
}
