// Whether a refusal to ship says what it must: the path to what cannot travel and the words that help.

/** A path with the names that do not matter taken out: that of an anonymous root, and all of them in minified code. */
function normal(path, { rootMatters, minified }) {
  const [root, ...steps] = path.split(" -> ");
  const plain = minified ? steps.map((step) => step.replace(/^[\p{ID_Start}$_][\p{ID_Continue}$]*/u, "_")) : steps;
  return [rootMatters && !minified ? root : "_", ...plain].join(" -> ");
}

/**
 * Undefined when `outcome` is a SerializationError with `expected.path` and every one of `expected.words`, else what is
 * wrong. Words that contain a name of the user's are given as { name: "…" } and not asked for in minified code.
 */
export function refusal(outcome, expected, environment) {
  if (!("thrown" in outcome)) return `expected a refusal, got the value ${show(outcome.value)}`;
  const error = outcome.thrown;
  if (error?.name !== "SerializationError") return `expected a SerializationError, got ${error?.stack ?? show(error)}`;
  const minified = environment.minified === true;
  if (expected.path !== undefined) {
    // "f" stands for a function that has no name of its own.
    const rootMatters = !expected.path.startsWith("f ");
    const actual = normal(String(error.path), { rootMatters, minified });
    const wanted = normal(expected.path, { rootMatters, minified });
    if (actual !== wanted) return `path: got "${actual}", expected "${wanted}"\n${error.message}`;
  }
  for (const word of expected.words ?? []) {
    if (typeof word === "object" && minified) continue;
    const text = typeof word === "object" ? word.name : word;
    if (!error.message.includes(text)) return `the message does not say "${text}":\n${error.message}`;
  }
  return undefined;
}

/** Short: what was shipped by mistake may be very large. */
function show(value) {
  return typeof value === "object" || typeof value === "function"
    ? Object.prototype.toString.call(value)
    : String(value);
}
