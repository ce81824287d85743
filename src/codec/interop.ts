// What compilers put around `require`, so that a CommonJS module looks like an ES module to code that was one.

export type Interop = "none" | "default" | "star" | "esm" | "esmNode";

const helpers: Readonly<Record<string, Interop>> = {
  __importDefault: "default",
  _interop_require_default: "default",
  _interopRequireDefault: "default",
  __importStar: "star",
  _interop_require_wildcard: "star",
  _interopRequireWildcard: "star",
  __toESM: "esm",
};

/** Undefined for a function that is not known: its result is copied like any value. */
export function interopOf(helper: string | undefined, flag: boolean): Interop | undefined {
  if (helper === undefined) return "none";
  // The same helper under a name that keeps clear of another.
  const known = helpers[helper.replace(/\$?\d+$/, "")];
  return known === "esm" && flag ? "esmNode" : known;
}

const looks = new Map<Interop, WeakMap<object, object>>();

/** The module as the helper would show it; the same each time. */
export function seenThrough(interop: Interop, exports: unknown): unknown {
  if (interop === "none") return exports;
  const isObject = (typeof exports === "object" && exports !== null) || typeof exports === "function";
  if (!isObject) return { default: exports };
  let seen = looks.get(interop);
  if (seen === undefined) looks.set(interop, (seen = new WeakMap()));
  let look = seen.get(exports);
  if (look === undefined) seen.set(exports, (look = lookOf(interop, exports as Record<string, unknown>)));
  return look;
}

function lookOf(interop: Interop, exports: Record<string, unknown>): object {
  const isEsm = exports["__esModule"] === true;
  if (interop === "default") return isEsm ? exports : { default: exports };
  if (interop === "star" && isEsm) return exports;
  const look: Record<string, unknown> = {};
  if (interop === "esm" || interop === "esmNode") Object.setPrototypeOf(look, Object.getPrototypeOf(exports) as object);
  for (const key of Object.getOwnPropertyNames(exports)) {
    if (key === "default" && !(interop === "esm" && isEsm)) continue;
    const enumerable = Object.getOwnPropertyDescriptor(exports, key)?.enumerable === true;
    Object.defineProperty(look, key, { get: () => exports[key], enumerable, configurable: true });
  }
  if (interop !== "esm" || !isEsm) Object.defineProperty(look, "default", { value: exports, enumerable: true });
  return look;
}
