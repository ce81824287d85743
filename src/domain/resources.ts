// Logical resources as vectors of whole ten-thousandths, so that a million grants and returns do not drift.

/** Name → amount in units of 1/10,000. Absent means none. `CPU` and `GPU` are names like any other. */
export type Resources = Readonly<Record<string, number>>;

export const RESOURCE_UNIT = 10_000;

/** From amounts a user writes (`{ CPU: 0.5 }`); zero amounts vanish, so that equal requests look equal. */
export function resources(amounts: Readonly<Record<string, number>>): Resources {
  const result: Record<string, number> = {};
  for (const name of Object.keys(amounts).sort()) {
    const units = Math.round((amounts[name] ?? 0) * RESOURCE_UNIT);
    if (units !== 0) result[name] = units;
  }
  return result;
}

/** Back to what a user reads. */
export function amounts(units: Resources): Record<string, number> {
  return Object.fromEntries(Object.entries(units).map(([name, value]) => [name, value / RESOURCE_UNIT]));
}

export function fits(request: Resources, available: Resources): boolean {
  for (const name in request) {
    if ((available[name] ?? 0) < (request[name] ?? 0)) return false;
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

function combine(left: Resources, right: Resources, sign: 1 | -1): Resources {
  const result: Record<string, number> = { ...left };
  for (const name in right) result[name] = (result[name] ?? 0) + sign * (right[name] ?? 0);
  return result;
}
