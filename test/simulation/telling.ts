// Payloads and failures as text: to compare them, and for reports.
import type { Failure, Payload } from "#src/domain/object.js";
import { decodeValue } from "./program.ts";

/** Two are the same answer when their keys are: the kind, the label, and then the ids inside, the file among them. */
export function answerKey(payload: Payload, thrown: boolean): string {
  const { label, refs } = decodeValue(payload);
  const { stored } = payload;
  const inside = stored === undefined ? refs : [...refs, stored.id];
  return `${thrown ? "thrown" : "value"} ${label} ${inside.join(" ")}`;
}

export function tellFailure(failure: Failure): string {
  const shown = { ...failure, ...("thrown" in failure ? { thrown: decodeValue(failure.thrown) } : {}) };
  return JSON.stringify(shown);
}
