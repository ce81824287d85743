// Names of processes and objects: chosen by whoever makes the thing, so that naming is never a round trip.

/** 16 hex digits, random per process (driver or worker). */
export type ProcessId = string;

/** 28 hex digits: the owner's process id and a number the owner counts up. A task bears the id of its first result. */
export type ObjectId = string;

const PROCESS_DIGITS = 16;
const NUMBER_DIGITS = 12;

/** What stands before a number, by the count of its digits; for the few processes whose objects are named here. */
const prefixes = new Map<ProcessId, readonly string[]>();
const PREFIXES_MAX = 64;

export function objectId(owner: ProcessId, number: number): ObjectId {
  const digits = number.toString(16);
  return `${(prefixes.get(owner) ?? prefixesOf(owner))[digits.length]}${digits}`;
}

function prefixesOf(owner: ProcessId): readonly string[] {
  if (prefixes.size === PREFIXES_MAX) prefixes.clear();
  const made = Array.from({ length: NUMBER_DIGITS + 1 }, (_, digits) => owner + "0".repeat(NUMBER_DIGITS - digits));
  prefixes.set(owner, made);
  return made;
}

const OBJECT_ID = new RegExp(`^[0-9a-f]{${PROCESS_DIGITS + NUMBER_DIGITS}}$`);

/** Of what another process says: it becomes part of the name of a file. */
export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}

export function ownerOf(id: ObjectId): ProcessId {
  return id.slice(0, PROCESS_DIGITS);
}

export function numberOf(id: ObjectId): number {
  return Number.parseInt(id.slice(PROCESS_DIGITS), 16);
}

/** Definitions (functions that were shipped) are named like objects: definer and a counter, so that a dead definer is recognised. */
export type DefinitionId = string;

export function definitionId(definer: ProcessId, number: number): DefinitionId {
  return `${definer}f${number.toString(16)}`;
}

export function definerOf(id: DefinitionId): ProcessId {
  return id.slice(0, PROCESS_DIGITS);
}
