// Values to payloads and back: the entry points of the codec for arguments, results and everything else that is no definition.
import { RayError, SerializationError } from "../domain/errors.ts";
import { messageOf } from "../std/message-of.ts";
import { WriteAgain } from "./cells.ts";
import { Decoder, decodeLeaf, isLeaf } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import { functionSection } from "./function-table.ts";
import { ensureLoaders, load } from "./imports.ts";
import { moduleSection } from "./module-table.ts";
import { choose, nodeKinds } from "./nodes.ts";
import { nameSymbols } from "./nodes-reference.ts";
import type { RunOptions } from "./notes.ts";
import { bindRegistrationCodec, Foreign, install, registrationSection } from "./nodes-own.ts";
import { copied, given, type Payload, type Shelf } from "./payload.ts";
import { Damaged } from "./reader.ts";
import { beginInspection, endInspection } from "./scope.ts";
import { sections } from "./sections.ts";
import { IS_LENIENT } from "./tags.ts";
import type { Root } from "./trail.ts";

/** One is enough unless a value's own serializer encodes something in turn. */
let idle: Encoder | undefined;

/** As `encode`, with all that can be asked. */
export function encodeWith(value: unknown, root: Root, options?: RunOptions): Payload {
  const encoder = idle ?? new Encoder(nodeKinds, choose);
  idle = undefined;
  beginInspection();
  try {
    return encoder.run(value, root, options);
  } catch (error) {
    if (!(error instanceof WriteAgain)) throw error;
    return encoder.run(value, root, options);
  } finally {
    endInspection();
    idle = encoder;
  }
}

/**
 * The bytes of a value, as it is now. Buffers out of band are views of the value's own memory: whoever keeps the payload beyond the
 * current turn copies them. `root` names where paths in errors begin; a function names each element of a list of arguments.
 *
 * Throws SerializationError with the path of what cannot travel.
 */
export function encode(value: unknown, root: Root = "value"): Payload {
  return encodeWith(value, root);
}

/** As `encode`, for what must arrive somehow even where a module that it names cannot be imported. */
export function encodeLenient(value: unknown): Payload {
  return encodeWith(value, "the thrown value", { flags: IS_LENIENT });
}

/** The first element of an encoded list, and nothing of the rest. */
export function decodeFirst(payload: Payload): unknown {
  try {
    return new Decoder(payload, nodeKinds, undefined, copied).first();
  } catch (error) {
    throw decodingError(error);
  }
}

/** The value, made anew at each call. `prepare` comes first where `payload.modules` says so. */
export function decode(payload: Payload): unknown {
  return decodeFrom(payload, copied);
}

/** The same, of a payload that nobody decodes again: its buffers become part of the value. Each must be all of its ArrayBuffer. */
export function decodeOnce(payload: Payload): unknown {
  return decodeFrom(payload, given);
}

function decodeFrom(payload: Payload, shelf: Shelf): unknown {
  try {
    if (isLeaf(payload)) return decodeLeaf(payload);
    const decoder = new Decoder(payload, nodeKinds, sections, shelf);
    const arrived = decoder.tableIf(registrationSection);
    if (arrived !== undefined) install(arrived);
    nameSymbols(decoder);
    return decoder.run();
  } catch (error) {
    throw decodingError(error);
  }
}

function decodingError(error: unknown): unknown {
  if (error instanceof Foreign) return error.thrown;
  if (error instanceof RayError) return error;
  const reason = messageOf(error);
  const hint = "Both ends must run the same version of ray-ts.";
  return new SerializationError(
    `A value that arrived could not be read: it ${error instanceof Damaged ? reason : `is damaged (${reason})`}. ${hint}`,
    { path: "", reason, hint, location: "" },
    { cause: error },
  );
}

/**
 * Imports what the payload names, so that `decode` can find it; in a worker, with the loaders of the driver if need be. Undefined
 * when there is nothing to wait for. Rejects with what an import throws.
 */
export function prepare(payload: Payload): Promise<void> | undefined {
  return payload.modules ? importAll(payload) : undefined;
}

async function importAll(payload: Payload): Promise<void> {
  const isLenient = ((payload.bytes[0] ?? 0) & IS_LENIENT) !== 0;
  try {
    const decoder = readTables(payload);
    // Code that imports while it runs has nobody to load them for it.
    if (decoder.tableIf(functionSection)?.codes.some(({ imports }) => imports) === true) await ensureLoaders();
    // One after the other, in the order in which the driver met them.
    for (const request of decoder.tableIf(moduleSection) ?? []) await load(request);
    for (const arrived of decoder.tableIf(registrationSection) ?? []) await prepare(arrived.payload);
  } catch (error) {
    if (!isLenient) throw error;
  }
}

function readTables(payload: Payload): Decoder {
  try {
    return new Decoder(payload, nodeKinds, sections, copied);
  } catch (error) {
    throw decodingError(error);
  }
}

bindRegistrationCodec({
  encode: ({ cls, serialize, deserialize }) => encode([cls, serialize, deserialize], `the serializer of ${cls.name}`),
  decode,
});
