// What the engine knows of a function and the language does not tell: its variables, its place, what it is bound to. All use of the
// inspector is here.
//
// One session per process, opened when it is first needed; protocol calls answer at once and run nothing of the user's. Objects the
// protocol holds are let go when the outermost `inspecting` ends. The Debugger domain makes every `await` slow: it is on only
// between the first unknown script and that end.
import type { Session as InspectorSession } from "node:inspector";
import { collectGarbage } from "../std/garbage.ts";

/** From the inside outwards. `variables` is a copy for all but With and Global. */
export interface Scope {
  /** "Block", "Closure (name)", "Catch", "With Block", "Script", "Module", "Global" … */
  readonly description: string;
  readonly object: Record<string, unknown>;
}

/** Lines and columns count from 0. */
export interface Location {
  readonly scriptId: string;
  readonly line: number;
  readonly column: number;
}

export interface Inspected {
  readonly location: Location | undefined;
  readonly scopes: readonly Scope[];
  /** Of a bound function. */
  readonly bound: { readonly target: unknown; readonly self: unknown; readonly args: readonly unknown[] } | undefined;
  /** Of a Proxy; null when it was revoked. */
  readonly proxy: { readonly target: object; readonly handler: object } | null | undefined;
  /** Private fields of a class or an instance, by their names with `#`. */
  readonly privates: ReadonlyMap<string, unknown>;
}

export interface Script {
  readonly url: string;
  readonly isModule: boolean;
  readonly source: string;
  /** Where its text begins in what `url` names. */
  readonly startLine: number;
  readonly startColumn: number;
}

/** The value of a variable; undefined while it is not initialised, which some versions tell by throwing. */
export function variableIn({ object }: Scope, name: string): unknown {
  try {
    return object[name];
  } catch {
    return undefined;
  }
}

/** Whether its declaration has not been reached; versions that do not tell give no. */
export function isUninitialised({ object }: Scope, name: string): boolean {
  try {
    void object[name];
    return false;
  } catch {
    return true;
  }
}

interface Remote {
  readonly type: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly objectId?: string;
}

interface Internal {
  readonly name: string;
  readonly value?: Remote;
}

/** Both sides of a hand-over find it on a builtin object, also across the contexts of test runners. */
const slotKey: unique symbol = Symbol.for("ray-ts.inspected");
const slotText = 'process.getBuiltinModule("node:inspector")[Symbol.for("ray-ts.inspected")]';
const group = "ray-ts";

interface Slot {
  value: unknown;
  taken: unknown;
}

interface Link {
  readonly session: InspectorSession;
  readonly slot: Slot;
}

let link: Link | undefined;
let refused = false;
let depth = 0;
let debugging = false;
/** Something was asked, so something may be held. Most values are written without a question. */
let asked = false;
const scripts = new Map<string, Omit<Script, "source">>();

/** Whether functions can be inspected here: not under the permission model, and not where Node was built without it. */
export function canInspect(): boolean {
  if (link === undefined && !refused) {
    try {
      link = connect();
    } catch {
      refused = true;
    }
  }
  return link !== undefined;
}

function connect(): Link {
  const inspector = process.getBuiltinModule("node:inspector");
  const session = new inspector.Session();
  session.connect();
  session.on("Debugger.scriptParsed", ({ params }) => {
    const { scriptId, url, startLine, startColumn } = params;
    scripts.set(scriptId, { url, isModule: params.isModule === true, startLine, startColumn });
  });
  // Two copies of this module share the slot: it is empty whenever nobody is at work.
  const holder = inspector as { [slotKey]?: Slot };
  return { session, slot: (holder[slotKey] ??= { value: undefined, taken: undefined }) };
}

/** Runs something that inspects. Nothing stays open or held after the outermost one. */
export function inspecting<T>(run: () => T): T {
  beginInspection();
  try {
    return run();
  } finally {
    endInspection();
  }
}

/** The same in two halves, where a function in between would cost too much. */
export function beginInspection(): void {
  depth += 1;
}

export function endInspection(): void {
  depth -= 1;
  if (depth === 0 && asked && link !== undefined) close(link);
}

function close({ session, slot }: Link): void {
  slot.value = undefined;
  slot.taken = undefined;
  session.post("Runtime.releaseObjectGroup", { objectGroup: group });
  if (debugging) session.post("Debugger.disable");
  debugging = false;
  asked = false;
}

/** The protocol answers before `post` returns. */
function post(method: string, params: object): unknown {
  let failure: Error | null = null;
  let answer: unknown;
  asked = true;
  (link as Link).session.post(method, params, (error: Error | null, result?: object) => {
    failure = error;
    answer = result;
  });
  if (failure !== null) throw failure as Error;
  return answer;
}

function idOf(value: unknown): string {
  const { slot } = link as Link;
  slot.value = value;
  const { result } = post("Runtime.evaluate", {
    expression: `${slotText}.value`,
    objectGroup: group,
    silent: true,
  }) as { result: Remote };
  slot.value = undefined;
  return result.objectId as string;
}

/** The value behind a remote object. */
function take(remote: Remote | undefined): unknown {
  if (remote?.objectId === undefined) return primitiveOf(remote);
  const { slot } = link as Link;
  const functionDeclaration = `function () { ${slotText}.taken = this; }`;
  post("Runtime.callFunctionOn", { objectId: remote.objectId, functionDeclaration, objectGroup: group, silent: true });
  const { taken } = slot;
  slot.taken = undefined;
  return taken;
}

function primitiveOf(remote: Remote | undefined): unknown {
  const text = remote?.unserializableValue;
  if (text === undefined) return remote?.type === "undefined" ? undefined : remote?.value;
  return text.endsWith("n") ? BigInt(text.slice(0, -1)) : Number(text);
}

/** Within `inspecting`, and only where `canInspect`. */
export function inspect(value: object): Inspected {
  const answer = post("Runtime.getProperties", { objectId: idOf(value), ownProperties: true }) as {
    internalProperties?: Internal[];
    privateProperties?: Internal[];
  };
  const found = new Map((answer.internalProperties ?? []).map(({ name, value: remote }) => [name, remote]));
  const location = found.get("[[FunctionLocation]]")?.value as
    { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
  const scopes = found.get("[[Scopes]]");
  return {
    location:
      location === undefined
        ? undefined
        : { scriptId: location.scriptId, line: location.lineNumber, column: location.columnNumber },
    scopes: scopes === undefined ? [] : listOf(take(scopes)),
    bound: boundOf(found),
    proxy: proxyOf(found),
    privates: new Map((answer.privateProperties ?? []).map(({ name, value: remote }) => [name, take(remote)])),
  };
}

/** Lists from the protocol have no prototype, and so no iterator. */
function listOf<T>(list: unknown): T[] {
  return Array.from(list as ArrayLike<T>);
}

function boundOf(found: ReadonlyMap<string, Remote | undefined>): Inspected["bound"] {
  if (!found.has("[[TargetFunction]]")) return undefined;
  const args = listOf<unknown>(take(found.get("[[BoundArgs]]")));
  return { target: take(found.get("[[TargetFunction]]")), self: take(found.get("[[BoundThis]]")), args };
}

function proxyOf(found: ReadonlyMap<string, Remote | undefined>): Inspected["proxy"] {
  if (!found.has("[[Handler]]")) return undefined;
  if (found.get("[[IsRevoked]]")?.value === true) return null;
  return { target: take(found.get("[[Target]]")) as object, handler: take(found.get("[[Handler]]")) as object };
}

/** A script as it is executed. Within `inspecting`. */
export function scriptOf(scriptId: string): Script | undefined {
  debug();
  const known = scripts.get(scriptId);
  if (known === undefined) return undefined;
  const { scriptSource } = post("Debugger.getScriptSource", { scriptId }) as { scriptSource: string };
  return { ...known, source: scriptSource };
}

/** Of the script that was loaded last from there. Within `inspecting`. */
export function scriptIdOf(url: string): string | undefined {
  debug();
  let found: string | undefined;
  for (const [scriptId, script] of scripts) if (script.url === url) found = scriptId;
  return found;
}

/** What is loaded, by what `nameOf` makes of its URL. Within `inspecting`. */
export function scriptsBy(nameOf: (url: string) => string): (name: string) => Script | undefined {
  debug();
  const ids = new Map(Array.from(scripts, ([scriptId, { url }]) => [nameOf(url), scriptId]));
  return (name) => {
    const scriptId = ids.get(name);
    return scriptId === undefined ? undefined : scriptOf(scriptId);
  };
}

/** Of what is loaded, as many as are wanted. Within `inspecting`. */
export function* scriptsFrom(isWanted: (url: string) => boolean): Iterable<Script> {
  debug();
  for (const [scriptId, { url }] of scripts) {
    const script = isWanted(url) ? scriptOf(scriptId) : undefined;
    if (script !== undefined) yield script;
  }
}

function debug(): void {
  if (debugging) return;
  debugging = true;
  scripts.clear();
  // Enabling it tells of every script there is, at once.
  post("Debugger.enable", {});
  post("Debugger.setSkipAllPauses", { skip: true });
}

// ------------------------------------------------------------------ which closures share a scope

interface Snapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: string[]; readonly edge_fields: string[]; readonly edge_types: [string[]] };
  };
  readonly nodes: number[];
  readonly edges: number[];
  readonly strings: string[];
}

/** A snapshot takes about a second for each 10 MB of heap: of a larger one, longer than anybody would wait for a function. */
const SNAPSHOT_HEAP_BYTES_MAX = 64 * 1024 * 1024;
/** Of a heap up to this size it is worth the wait to see how much is left without what nobody uses any more. */
const SWEPT_HEAP_BYTES_MAX = 4 * SNAPSHOT_HEAP_BYTES_MAX;

function isHeapSmall(): boolean {
  const used = (): number => process.memoryUsage().heapUsed;
  if (used() > SWEPT_HEAP_BYTES_MAX) return false;
  if (used() > SNAPSHOT_HEAP_BYTES_MAX) collectGarbage();
  return used() <= SNAPSHOT_HEAP_BYTES_MAX;
}

/**
 * For each function the numbers of its contexts, from the inside outwards: two functions share a scope if and only if it has one
 * number. Takes a snapshot of the heap, so it is for the rare case that values cannot tell. Undefined when that cannot be done.
 */
export function contextsOf(functions: readonly object[]): readonly (readonly number[])[] | undefined {
  if (!canInspect() || !isHeapSmall()) return undefined;
  return inspecting(() => {
    const snapshot = takeSnapshot();
    // Numbers are given by the snapshot, and last.
    const ids = functions.map(
      (fn) => post("HeapProfiler.getHeapObjectId", { objectId: idOf(fn) }) as { heapSnapshotObjectId: string },
    );
    return contextChains(
      snapshot,
      ids.map(({ heapSnapshotObjectId }) => Number(heapSnapshotObjectId)),
    );
  });
}

/** The stream is only a form: it is filled while it is read, and read to its end here. */
function takeSnapshot(): Snapshot {
  const stream = process.getBuiltinModule("node:v8").getHeapSnapshot();
  const chunks: Buffer[] = [];
  for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null)
    chunks.push(chunk);
  stream.destroy();
  return JSON.parse(Buffer.concat(chunks).toString()) as Snapshot;
}

function contextChains({ snapshot, nodes, edges, strings }: Snapshot, ids: readonly number[]): number[][] {
  const { node_fields: nodeFields, edge_fields: edgeFields, edge_types: edgeTypes } = snapshot.meta;
  const [idAt, countAt] = [nodeFields.indexOf("id"), nodeFields.indexOf("edge_count")];
  const [typeAt, nameAt, toAt] = ["type", "name_or_index", "to_node"].map((name) => edgeFields.indexOf(name)) as [
    number,
    number,
    number,
  ];
  const internal = edgeTypes[0].indexOf("internal");
  const firstEdges = new Map<number, number>();
  const places = new Map<number, number>();
  let edge = 0;
  for (let node = 0; node < nodes.length; node += nodeFields.length) {
    firstEdges.set(node, edge);
    places.set(nodes[node + idAt] as number, node);
    edge += (nodes[node + countAt] as number) * edgeFields.length;
  }
  const follow = (node: number, name: string): number | undefined => {
    const first = firstEdges.get(node) as number;
    const last = first + (nodes[node + countAt] as number) * edgeFields.length;
    for (let at = first; at < last; at += edgeFields.length) {
      if (edges[at + typeAt] === internal && strings[edges[at + nameAt] as number] === name) return edges[at + toAt];
    }
    return undefined;
  };
  return ids.map((id) => {
    const chain: number[] = [];
    const start = places.get(id);
    let context = start === undefined ? undefined : follow(start, "context");
    while (context !== undefined) {
      chain.push(nodes[context + idAt] as number);
      context = follow(context, "previous");
    }
    return chain;
  });
}
