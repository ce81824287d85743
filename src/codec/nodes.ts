// The table of nodes, and which entry an object is: brands first, since they cannot be faked; what nothing recognises and what
// belongs to the process is refused; the rest is an object like any other.
import { types } from "node:util";
import type { NodeKind, Out } from "./graph.ts";
import { pathOf, pathText, rarePathOf } from "./intrinsics.ts";
import { kindOf, registrationOf, selfSerializing } from "./kinds.ts";
import { arrayBufferNode, viewNode } from "./nodes-binary.ts";
import { boxedNode, dateNode, isUrl, mapNode, regexpNode, setNode, urlNode } from "./nodes-builtin.ts";
import { domExceptionNode, errorNode, isDomException } from "./nodes-error.ts";
import { argumentsNode, arrayNode, objectNode } from "./nodes-object.ts";
import { kindNode, registeredNode, selfSerializingNode } from "./nodes-own.ts";
import { intrinsicNode } from "./nodes-reference.ts";
import { WeakEntry, weakEntryNode, weakMapNode, weakSetNode } from "./nodes-weak.ts";
import { generator, hostObject, iterator, promise, sharedMemory, unknownNamespace, weak } from "./problem.ts";

const kinds = {
  object: objectNode,
  array: arrayNode,
  arguments: argumentsNode,
  date: dateNode,
  regexp: regexpNode,
  boxed: boxedNode,
  map: mapNode,
  set: setNode,
  url: urlNode,
  weakMap: weakMapNode,
  weakSet: weakSetNode,
  weakEntry: weakEntryNode,
  arrayBuffer: arrayBufferNode,
  view: viewNode,
  error: errorNode,
  domException: domExceptionNode,
  kind: kindNode,
  registered: registeredNode,
  selfSerializing: selfSerializingNode,
  intrinsic: intrinsicNode,
} as const;

type KindName = keyof typeof kinds;

const names = Object.keys(kinds) as readonly KindName[];
export const nodeKinds: readonly NodeKind[] = names.map((name) => kinds[name] as NodeKind<never, never> as NodeKind);
const numbers = Object.fromEntries(names.map((name, index) => [name, index])) as Readonly<Record<KindName, number>>;

export function choose(value: object, out: Out): number | undefined {
  const name = nameOf(value, out);
  return name === undefined ? undefined : numbers[name];
}

function nameOf(value: object, out: Out): KindName | undefined {
  const isProxy = types.isProxy(value);
  if (kindOf(value, isProxy) !== undefined) return "kind";
  if (isProxy) return refuse(out, hostObject("Proxy"));
  if (value instanceof WeakEntry) return "weakEntry";
  if (pathOf(value) !== undefined) return "intrinsic";
  if (typeof value === "function") return refuse(out, hostObject("function"));
  if (types.isModuleNamespaceObject(value)) return refuse(out, unknownNamespace);
  if (registrationOf(value) !== undefined) return "registered";
  if (selfSerializing(value) !== undefined) return "selfSerializing";
  return branded(value, out) ?? unbranded(value, out);
}

type Refused = undefined;

function refuse(out: Out, problem: Parameters<Out["fail"]>[0]): Refused {
  out.fail(problem);
  return undefined;
}

/** Objects with something inside that only the engine sees. */
function branded(value: object, out: Out): KindName | undefined {
  if (Array.isArray(value)) return "array";
  if (types.isNativeError(value)) return "error";
  if (types.isMap(value)) return "map";
  if (types.isSet(value)) return "set";
  if (types.isDate(value)) return "date";
  if (types.isRegExp(value)) return "regexp";
  if (ArrayBuffer.isView(value)) return types.isSharedArrayBuffer(value.buffer) ? refuse(out, sharedMemory) : "view";
  if (types.isArrayBuffer(value)) return "arrayBuffer";
  if (types.isBoxedPrimitive(value)) return "boxed";
  if (types.isArgumentsObject(value)) return "arguments";
  if (types.isWeakMap(value)) return "weakMap";
  if (types.isWeakSet(value)) return "weakSet";
  return undefined;
}

const refusedBrands: readonly (readonly [(value: object) => boolean, Parameters<Out["fail"]>[0]])[] = [
  [types.isPromise, promise],
  [types.isGeneratorObject, generator],
  [types.isMapIterator, iterator],
  [types.isSetIterator, iterator],
  [types.isSharedArrayBuffer, sharedMemory],
  [types.isExternal, hostObject("external value of an addon")],
];

/** Prototypes that an ordinary object may have somewhere above it. */
const allowed: ReadonlySet<string> = new Set([
  ...["Object", "Function", "Array", "Map", "Set", "WeakMap", "WeakSet", "Date", "RegExp", "ArrayBuffer", "DataView", "URL"],
  ...["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError", "AggregateError"],
  ...["SuppressedError", "DOMException", "Number", "String", "Boolean", "BigInt", "Symbol", "Iterator", "Buffer"],
  ...["node:events", "node:events.EventEmitter", "node:buffer.Buffer"],
]);

function unbranded(value: object, out: Out): KindName | undefined {
  for (const [is, problem] of refusedBrands) if (is(value)) return refuse(out, problem);
  for (let at: object | null = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const path = pathOf(at) ?? rarePathOf(at);
    if (path === undefined) continue;
    const text = pathText(path);
    if (text === "WeakRef" || text === "FinalizationRegistry") return refuse(out, weak(text));
    if (path[0] === "s") return refuse(out, /[iI]terator/.test(text) ? iterator : generator);
    if (text === "URL" && isUrl(value)) return "url";
    if (text === "DOMException" && isDomException(value)) return "domException";
    return allowed.has(text) ? "object" : refuse(out, hostObject(text));
  }
  return "object";
}
