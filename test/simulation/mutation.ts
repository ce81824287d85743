// Faults in the protocol itself, planted on purpose: the simulation must notice every one of them, or it proves nothing.
import type { SeededRandom } from "#src/std/random.js";
import type { Item } from "./channel.ts";
import { decodeValue, encodeValue } from "./program.ts";

const MUTATIONS = {
  "a hold is dropped": (item: Item) => (item.kind === "toDaemon" && item.message.type === "hold" ? [] : undefined),
  "a release is dropped": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "release" ? [] : undefined,
  "a release is said twice": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "release" ? [item, item] : undefined,
  "what has come is understated": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "heard" && item.message.ids.length > 0
      ? [{ ...item, message: { ...item.message, ids: item.message.ids.slice(1) } }]
      : undefined,
  "a departure is not told": (item: Item) =>
    item.kind === "fromDaemon" && item.message.type === "departed" ? [] : undefined,
  "a share is dropped": (item: Item) => (item.kind === "toDaemon" && item.message.type === "share" ? [] : undefined),
  "a publish is dropped": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "publish" ? [] : undefined,
  "a subscription is dropped": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "subscribe" ? [] : undefined,
  "a lease's end is dropped": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "leaseOver" ? [] : undefined,
  "a lease given back is dropped": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "giveBack" ? [] : undefined,
  "a grant is dropped": (item: Item) =>
    item.kind === "fromDaemon" && item.message.type === "granted" ? [] : undefined,
  "what was begun is understated": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "leaseOver" && item.message.begun > 0
      ? [{ ...item, message: { ...item.message, begun: item.message.begun - 1 } }]
      : undefined,
  "a lost worker is not told": (item: Item) =>
    item.kind === "fromDaemon" && item.message.type === "workerLost" ? [] : undefined,
  "a value is dropped": (item: Item) => (item.kind === "fromDaemon" && item.message.type === "value" ? [] : undefined),
  "a call is dropped": (item: Item) => (item.kind === "toWorker" && item.message.type === "call" ? [] : undefined),
  "a call is pushed twice": (item: Item) =>
    item.kind === "toWorker" && item.message.type === "call" ? [item, item] : undefined,
  "a reply is dropped": (item: Item) => (item.kind === "fromWorker" && item.message.type === "reply" ? [] : undefined),
  "a returned call is dropped": (item: Item) =>
    item.kind === "fromWorker" && item.message.type === "returned" && item.message.tasks.length > 0 ? [] : undefined,
  "items are dropped": (item: Item) => (item.kind === "fromWorker" && item.message.type === "items" ? [] : undefined),
  "items come twice": (item: Item) =>
    item.kind === "fromWorker" && item.message.type === "items" ? [item, item] : undefined,
  "a reader's progress is overstated": (item: Item) =>
    item.kind === "toWorker" && item.message.type === "read"
      ? [{ ...item, message: { ...item.message, count: item.message.count + 100 } }]
      : undefined,
  "a cancel reaches another call": (item: Item) =>
    item.kind === "toWorker" && item.message.type === "cancel"
      ? [{ ...item, message: { ...item.message, task: item.message.task - 1 } }]
      : undefined,
  "a forced end is dropped": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "endWorker" ? [] : undefined,
  "a group is never made": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "createGroup" ? [] : undefined,
  "a group's end is not told": (item: Item) =>
    item.kind === "fromDaemon" && item.message.type === "groupGone" ? [] : undefined,
  "a group's removal is dropped": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "ask" ? [] : undefined,
  "a file is not told of": (item: Item) => (item.kind === "toDaemon" && item.message.type === "store" ? [] : undefined),
  "a file is told of twice": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "store" ? [item, item] : undefined,
  "a beginning is not told": (item: Item) =>
    item.kind === "fromWorker" && item.message.type === "begun" ? [] : undefined,
  "an actor is never made": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "createActor" ? [] : undefined,
  "nobody hears that a class has no handle any more": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "undefine" ? [] : undefined,
  "an actor's birth is not told": (item: Item) =>
    item.kind === "toDaemon" && item.message.type === "actorMade" ? [] : undefined,
  "an actor's place is not told": (item: Item) =>
    item.kind === "fromDaemon" && item.message.type === "actorAt" ? [] : undefined,
  "an actor's death is not told": (item: Item) =>
    item.kind === "fromDaemon" && item.message.type === "actorDead" ? [] : undefined,
  "a loss is not told of": (item: Item) => (item.kind === "toDaemon" && item.message.type === "lost" ? [] : undefined),
  "an owner does not hear that nobody has what has outlived it": (item: Item) =>
    item.kind === "fromDaemon" && item.message.type === "freed" ? [] : undefined,
  "an owner does not hear of a loss": (item: Item) =>
    item.kind === "fromDaemon" && item.message.type === "lost" ? [] : undefined,
  "a result is changed": changeResult,
} satisfies Record<string, (item: Item) => readonly Item[] | undefined>;

/** What hands do besides sending, and may forget. */
const omissions = [
  "a payload keeps its file",
  "a maker lets go of its file",
  "the daemon removes a file",
  "the daemon sweeps after the dead",
  "a group keeps its limit",
] as const;
export type Omission = (typeof omissions)[number];

const FORGOTTEN = "forgotten: ";

export type MutationName = keyof typeof MUTATIONS | `${typeof FORGOTTEN}${Omission}`;

export const mutationNames: readonly MutationName[] = [
  ...(Object.keys(MUTATIONS) as (keyof typeof MUTATIONS)[]),
  ...omissions.map((what) => `${FORGOTTEN}${what}` as const),
];

/** Of the items that fit, about one in so many is changed; once only. */
const RARITY = 10;
/** Each of these is changed: hardly one of them matters. */
const EACH: ReadonlySet<MutationName> = new Set(["a departure is not told"]);
/** Of these there are few: the first one is changed. */
const SELDOM: readonly MutationName[] = ["a loss is not told of", "an owner does not hear of a loss"];
/** Of what is forgotten, which happens less often. */
const OMISSION_RARITY = 3;

export class Mutation {
  readonly name: MutationName;
  readonly #random: SeededRandom;
  #done = false;

  constructor(name: MutationName, random: SeededRandom) {
    this.name = name;
    this.#random = random;
  }

  get done(): boolean {
    return this.#done;
  }

  apply(item: Item): readonly Item[] {
    const { name } = this;
    const each = EACH.has(name);
    if ((this.#done && !each) || !isOfItems(name)) return [item];
    const changed = MUTATIONS[name](item);
    if (changed === undefined || (!each && this.#random.below(SELDOM.includes(name) ? 1 : RARITY) > 0)) return [item];
    this.#done = true;
    return changed;
  }

  forgets(what: Omission): boolean {
    if (this.#done || this.name !== `${FORGOTTEN}${what}`) return false;
    if (this.#random.below(OMISSION_RARITY) > 0) return false;
    this.#done = true;
    return true;
  }
}

function isOfItems(name: MutationName): name is keyof typeof MUTATIONS {
  return name in MUTATIONS;
}

function changeResult(item: Item): readonly Item[] | undefined {
  if (item.kind !== "fromWorker" || item.message.type !== "reply" || item.message.reply.kind !== "done")
    return undefined;
  const [first, ...others] = item.message.reply.values;
  if (first === undefined) return undefined;
  const { label, refs } = decodeValue(first);
  const reply = { kind: "done", values: [{ ...first, bytes: encodeValue(label + 1, refs).bytes }, ...others] } as const;
  return [{ kind: "fromWorker", message: { ...item.message, reply } }];
}
