// The direct channel as bytes: `protocol/worker`, written by hand because every call passes here twice.
import { WireError } from "../../wire/error.ts";
import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import type { Coding } from "../../wire/connection.ts";
import type { Hello, OwnerToWorker, WorkerToOwner } from "../../protocol/hello.ts";
import type { Stop } from "../../domain/stop.ts";
import type { Call, Reply, StreamPosition } from "../../protocol/worker.ts";
import { readFailure, readGroupPlace } from "./forms.ts";
import {
  readObjectId,
  readPayload,
  readPayloads,
  readThrower,
  writePayload,
  writePayloads,
  writeThrower,
} from "./payload.ts";

const CALL = 1;
const WITHDRAW = 2;
const HELLO = 3;
const REPLY = 4;
const RETURNED = 5;
const CANCEL = 6;
const READ = 7;
const ITEMS = 8;
const BEGUN = 9;
const AGAIN = 10;

const DONE = 0;
const THROWN = 1;
const REFUSED = 2;
const EXITED = 3;
const LEFT = 4;
const UNREADABLE = 5;

const ALONE = 1;
const VALUES = 2;
const RETRIES = 4;
const STREAM = 8;
const GROUP = 16;
const METHOD = 32;

/** In the place of the number that a stream may be ahead by, which is never 0. */
const UNBOUNDED = 0;
/** In the place of one more than the number of items that are passed over. */
const NO_OTHERS = 0;

export const ownerEnd: Coding<OwnerToWorker, WorkerToOwner> = { write: writeToWorker, read: readFromWorker };
export const workerEnd: Coding<WorkerToOwner, OwnerToWorker> = { write: writeToOwner, read: readFromOwner };

function writeToWorker(message: OwnerToWorker, to: Writer): void {
  switch (message.type) {
    case "call":
      to.byte(CALL);
      return writeCall(message, to);
    case "withdraw":
      to.byte(WITHDRAW);
      to.count(message.lease);
      return to.count(message.count);
    case "cancel":
      to.byte(CANCEL);
      to.count(message.lease);
      to.count(message.task);
      to.word(message.stop.force);
      to.flag(message.stop.recursive);
      return to.data(message.stop.failure);
    case "read":
      to.byte(READ);
      to.count(message.lease);
      to.count(message.task);
      return to.count(message.count);
    case "again":
      to.byte(AGAIN);
      to.count(message.lease);
      return to.word(message.group);
    case "hello":
      to.byte(HELLO);
      return to.data(message);
  }
}

function readFromOwner(from: Reader): OwnerToWorker {
  const type = from.byte();
  switch (type) {
    case CALL:
      return readCall(from);
    case WITHDRAW:
      return { type: "withdraw", lease: from.count(), count: from.count() };
    case CANCEL:
      return { type: "cancel", lease: from.count(), task: from.count(), stop: readStop(from) };
    case READ:
      return { type: "read", lease: from.count(), task: from.count(), count: from.count() };
    case AGAIN:
      return { type: "again", lease: from.count(), group: from.word() };
    case HELLO:
      return readHello(from);
    default:
      throw new WireError(`a message of type ${type} to a worker`);
  }
}

function readStop(from: Reader): Stop {
  const force = from.word();
  if (force !== "no" && force !== "late" && force !== "now") throw new WireError(`a force of ${force}`);
  const recursive = from.flag();
  const failure = readFailure(from);
  if (failure.kind !== "cancelled" && failure.kind !== "timedOut" && failure.kind !== "groupGone")
    throw new WireError(`a stop by ${failure.kind}`);
  return { failure, force, recursive };
}

/** Before it anybody can have written what comes. */
function readHello(from: Reader): Hello {
  const hello = from.data();
  const known = typeof hello === "object" && hello !== null && "type" in hello && hello.type === "hello";
  if (!known) throw new WireError("a greeting that is none");
  return hello as Hello;
}

function writeCall(call: Call, to: Writer): void {
  const { positions, values, request, retryOn, stream, group, method } = call;
  to.byte(
    (call.alone ? ALONE : 0) |
      (values.length > 0 ? VALUES : 0) |
      (retryOn === "none" ? 0 : RETRIES) |
      (stream === undefined ? 0 : STREAM) |
      (group === undefined ? 0 : GROUP) |
      (method === undefined ? 0 : METHOD),
  );
  to.count(call.lease);
  to.count(call.task);
  to.count(call.attempt);
  to.word(call.definition);
  to.word(call.name);
  to.count(call.returns);
  writeRequest(request, to);
  writePayload(call.args, to);
  if (retryOn !== "none") to.word(retryOn);
  if (stream !== undefined) writePosition(stream, to);
  if (group !== undefined) to.data(group);
  if (method !== undefined) writeMethod(method, to);
  if (values.length === 0) return;
  to.count(positions.length);
  for (const position of positions) to.count(position);
  writePayloads(values, to);
}

function writeMethod({ name, group }: NonNullable<Call["method"]>, to: Writer): void {
  to.word(name);
  to.word(group);
}

function writePosition({ skip, read, ahead, again, reader }: StreamPosition, to: Writer): void {
  to.count(again.length);
  for (const place of again) to.count(place);
  to.count(skip === Infinity ? NO_OTHERS : skip + 1);
  to.count(read);
  to.count(ahead === Infinity ? UNBOUNDED : ahead);
  to.text(reader ?? "");
}

function readPosition(from: Reader): StreamPosition {
  const again: number[] = [];
  for (let left = from.count(); left > 0; left -= 1) again.push(from.count());
  const skip = from.count();
  const read = from.count();
  const ahead = from.count();
  const reader = from.text();
  return {
    skip: skip === NO_OTHERS ? Infinity : skip - 1,
    read,
    ahead: ahead === UNBOUNDED ? Infinity : ahead,
    again,
    reader: reader === "" ? undefined : reader,
  };
}

const NONE: readonly never[] = [];

function readCall(from: Reader): Call {
  const flags = from.byte();
  const lease = from.count();
  const task = from.count();
  const attempt = from.count();
  const definition = from.word();
  const name = from.word();
  const returns = from.count();
  const request = readRequest(from);
  const args = readPayload(from);
  const retryOn = (flags & RETRIES) === 0 ? "none" : from.word();
  const stream = (flags & STREAM) === 0 ? undefined : readPosition(from);
  const group = (flags & GROUP) === 0 ? undefined : readGroupPlace(from);
  const method = (flags & METHOD) === 0 ? undefined : { name: from.word(), group: from.word() };
  let positions: readonly number[] = NONE;
  let values: Call["values"] = NONE;
  if ((flags & VALUES) !== 0) {
    const list: number[] = [];
    for (let left = from.count(); left > 0; left -= 1) list.push(from.count());
    positions = list;
    values = readPayloads(from);
  }
  const alone = (flags & ALONE) !== 0;
  return {
    type: "call",
    lease,
    task,
    attempt,
    definition,
    name,
    args,
    positions,
    values,
    returns,
    request,
    group,
    alone,
    method,
    retryOn,
    stream,
  };
}

function writeRequest(request: Call["request"], to: Writer): void {
  let count = 0;
  for (const _name in request) count += 1;
  to.count(count);
  for (const name in request) {
    to.word(name);
    to.count(request[name] ?? 0);
  }
}

function readRequest(from: Reader): Call["request"] {
  const request: Record<string, number> = {};
  for (let left = from.count(); left > 0; left -= 1) request[from.word()] = from.count();
  return request;
}

function writeToOwner(message: WorkerToOwner, to: Writer): void {
  switch (message.type) {
    case "reply":
      to.byte(REPLY);
      to.count(message.lease);
      to.count(message.task);
      to.count(Math.ceil(message.micros));
      return writeReply(message.reply, to);
    case "returned":
      to.byte(RETURNED);
      to.count(message.lease);
      to.count(message.tasks.length);
      for (const task of message.tasks) to.count(task);
      to.flag(message.over);
      return to.flag(message.blocked);
    case "begun":
      to.byte(BEGUN);
      to.count(message.lease);
      return to.count(message.task);
    case "items":
      to.byte(ITEMS);
      to.count(message.lease);
      to.count(message.task);
      return writePayloads(message.values, to);
  }
}

function readFromWorker(from: Reader): WorkerToOwner {
  const type = from.byte();
  switch (type) {
    case REPLY: {
      const lease = from.count();
      const task = from.count();
      const micros = from.count();
      return { type: "reply", lease, task, reply: readReply(from), micros };
    }
    case RETURNED: {
      const lease = from.count();
      const tasks: number[] = [];
      for (let left = from.count(); left > 0; left -= 1) tasks.push(from.count());
      return { type: "returned", lease, tasks, over: from.flag(), blocked: from.flag() };
    }
    case BEGUN:
      return { type: "begun", lease: from.count(), task: from.count() };
    case ITEMS:
      return { type: "items", lease: from.count(), task: from.count(), values: readPayloads(from) };
    default:
      throw new WireError(`a message of type ${type} from a worker`);
  }
}

function writeReply(reply: Reply, to: Writer): void {
  switch (reply.kind) {
    case "done":
      to.byte(DONE);
      return writePayloads(reply.values, to);
    case "thrown":
      to.byte(THROWN);
      writePayload(reply.thrown, to);
      to.count(reply.pid);
      writeThrower(reply.by, to);
      return to.flag(reply.again);
    case "refused":
      to.byte(REFUSED);
      return to.data(reply.failure);
    case "left":
      return to.byte(LEFT);
    case "unreadable":
      to.byte(UNREADABLE);
      return to.text(reply.stored);
    case "exited":
      to.byte(EXITED);
      to.count(reply.code);
      return to.text(reply.module);
  }
}

function readReply(from: Reader): Reply {
  const kind = from.byte();
  switch (kind) {
    case DONE:
      return { kind: "done", values: readPayloads(from) };
    case THROWN:
      return {
        kind: "thrown",
        thrown: readPayload(from),
        pid: from.count(),
        by: readThrower(from),
        again: from.flag(),
      };
    case REFUSED:
      return { kind: "refused", failure: readFailure(from) };
    case LEFT:
      return { kind: "left" };
    case UNREADABLE:
      return { kind: "unreadable", stored: readObjectId(from) };
    case EXITED:
      return { kind: "exited", code: from.count(), module: from.text() };
    default:
      throw new WireError(`a reply of kind ${kind}`);
  }
}
