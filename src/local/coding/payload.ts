// Payloads and outcomes as bytes. Large buffers go beside the frame, uncopied.
import { isObjectId, type ObjectId } from "../../domain/id.ts";
import { throwers, type Outcome, type Payload, type Stored, type Thrower } from "../../domain/object.ts";
import { WireError } from "../../wire/error.ts";
import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { readFailure } from "./forms.ts";

const MODULES = 1;
const BUFFERS = 2;
const REFS = 4;
const STORED = 8;

const NO_BUFFERS: readonly Uint8Array[] = [];
const NO_REFS: readonly ObjectId[] = [];

export function writePayload(payload: Payload, to: Writer): void {
  const { bytes, buffers, refs, modules, stored } = payload;
  to.byte(
    (modules ? MODULES : 0) |
      (buffers.length > 0 ? BUFFERS : 0) |
      (refs.length > 0 ? REFS : 0) |
      (stored === undefined ? 0 : STORED),
  );
  to.bytes(bytes);
  if (buffers.length > 0) {
    to.count(buffers.length);
    for (const buffer of buffers) to.bytes(buffer);
  }
  if (refs.length > 0) to.texts(refs);
  if (stored !== undefined) writeStored(stored, to);
}

function writeStored({ id, sizes, body }: Stored, to: Writer): void {
  to.text(id);
  to.flag(body);
  to.count(sizes.length);
  for (const size of sizes) to.count(size);
}

export function readObjectId(from: Reader): ObjectId {
  const id = from.text();
  if (!isObjectId(id)) throw new WireError("an id of an object that is none");
  return id;
}

function readStored(from: Reader): Stored {
  const id = readObjectId(from);
  const body = from.flag();
  const sizes: number[] = [];
  for (let left = from.count(); left > 0; left -= 1) sizes.push(from.count());
  return { id, sizes, body };
}

export function readPayload(from: Reader): Payload {
  const flags = from.byte();
  const bytes = from.bytes();
  let buffers = NO_BUFFERS;
  if ((flags & BUFFERS) !== 0) {
    const list: Uint8Array[] = [];
    for (let left = from.count(); left > 0; left -= 1) list.push(from.bytes());
    buffers = list;
  }
  const refs = (flags & REFS) === 0 ? NO_REFS : from.texts();
  const modules = (flags & MODULES) !== 0;
  if ((flags & STORED) === 0) return { bytes, buffers, refs, modules };
  return { bytes, buffers, refs, modules, stored: readStored(from) };
}

export function writePayloads(payloads: readonly Payload[], to: Writer): void {
  to.count(payloads.length);
  for (const payload of payloads) writePayload(payload, to);
}

export function readPayloads(from: Reader): Payload[] {
  const payloads: Payload[] = [];
  for (let left = from.count(); left > 0; left -= 1) payloads.push(readPayload(from));
  return payloads;
}

const VALUE = 0;
const THROWN = 1;
const FAILURE = 2;

export function writeOutcome(outcome: Outcome, to: Writer): void {
  const { failure } = outcome;
  if (failure === undefined) {
    to.byte(VALUE);
    writePayload(outcome.value, to);
  } else if (failure.kind === "thrown") {
    to.byte(THROWN);
    writePayload(failure.thrown, to);
    to.text(failure.name);
    to.count(failure.pid);
    to.text(failure.site);
    writeThrower(failure.by, to);
    to.count(failure.attempts);
  } else {
    to.byte(FAILURE);
    to.data(failure);
  }
}

export function writeThrower(by: Thrower, to: Writer): void {
  to.byte(throwers.indexOf(by));
}

export function readThrower(from: Reader): Thrower {
  const index = from.byte();
  const by = throwers[index];
  if (by === undefined) throw new WireError(`a thrower of kind ${index}`);
  return by;
}

export function readOutcome(from: Reader): Outcome {
  const kind = from.byte();
  switch (kind) {
    case VALUE:
      return { value: readPayload(from) };
    case THROWN:
      return {
        failure: {
          kind: "thrown",
          thrown: readPayload(from),
          name: from.text(),
          pid: from.count(),
          site: from.text(),
          by: readThrower(from),
          attempts: from.count(),
        },
      };
    case FAILURE:
      return { failure: readFailure(from) };
    default:
      throw new WireError(`an outcome of kind ${kind}`);
  }
}
