// Ending a call before it has ended, because somebody cancels it or its time is over: a stop has the failure that its refs get.
import { briefly } from "../std/briefly.ts";
import { messageOf } from "../std/message-of.ts";
import type { Failure } from "./object.ts";
import type { GroupEnd, GroupId } from "./placement.ts";
import type { Progress } from "./progress.ts";
import type { Cancel, Force, TaskSpec } from "./task.ts";

export type StopFailure = Extract<Failure, { kind: "cancelled" | "timedOut" | "groupGone" }>;

export interface Stop {
  readonly failure: StopFailure;
  readonly force: Force;
  readonly recursive: boolean;
}

/** What was told to end, and is forced to when it does not, has this long for it. */
export const GRACE_MS = 1_000;

const forces: readonly Force[] = ["no", "late", "now"];

/** Both at once: what goes further of each. The first tells why. */
export function bothStops(first: Stop, second: Stop): Stop {
  const force = forces[Math.max(forces.indexOf(first.force), forces.indexOf(second.force))] ?? "now";
  return { failure: first.failure, force, recursive: first.recursive || second.recursive };
}

export function cancelled({ name, site }: Pick<TaskSpec, "name" | "site">, cancel: Cancel): Stop {
  const { how, reason, force, recursive } = cancel;
  return { failure: { kind: "cancelled", name, how, reason, site: site.text }, force, recursive };
}

export function timedOut({ name, site, timeoutMs = 0 }: TaskSpec, progress: Progress): Stop {
  return {
    failure: { kind: "timedOut", name, timeoutMs, progress, site: site.text },
    force: "late",
    recursive: true,
  };
}

export interface GoneGroup {
  readonly group: GroupId;
  readonly groupName: string;
  readonly why: GroupEnd;
}

/** The group that it runs in is given up, and what it takes of it must be free soon. */
export function groupGone({ name, site }: Pick<TaskSpec, "name" | "site">, begun: boolean, gone: GoneGroup): Stop {
  return { failure: { kind: "groupGone", name, begun, ...gone, site: site.text }, force: "now", recursive: true };
}

/** The process that was to take its result is gone. */
export function orphaned(name: string): Stop {
  const how = "because the process that had submitted it is gone";
  return { failure: { kind: "cancelled", name, how, reason: "", site: "" }, force: "late", recursive: true };
}

/** Of a stream. */
export const readerGone: Cancel = {
  how: "because nobody reads its stream any more",
  reason: "",
  force: "no",
  recursive: true,
};

/** Of a stream, whose next attempt makes it again. */
export const itemLost: Cancel = {
  how: "because an item that it has made was lost, and is made again",
  reason: "",
  force: "no",
  recursive: true,
};

const READER_ENDED = ", which was to read its stream, has ended";

/** `reader`: the name of the call that had begun the stream, and has ended before it. */
export function cancelOfReader(reader: string): Cancel {
  return { ...readerGone, how: `because ${reader}${READER_ENDED}` };
}

/** Of a stream that ended early only because nobody wanted more of it. */
export function isLeft({ failure }: Stop): boolean {
  if (failure.kind !== "cancelled") return false;
  return failure.how === readerGone.how || failure.how.endsWith(READER_ENDED);
}

/** What a stop means for the calls that the stopped one has submitted. */
export function cancelOfChildren({ failure, force }: Stop): Cancel {
  const reason = reasonOf(failure);
  return { how: `with its parent ${failure.name}`, reason, force, recursive: true };
}

function reasonOf(failure: StopFailure): string {
  if (failure.kind === "cancelled") return failure.reason;
  if (failure.kind === "timedOut") return `its time was over after ${failure.timeoutMs} ms`;
  return "the placement group that it ran in was removed";
}

export const BY_SIGNAL = "by its signal";

/** `reason`: that of the signal. */
export function cancelBySignal(reason: unknown): Cancel {
  return { how: BY_SIGNAL, reason: wordsOf(reason), force: "no", recursive: true };
}

/** What a signal has when it was aborted without one. */
const UNSAID = new AbortController();
UNSAID.abort();

/** The reason is the user's, and may be anything. */
function wordsOf(reason: unknown): string {
  try {
    const said: unknown = messageOf(reason);
    const words = said === "[object Object]" ? briefly(reason, { customInspect: false }) : said;
    const unsaid = reason instanceof DOMException && words === messageOf(UNSAID.signal.reason);
    return typeof words === "string" && !unsaid ? words : "";
  } catch {
    return "";
  }
}
