// Whether a refusal to ship says what it must: the path to what cannot travel and the words that help.

const rootNames = new Set(["f", "anonymous", "(anonymous)", "<anonymous>"]);

/** A path without its first step when that one only names the function; minified names are all alike. */
function normal(path, { minified }) {
  const steps = path.split(" -> ");
  const plain = minified ? steps.map((step) => step.replace(/^[\p{ID_Start}$_][\p{ID_Continue}$]*/u, "_")) : steps;
  if (rootNames.has(plain[0])) plain[0] = "_";
  return plain.join(" -> ");
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
    const actual = normal(String(error.path), { minified });
    const wanted = normal(expected.path, { minified });
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
