// Logical resources as vectors of whole ten-thousandths, so that a million grants and returns do not drift.

/** Name → amount in units of 1/10,000. Absent means none. `CPU` and `GPU` are names like any other. */
export type Resources = Readonly<Record<string, number>>;

export const RESOURCE_UNIT = 10_000;

/** The GPUs that libraries in a process may see. */
export const GPUS_VISIBLE = "CUDA_VISIBLE_DEVICES";

/** From amounts a user writes (`{ CPU: 0.5 }`); zero amounts vanish, so that equal requests look equal. */
export function resources(amounts: Readonly<Record<string, number>>): Resources {
  const result: Record<string, number> = {};
  for (const name of Object.keys(amounts).sort()) {
    const units = Math.min(Math.round((amounts[name] ?? 0) * RESOURCE_UNIT), Number.MAX_VALUE);
    if (units !== 0) result[name] = units;
  }
  return result;
}

/** How much there is of it. Not by `[name]` alone: resources may be called like what every object has, `constructor`. */
export function amountOf(amounts: Readonly<Record<string, number>>, name: string): number {
  return Object.hasOwn(amounts, name) ? (amounts[name] ?? 0) : 0;
}

/** Bytes. */
export const MEMORY = "memory";

export function bytesIn(request: Resources): number | undefined {
  const units = request[MEMORY];
  return units === undefined ? undefined : units / RESOURCE_UNIT;
}

/** Back to what a user reads. */
export function amounts(units: Resources): Record<string, number> {
  const named = Object.entries(units).filter(([name]) => !name.startsWith(GPU_PREFIX));
  return Object.fromEntries(named.map(([name, value]) => [name, value / RESOURCE_UNIT]));
}

/**
 * Each GPU is a resource of its own besides: `GPU:0`, `GPU:1`. A call is granted concrete ones, so that nothing but the arithmetic of
 * resources is needed to give none twice. Requests of users name none of these.
 */
const GPU_PREFIX = "GPU:";

/** All that a node has: with its single GPUs. */
export function withGpus(total: Resources): Resources {
  const result: Record<string, number> = { ...total };
  const count = Math.floor((total["GPU"] ?? 0) / RESOURCE_UNIT);
  for (let index = 0; index < count; index += 1) result[GPU_PREFIX + index] = RESOURCE_UNIT;
  return result;
}

/** What a request gets of what is available, the concrete GPUs among it; undefined when that is not enough. */
export function granted(request: Resources, available: Resources): Resources | undefined {
  if (!fits(request, available)) return undefined;
  const units = request["GPU"];
  if (units === undefined) return request;
  const each = Math.min(units, RESOURCE_UNIT);
  const gpus = mostUsed(units / each, each, available);
  if (gpus === undefined) return undefined;
  const grant: Record<string, number> = { ...request };
  for (const index of gpus) grant[GPU_PREFIX + index] = each;
  return grant;
}

/** The names of what there is too little of; GPU also when there is enough in all, but no single ones that would do. */
function shortage(request: Resources, available: Resources): string[] {
  const names = Object.keys(request).filter((name) => amountOf(available, name) < amountOf(request, name));
  return names.length === 0 && granted(request, available) === undefined ? ["GPU"] : names;
}

/** What has to come first, of what this request gets too little of: as long as something else is missing, others can use the CPUs. */
export function decisive(request: Resources, available: Resources): readonly string[] {
  const short = shortage(request, available);
  const others = short.filter((name) => !isLendable(name));
  if (others.length > 0) return others;
  // Enough in all, and yet too little of each: of GPUs that several share.
  return short.length > 0 ? short : ["GPU"];
}

/**
 * What this request, which gets too little of some, has enough of already: while it waits for the rest others would take it. But for CPUs,
 * which they can use meanwhile.
 */
export function secured(request: Resources, available: Resources): Resources {
  const short = new Set(shortage(request, available));
  const enough = Object.entries(request).filter(([name]) => !isLendable(name) && !short.has(name));
  return granted(Object.fromEntries(enough), available) ?? {};
}

export function touches(resources: Resources, names: ReadonlySet<string> | undefined): boolean {
  if (names === undefined || names.size === 0) return false;
  for (const name in resources) if (names.has(name)) return true;
  return false;
}

/** So many GPUs of which each has so much left. Those that are most in use, so that whole ones stay whole. */
function mostUsed(count: number, units: number, available: Resources): readonly number[] | undefined {
  const good: { index: number; left: number }[] = [];
  for (const index of gpusIn(available)) {
    const left = available[GPU_PREFIX + index] ?? 0;
    if (left >= units) good.push({ index, left });
  }
  if (good.length < count || !Number.isInteger(count)) return undefined;
  good.sort((one, other) => one.left - other.left);
  return good.slice(0, count).map(({ index }) => index);
}

/** The indices of the GPUs that were granted. */
export function gpusIn(granted: Resources): number[] {
  return Object.keys(granted)
    .filter((name) => name.startsWith(GPU_PREFIX))
    .map((name) => Number(name.slice(GPU_PREFIX.length)));
}

function fits(request: Resources, available: Resources): boolean {
  for (const name in request) {
    if (amountOf(available, name) < amountOf(request, name)) return false;
  }
  return true;
}

export function minus(left: Resources, right: Resources): Resources {
  return combine(left, right, -1);
}

export function plus(left: Resources, right: Resources): Resources {
  return combine(left, right, 1);
}

/** What a blocked task lends: its CPUs. Everything else stays with it. */
export function lendable(request: Resources): Resources {
  const cpu = request["CPU"];
  return cpu === undefined ? {} : { CPU: cpu };
}

export function isLendable(name: string): boolean {
  return name === "CPU";
}

function combine(left: Resources, right: Resources, sign: 1 | -1): Resources {
  const result: Record<string, number> = { ...left };
  for (const name in right) result[name] = amountOf(result, name) + sign * amountOf(right, name);
  return result;
}
