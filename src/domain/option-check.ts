// What a value of an option may be: small checks that say what they expect, and are put together in option-table.ts.
import { nearestName } from "../std/nearest.ts";
import { isArray } from "../std/is-array.ts";
import { isInstance, isPlain } from "../std/is-plain.ts";
import { conditionOf, isLabelKey, isLabelValue, isReserved } from "./labels.ts";
import { bundlesMax } from "./limits.ts";
import { ANY_BUNDLE, planOf } from "./placement.ts";

/** What is wrong. `at`: the part of the value, as it is written after the option's name (`.license`, `[0]`). */
export interface Problem {
  readonly at: string;
  readonly expected: string;
  readonly got: unknown;
}

export interface Check {
  /** For documents and messages: "a whole number, 0 or more". */
  readonly expected: string;
  problem(value: unknown): Problem | undefined;
}

function check(expected: string, isGood: (value: unknown) => boolean): Check {
  return { expected, problem: (value) => (isGood(value) ? undefined : { at: "", expected, got: value }) };
}

export const text: Check = check("a string", (value) => typeof value === "string");
/** What goes to the system, which ends a text at the first NUL. */
export const systemText: Check = check(
  "a string without NUL",
  (value) => typeof value === "string" && !value.includes("\0"),
);
export const filePath: Check = check(
  "a string that is not empty and has no NUL in it",
  (value) => typeof value === "string" && value !== "" && !value.includes("\0"),
);
/** What stands in lines of logs and errors: a line break, or what colours a terminal, would not stay within it. */
export const nameText: Check = check(
  "a string that is not empty and has no control characters in it",
  (value) => typeof value === "string" && value !== "" && !/\p{Cc}/u.test(value),
);
export const filledText: Check = check(
  "a string that is not empty",
  (value) => typeof value === "string" && value !== "",
);
export const flag: Check = check("true or false", (value) => typeof value === "boolean");
export const finite: Check = check("a finite number", (value) => Number.isFinite(value));
export const milliseconds: Check = check(
  "a number of milliseconds, 0 or more",
  (value) => typeof value === "number" && value >= 0,
);
/** Of a wait that must end. */
export const span: Check = check(
  "a finite number of milliseconds, 0 or more",
  (value) => Number.isFinite(value) && (value as number) >= 0,
);
const atLeastOne: Check = check(
  "a finite number, 1 or more",
  (value) => Number.isFinite(value) && (value as number) >= 1,
);
export const errorClass: Check = check("a class of errors", isErrorClass);
export const predicate: Check = check(
  "a function that says yes or no (one class goes into an array too)",
  (value) => typeof value === "function" && !isErrorClass(value),
);
export const abortSignal: Check = check("an AbortSignal", (value) => {
  // By its shape: test runners and polyfills bring AbortSignals of their own.
  const signal = value as Partial<AbortSignal> | null | undefined;
  return (
    typeof signal === "object" && typeof signal?.aborted === "boolean" && typeof signal.addEventListener === "function"
  );
});
export const record: Check = {
  expected: "an object with named values",
  problem: (value) => (isPlain(value) ? undefined : notPlain(value, record.expected)),
};

/** Names of groups, with how many of their calls may be in progress. */
export const concurrencyGroups: Check = {
  expected: "an object, each value a whole number, 1 or more",
  problem: (value) => {
    if (isPlain(value) && Object.hasOwn(value, ""))
      return {
        at: member(""),
        expected: "under a name that is not empty: the option maxConcurrency is for the rest",
        got: value[""],
      };
    return recordOf(whole(1)).problem(value);
  },
};

/** Logical resources count in steps of 0.0001; less would be rounded to nothing. */
export const amount: Check = check(
  "a number, 0 or at least 0.0001",
  (value) => Number.isFinite(value) && (value === 0 || (value as number) >= 0.0001),
);

/** A call shares one GPU with others, or has whole ones. */
export const gpuAmount: Check = check(
  "0, a part of one from 0.0001 on, or a whole number",
  (value) => amount.problem(value) === undefined && ((value as number) <= 1 || Number.isInteger(value)),
);

export const countOrForever: Check = integer("a whole number, 0 or more, or -1 for ever", (value) => value >= -1);

export function whole(least: number, most: number = Infinity): Check {
  const range = most === Infinity ? `${least} or more` : `from ${least} to ${most}`;
  return integer(`a whole number, ${range}`, (value) => value >= least && value <= most);
}

/** Beyond 2^53 not each of them has a number of its own: too far off to be named where another thing is wrong. */
function integer(expected: string, isGood: (value: number) => boolean): Check {
  return {
    expected,
    problem: (value) => {
      if (!Number.isInteger(value) || !isGood(value as number)) return { at: "", expected, got: value };
      if (Number.isSafeInteger(value)) return undefined;
      return { at: "", expected: `at most ${Number.MAX_SAFE_INTEGER}`, got: value };
    },
  };
}

export function oneOf(...choices: readonly unknown[]): Check {
  return check(
    choices.map((choice) => (typeof choice === "string" ? JSON.stringify(choice) : String(choice))).join(" or "),
    (value) => choices.includes(value),
  );
}

/** Good for any of them. What is wrong with a part of the value, or nearly right, shows which of them was meant; else nobody knows, and all are named. */
export function either(...checks: readonly Check[]): Check {
  const expected = checks.map((one) => one.expected).join(", or ");
  return {
    expected,
    problem: (value) => {
      const problems = checks.map((one) => one.problem(value));
      if (problems.includes(undefined)) return undefined;
      const meant = problems.find(
        (problem, index) => problem?.at !== "" || problem.expected !== checks[index]?.expected,
      );
      return meant ?? { at: "", expected, got: value };
    },
  };
}

export function listOf(item: Check): Check {
  const expected = `an array, each item ${item.expected}`;
  return {
    expected,
    problem: (value) => {
      if (!isArray(value)) return { at: "", expected, got: value };
      // Not `map`, which would pass over holes.
      return firstProblem(Array.from(value, (one, index) => [`[${index}]`, item.problem(one)]));
    },
  };
}

function recordOf(item: Check): Check {
  const expected = `an object, each value ${item.expected}`;
  return {
    expected,
    problem: (value) => {
      if (!isPlain(value)) return notPlain(value, expected);
      return firstProblem(Object.entries(value).map(([key, one]) => [member(key), nameless(key) ?? item.problem(one)]));
    },
  };
}

/** The one name that an object cannot have as it has others: setting it changes its prototype. */
function nameless(key: string): Problem | undefined {
  return key === "__proto__" ? { at: "", expected: "under another name", got: key } : undefined;
}

/** As the system takes them. */
export const environmentVariables: Check = {
  expected: recordOf(text).expected,
  problem: (value) => {
    const bad = isPlain(value) ? Object.keys(value).find((name) => name === "" || /[=\0]/.test(name)) : undefined;
    if (bad === undefined) return recordOf(systemText).problem(value);
    return { at: member(bad), expected: 'under a name that is not empty and has no "=" or NUL in it', got: bad };
  },
};

/** What a node is called by. */
export const labels: Check = {
  expected: "an object, each value up to 63 letters, digits, - _ and .",
  problem: (value) => {
    const reserved = isPlain(value) ? Object.keys(value).find(isReserved) : undefined;
    if (reserved === undefined) return keyed("up to 63 letters, digits, - _ and .", isLabelValue).problem(value);
    return {
      at: member(reserved),
      expected: "left out: such labels are given by the cluster",
      got: Reflect.get(value as object, reserved),
    };
  },
};

/** What the label of a node must be. */
export const labelSelector: Check = keyed(
  'a label "v", "!v", "in(a, b)" or "!in(a, b)"',
  (text) => conditionOf(text) !== undefined,
);

function keyed(expected: string, isGood: (text: string) => boolean): Check {
  const each = recordOf(check(expected, (text) => typeof text === "string" && isGood(text)));
  return {
    expected: each.expected,
    problem: (value) => {
      const bad = isPlain(value) ? Object.keys(value).find((name) => !isLabelKey(name)) : undefined;
      if (bad === undefined) return each.problem(value);
      return {
        at: member(bad),
        expected: 'under a name of up to 63 letters, digits, - _ and ., perhaps after a domain and "/"',
        got: bad,
      };
    },
  };
}

const nodeIdText = check(
  "the id of a node, in hexadecimal digits",
  (id) => typeof id === "string" && /^[\da-f]+$/.test(id),
);
const nodeAffinity = shape({ nodeId: nodeIdText, soft: flag }, ["nodeId"]);
/** Another node will do, and so does what is none. */
const anyNodeId = check("the id of a node, or a text in its place", (id) => nameText.problem(id) === undefined);
const softAffinity = shape({ nodeId: anyNodeId, soft: flag }, ["nodeId"]);

/** `bundleIndex`: of the group beside it. */
function inGroup(bundles: number): Check {
  const group = check(
    "a placement group, as placementGroup() or getPlacementGroup() gives it",
    (value) => planOf(value) !== undefined,
  );
  return shape(
    { placementGroup: group, bundleIndex: whole(ANY_BUNDLE, Math.max(0, bundles - 1)), captureChildTasks: flag },
    ["placementGroup"],
  );
}

/** Of all that name a place. */
const STRATEGY_MEMBERS = ["nodeId", "soft", "placementGroup", "bundleIndex", "captureChildTasks"];

export const schedulingStrategy: Check = {
  expected:
    '"DEFAULT" or "SPREAD", or an object with nodeId, soft, or with placementGroup, bundleIndex, captureChildTasks',
  problem: (value) => {
    if (value === "DEFAULT" || value === "SPREAD") return undefined;
    if (!isPlain(value)) return { at: "", expected: schedulingStrategy.expected, got: value };
    const unknown = Object.keys(value).find((key) => !STRATEGY_MEMBERS.includes(key));
    // Without either name nobody knows yet which of them is meant.
    if (unknown !== undefined && !("placementGroup" in value) && !("nodeId" in value))
      return { ...unknownMember(unknown, STRATEGY_MEMBERS, value[unknown]), at: member(unknown) };
    const { placementGroup, nodeId } = value;
    // What is undefined is left out, and both may be.
    if (placementGroup === undefined && (nodeId !== undefined || !("placementGroup" in value)))
      return (value["soft"] === true ? softAffinity : nodeAffinity).problem(value);
    return inGroup(planOf(placementGroup)?.bundles.length ?? 0).problem(value);
  },
};

/** An object with these members and no others. */
export function shape(members: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  const expected = `an object with ${Object.keys(members).join(", ")}`;
  return {
    expected,
    problem: (value) => {
      if (!isPlain(value)) return notPlain(value, expected);
      const wrong = firstProblem(
        Object.entries(value).map(([key, one]) => {
          if (one === undefined) return [member(key), undefined];
          const known = Object.hasOwn(members, key) ? members[key] : undefined;
          return [
            member(key),
            known === undefined ? unknownMember(key, Object.keys(members), one) : known.problem(one),
          ];
        }),
      );
      if (wrong !== undefined) return wrong;
      const missing = required.find((key) => value[key] === undefined);
      if (missing === undefined) return undefined;
      return { at: member(missing), expected: members[missing]?.expected ?? "a value", got: undefined };
    },
  };
}

function unknownMember(key: string, members: readonly string[], got: unknown): Problem {
  const near = nearestName(key, members);
  const advice = near === undefined ? `there are ${members.join(", ")}` : `did you mean ${near}?`;
  return { at: "", expected: `left out (${advice})`, got };
}

const delayShape = shape({ baseMs: span, maxMs: span, factor: atLeastOne, jitter: flag }, ["baseMs"]);

/** Of attempts: none waits shorter than the first. */
export const growingDelay: Check = {
  expected: delayShape.expected,
  problem: (value) => {
    const wrong = delayShape.problem(value);
    if (wrong !== undefined || !isPlain(value)) return wrong;
    const { baseMs, maxMs } = value as { baseMs: number; maxMs?: number };
    if (maxMs === undefined || maxMs >= baseMs) return undefined;
    return { at: ".maxMs", expected: `no less than baseMs (${baseMs})`, got: maxMs };
  },
};

/**
 * Names of resources: CPU and GPU have options of their own, and two ways to say one thing would have to be reconciled. Single GPUs
 * (`GPU:0`) are given by the cluster.
 */
export const customResources: Check = {
  expected: `${recordOf(amount).expected}; no CPU, GPU or memory`,
  problem: (value) => {
    for (const key of isPlain(value) ? Object.keys(value) : []) {
      const option =
        key === "CPU" ? "numCpus" : /^GPU(?::|$)/.test(key) ? "numGpus" : key === "memory" ? "memory" : undefined;
      if (option !== undefined)
        return {
          at: member(key),
          expected: `left out (the option ${option} is for it)`,
          got: Reflect.get(value as object, key),
        };
      if (key === "") return { at: member(key), expected: "under a name that is not empty", got: key };
    }
    return recordOf(amount).problem(value);
  },
};

/** What calls ask for in their own words. */
const OPTIONS_OF_RESOURCES: ReadonlyMap<string, string> = new Map([
  ["numCpus", "CPU"],
  ["numGpus", "GPU"],
  ["num_cpus", "CPU"],
  ["num_gpus", "GPU"],
]);

/** Resources of which not every amount makes sense; the options that ask for them are checked alike. */
const AMOUNTS_OF: ReadonlyMap<string, Check> = new Map([
  ["GPU", gpuAmount],
  ["memory", whole(0)],
]);

/** Of a placement group: an amount at least of something, under the names by which nodes have it. */
const bundle: Check = {
  expected: "an object with amounts by name of resource, not all of them 0",
  problem: (value) => {
    if (!isPlain(value)) return notPlain(value, bundle.expected);
    if (Object.values(value).every((units) => units === 0)) return { at: "", expected: bundle.expected, got: value };
    return firstProblem(
      Object.entries(value).map(([key, units]) => {
        const resource = OPTIONS_OF_RESOURCES.get(key);
        if (resource !== undefined)
          return [member(key), { at: "", expected: `called ${resource} (bundles name resources)`, got: units }];
        if (key.startsWith("GPU:"))
          return [member(key), { at: "", expected: "left out (name GPU: single ones are given)", got: units }];
        return [member(key), nameless(key) ?? (AMOUNTS_OF.get(key) ?? amount).problem(units)];
      }),
    );
  },
};

export const bundles: Check = {
  expected: `an array of 1 to ${bundlesMax} bundles, such as [{ CPU: 1 }, { CPU: 1, GPU: 1 }]`,
  problem: (value) => {
    if (!isArray(value) || value.length === 0 || value.length > bundlesMax)
      return { at: "", expected: bundles.expected, got: value };
    return listOf(bundle).problem(value);
  },
};

function firstProblem(found: readonly (readonly [at: string, problem: Problem | undefined])[]): Problem | undefined {
  for (const [at, problem] of found) {
    if (problem !== undefined) return { ...problem, at: at + problem.at };
  }
  return undefined;
}

function member(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Of a value that is no plain object. A Map is an object too, only none whose members would be the values. */
function notPlain(value: unknown, expected: string): Problem {
  return {
    at: "",
    expected: isInstance(value) ? expected.replace(/^an object/, "a plain object") : expected,
    got: value,
  };
}

/** Of this realm or another: by what is above its instances. */
function isErrorClass(value: unknown): boolean {
  if (typeof value !== "function") return false;
  for (let at: unknown = value.prototype; typeof at === "object" && at !== null; at = Object.getPrototypeOf(at))
    if (Object.hasOwn(at, "message") && Object.hasOwn(at, "name")) return true;
  return false;
}
