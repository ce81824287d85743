// The table of nodes, and which entry an object is: brands first, since they cannot be faked; what nothing recognises and what
// belongs to the process is refused; the rest is an object like any other.
import { types } from "node:util";
import { scriptOfFunction, type AnyFunction } from "./capture.ts";
import { above, answerFrom, leadsToProxy, type Question } from "./chain.ts";
import { NoValue } from "./constants.ts";
import { chooseFunction, classNameOf, isImported } from "./choose-function.ts";
import { cjsModuleOf, namespaceRef } from "./exports.ts";
import type { NodeKind, Out } from "./graph.ts";
import { HomeFix, homeNode } from "./homes.ts";
import { ImportRef } from "./import-ref.ts";
import { requestOf } from "./imports.ts";
import { isNative, pathOf, pathText, rarePathOf, type Path } from "./intrinsics.ts";
import { kindOf, registrationOf, selfSerializing } from "./kinds.ts";
import { arrayBufferNode, viewNode } from "./nodes-binary.ts";
import { boxedNode, dateNode, isUrl, mapNode, regexpNode, setNode, urlNode } from "./nodes-builtin.ts";
import { domExceptionNode, errorNode, isDomException, languageErrors } from "./nodes-error.ts";
import { bufferOf, isDetached, problemOfView } from "./memory.ts";
import { underTestRunner } from "./modules.ts";
import { refNamed } from "./named.ts";
import { nodeClassOf } from "./node-classes.ts";
import { boundNode, derivedNode, memberNode, proxyNode, requireNode } from "./nodes-callable.ts";
import { functionNode } from "./nodes-function.ts";
import { mockNode, mockOf } from "./nodes-mock.ts";
import { argumentsNode, arrayNode, objectNode } from "./nodes-object.ts";
import { kindNode, registeredNode, selfSerializingNode } from "./nodes-own.ts";
import { prototypeNode } from "./nodes-prototype.ts";
import { constructorOf } from "./owners.ts";
import { isRayError, isTaskError, rayErrorNode, taskErrorNode } from "./nodes-ray-error.ts";
import { importNode, intrinsicNode } from "./nodes-reference.ts";
import { WeakEntry, weakEntryNode, weakMapNode, weakSetNode } from "./nodes-weak.ts";
import { isWeb, webNode } from "./nodes-web.ts";
import { Parts, partsNode } from "./parts.ts";
import { isPackageClass } from "./package-classes.ts";
import { loweredPrivates, problemOfClass } from "./private-members.ts";
import {
  detached,
  generator,
  hostObject,
  iterator,
  noValueYet,
  privateMembers,
  promise,
  revokedProxy,
  sharedMemory,
  sharedView,
  uninspectableProxy,
  unknownNamespace,
  weak,
  type Problem,
} from "./problem.ts";
import { IS_LENIENT } from "./tags.ts";
import { unexportedNode } from "./unexported.ts";
import { canInspect, inspect } from "./scope.ts";

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
  web: webNode,
  weakMap: weakMapNode,
  weakSet: weakSetNode,
  weakEntry: weakEntryNode,
  arrayBuffer: arrayBufferNode,
  view: viewNode,
  error: errorNode,
  domException: domExceptionNode,
  rayError: rayErrorNode,
  taskError: taskErrorNode,
  kind: kindNode,
  registered: registeredNode,
  selfSerializing: selfSerializingNode,
  intrinsic: intrinsicNode,
  import: importNode,
  unexported: unexportedNode,
  parts: partsNode,
  home: homeNode,
  function: functionNode,
  prototype: prototypeNode,
  member: memberNode,
  bound: boundNode,
  derived: derivedNode,
  require: requireNode,
  proxy: proxyNode,
  mock: mockNode,
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
  const mayTrap = isProxy || leadsToProxy(value, out);
  const kind = kindOf(value, mayTrap);
  if (kind !== undefined) return kind.refusal === undefined ? "kind" : refuse(out, kind.refusal);
  if (!mayTrap && isOrdinary(value)) return ordinary(value, out);
  if (pathOf(value) !== undefined) return "intrinsic";
  if (isProxy) return chooseProxy(value, out);
  if (typeof value === "function") return chooseFunction(value as AnyFunction, out);
  if (mayTrap) return byBrand(value, out, true);
  const prototype = above(value);
  const own = ownKinds.get(prototype);
  if (own !== undefined) return own;
  if (prototype === NoValue.prototype) return refuse(out, noValueYet((value as NoValue).variable));
  if (types.isModuleNamespaceObject(value) || requestOf(value) !== undefined) return chooseModule(value, out);
  if (registrationOf(value) !== undefined) return "registered";
  if (selfSerializing(value) !== undefined) return "selfSerializing";
  const cjs = cjsModuleOf(value);
  if (cjs !== undefined) return reference(value, cjs, out);
  if (constructorOf(value) !== undefined) return "prototype";
  // Before their classes are looked into: to read those is to parse all of this package.
  if (types.isNativeError(value) && isRayError(value)) return "rayError";
  // What was thrown is worth more of its class without the private members than without its class: a TaskError has none anyhow.
  const isThrown = ((out.options.flags ?? 0) & IS_LENIENT) !== 0 && types.isNativeError(value);
  const problem = !isThrown && answerFrom(prototype, classesRefused, out);
  if (problem !== false) return besides(value, problem, out);
  return byBrand(value, out, false);
}

/** Keys, and a file or a terminal that every process has, are instances of classes that Node does not show, or not at first. */
function besides(value: object, problem: Problem, out: Out): KindName | undefined {
  const nodeClass = nodeClassOf(value);
  if (nodeClass !== undefined && isWeb(nodeClass, value)) return "web";
  return rarePathOf(value) === undefined ? refuse(out, problem) : "intrinsic";
}

/** What stands in the place of values. */
const ownKinds: ReadonlyMap<object | null, KindName> = new Map<object | null, KindName>([
  [ImportRef.prototype, "import"],
  [Parts.prototype, "parts"],
  [WeakEntry.prototype, "weakEntry"],
  [HomeFix.prototype, "home"],
]);

const ordinaryPrototypes: ReadonlySet<object> = new Set<object>(
  [
    ...[
      Uint8Array,
      Int8Array,
      Uint8ClampedArray,
      Uint16Array,
      Int16Array,
      Uint32Array,
      Int32Array,
      Float32Array,
      Float64Array,
    ],
    ...[BigInt64Array, BigUint64Array, DataView, ArrayBuffer, Buffer, Map, Set, Date, RegExp],
  ].map(({ prototype }) => prototype),
);

/** Of this realm, and of no class of the user's: no intrinsic and no part of Node, which it would take some 40 ms to list. */
function isOrdinary(value: object): boolean {
  const prototype = above(value);
  if (prototype === null || !ordinaryPrototypes.has(prototype)) return false;
  // The prototypes of classes that extend these have the same above them.
  return ArrayBuffer.isView(value) || types.isArrayBuffer(value) || branded(value, false) !== undefined;
}

function ordinary(value: object, out: Out): KindName | undefined {
  if (registrationOf(value) !== undefined) return "registered";
  const cjs = cjsModuleOf(value);
  return cjs === undefined ? byBrand(value, out, false) : reference(value, cjs, out);
}

function byBrand(value: object, out: Out, mayTrap: boolean): KindName | undefined {
  if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) return memory(value, out);
  return branded(value, mayTrap) ?? unbranded(value, out);
}

function chooseProxy(value: object, out: Out): "proxy" | "mock" | undefined {
  if (!canInspect()) return refuse(out, uninspectableProxy);
  const { proxy } = inspect(value);
  if (proxy === null || proxy === undefined) return refuse(out, revokedProxy);
  const mock = mockOf(proxy);
  out.memo.set(value, mock ?? proxy);
  return mock === undefined ? "proxy" : "mock";
}

function chooseModule(value: object, out: Out): "import" | "object" | undefined {
  const ref = namespaceRef(value, scriptOfFunction) ?? refNamed(value);
  if (ref !== undefined) return reference(value, ref, out);
  // Modules that a test runner has loaded go by value, so what stands for one does too.
  return underTestRunner() ? "object" : refuse(out, unknownNamespace);
}

function reference(value: object, ref: ImportRef, out: Out): "import" {
  out.memo.set(value, ref);
  return "import";
}

type Refused = undefined;

function refuse(out: Out, problem: Problem): Refused {
  out.fail(problem);
  return undefined;
}

/** Classes of the user's with private members, and those that Node keeps to itself. */
const classesRefused: Question<Problem | false> = {
  ask: (at) => (pathOf(at) === undefined ? (problemOfClass(at) ?? problemOfLowered(at)) : false),
  none: false,
};

function problemOfLowered(prototype: object): Problem | undefined {
  const found = loweredPrivates(prototype);
  if (found === undefined || !isImported(found.cls)) return undefined;
  return privateMembers(found.cls.name, found.names, isPackageClass(found.cls));
}

function errorKind(value: Error): KindName {
  // To newer versions of Node an error of the platform is an error of the engine.
  if (value instanceof DOMException && isDomException(value)) return "domException";
  return isTaskError(value) ? "taskError" : "error";
}

/** Objects with something inside that only the engine sees. */
function branded(value: object, mayTrap: boolean): KindName | undefined {
  if (Array.isArray(value)) return "array";
  if (types.isNativeError(value)) return mayTrap ? "error" : errorKind(value);
  if (types.isMap(value)) return "map";
  if (types.isSet(value)) return "set";
  if (types.isDate(value)) return "date";
  if (types.isRegExp(value)) return "regexp";
  if (types.isBoxedPrimitive(value)) return "boxed";
  if (types.isArgumentsObject(value)) return "arguments";
  if (types.isWeakMap(value)) return "weakMap";
  if (types.isWeakSet(value)) return "weakSet";
  return undefined;
}

function memory(value: ArrayBufferView | ArrayBuffer, out: Out): KindName | undefined {
  const isView = ArrayBuffer.isView(value);
  if (isView && types.isSharedArrayBuffer(bufferOf(value))) return refuse(out, sharedView(viewKind(value)));
  const problem = isView ? problemOfView(value) : isDetached(value) ? detached : undefined;
  return problem === undefined ? (isView ? "view" : "arrayBuffer") : refuse(out, problem);
}

function viewKind(view: ArrayBufferView): "typedArray" | "buffer" | "dataView" {
  if (types.isDataView(view)) return "dataView";
  return Buffer.isBuffer(view) ? "buffer" : "typedArray";
}

const refusedBrands: readonly (readonly [(value: object) => boolean, Problem])[] = [
  [types.isPromise, promise],
  [types.isGeneratorObject, generator],
  [types.isMapIterator, iterator],
  [types.isSetIterator, iterator],
  [types.isSharedArrayBuffer, sharedMemory],
  [types.isExternal, hostObject("external value of an addon")],
];

/** Prototypes that an ordinary object may have somewhere above it. */
const allowed: ReadonlySet<string> = new Set([
  ...[
    "Object",
    "Function",
    "Array",
    "Map",
    "Set",
    "WeakMap",
    "WeakSet",
    "Date",
    "RegExp",
    "ArrayBuffer",
    "DataView",
    "URL",
  ],
  ...languageErrors,
  ...["SuppressedError", "DOMException", "Number", "String", "Boolean", "BigInt", "Symbol", "Iterator", "Buffer"],
  ...["node:events", "node:events.EventEmitter", "node:buffer.Buffer"],
  // What Node says of files is plain data.
  ...["node:fs.Stats", "node:fs.Dirent"],
]);

/** Prototypes of helpers of iterators and of `Intl` have no name, but methods that are no code. */
function isOfEngine(prototype: object): boolean {
  if (types.isProxy(prototype)) return false;
  return ["next", "containing"].some((name) => {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    return typeof method === "function" && isNative(method) && method.name === name;
  });
}

function unbranded(value: object, out: Out): KindName | undefined {
  for (const [is, problem] of refusedBrands) if (is(value)) return refuse(out, problem);
  const origin = answerFrom(above(value), origins, out);
  if (origin === "none") return "object";
  if (origin === "engine") return refuse(out, iterator);
  const text = pathText(origin);
  if (text === "WeakRef" || text === "FinalizationRegistry") return refuse(out, weak(text));
  if (origin[0] === "s") return refuse(out, /[iI]terator/.test(text) ? iterator : generator);
  if (text === "URL" && isUrl(value)) return "url";
  if (isWeb(text.slice(text.lastIndexOf(".") + 1), value)) return "web";
  if (text === "DOMException" && isDomException(value)) return "domException";
  if (allowed.has(text)) return "object";
  return rarePathOf(value) === undefined ? refuse(out, hostObject(text, ownClassName(value))) : "intrinsic";
}

/** The user knows it by that rather than by what Node has made of it. */
function ownClassName(value: object): string | undefined {
  const prototype = above(value);
  if (prototype === null || pathOf(prototype) !== undefined) return undefined;
  const cls = constructorOf(prototype);
  return cls === undefined ? undefined : classNameOf(cls) || undefined;
}

/** Of what an object is an instance in the end. */
const origins: Question<Path | "engine" | "none"> = {
  ask: (at) => pathOf(at) ?? (isOfEngine(at) ? "engine" : undefined),
  none: "none",
};
