// Labels of nodes, and what calls ask of them. Names and values are as in Kubernetes, the operators are Ray's.

export type Labels = Readonly<Record<string, string>>;

/** Every node has it. Names that begin like this are not for users to give. */
export const NODE_ID_LABEL = "ray.io/node-id";
const RESERVED = "ray.io/";

const VALUE = /^(?:[a-z\d](?:[\w.-]{0,61}[a-z\d])?)?$/i;
const PREFIX = /^[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?$/i;

export function isLabelValue(text: string): boolean {
  return VALUE.test(text);
}

/** A name that is not empty, or such a name after a domain and a slash. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf("/");
  const name = text.slice(slash + 1);
  return name !== "" && VALUE.test(name) && (slash < 0 || PREFIX.test(text.slice(0, slash)));
}

export function isReserved(key: string): boolean {
  return key.startsWith(RESERVED);
}

interface Condition {
  readonly values: readonly string[];
  readonly negated: boolean;
}

/** `v`, `!v`, `in(a, b)`, `!in(a, b)`. Undefined: none of these. A value that is empty is so by mistake, unless it is all there is. */
export function conditionOf(text: string): Condition | undefined {
  const negated = text.startsWith("!");
  const positive = negated ? text.slice(1) : text;
  const list = /^in\((.*)\)$/.exec(positive)?.[1];
  const values = list === undefined ? [positive] : list.split(",").map((value) => value.trim());
  const isGood = (value: string): boolean => isLabelValue(value) && (value !== "" || text === "");
  return values.every(isGood) ? { values, negated } : undefined;
}

/** The keys whose conditions these labels do not meet. A label that is not there is none of all values. */
export function unmet(selector: Labels, labels: Labels): string[] {
  return Object.keys(selector).filter((key) => {
    const condition = conditionOf(selector[key] ?? "");
    const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return condition === undefined || condition.values.some((value) => value === label) === condition.negated;
  });
}
