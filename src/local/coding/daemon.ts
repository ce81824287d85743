// The channel between a client and the daemon as bytes. By hand what carries payloads or comes often; the rest as plain data.
import { WireError } from "../../wire/error.ts";
import type { Coding } from "../../wire/connection.ts";
import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import type { ClientToDaemon, DaemonToClient } from "../../protocol/hello.ts";
import { readFailure, readMessage, type PlainToDaemon } from "./forms.ts";
import { readObjectId, readOutcome, readPayload, writeOutcome, writePayload } from "./payload.ts";

const DATA = 0;
const SHARE = 1;
const HOLD = 2;
const RELEASE = 3;
const PUBLISH = 4;
const SUBSCRIBE = 5;
const DEFINE = 6;
const FETCH = 7;
const VALUE = 8;
const REQUESTED = 9;
const DEFINITION = 10;
const OUTPUT = 11;
const BLOCKED = 12;
const UNBLOCKED = 13;
const STORE = 14;

export const clientEnd: Coding<ClientToDaemon, DaemonToClient> = { write: writeToDaemon, read: readFromDaemon };
export const daemonEnd: Coding<DaemonToClient, ClientToDaemon> = { write: writeToClient, read: readFromClient };

function writeToDaemon(message: ClientToDaemon, to: Writer): void {
  switch (message.type) {
    case "share":
      to.byte(SHARE);
      return to.text(message.id);
    case "store":
      to.byte(STORE);
      to.text(message.id);
      to.count(message.bytes);
      return to.flag(message.medium === "memory");
    case "hold":
      to.byte(HOLD);
      to.text(message.id);
      return to.word(message.process);
    case "release":
      to.byte(RELEASE);
      to.text(message.id);
      return to.count(message.count);
    case "publish":
      to.byte(PUBLISH);
      to.text(message.id);
      return writeOutcome(message.outcome, to);
    case "subscribe":
      to.byte(SUBSCRIBE);
      return to.text(message.id);
    case "define":
      to.byte(DEFINE);
      to.text(message.definition);
      return writePayload(message.payload, to);
    case "fetch":
      to.byte(FETCH);
      return to.text(message.definition);
    case "blocked":
    case "unblocked":
      to.byte(message.type === "blocked" ? BLOCKED : UNBLOCKED);
      return to.count(message.lease);
    default:
      to.byte(DATA);
      // The daemon takes no others.
      return to.data(message satisfies PlainToDaemon);
  }
}

function readFromClient(from: Reader): ClientToDaemon {
  const type = from.byte();
  switch (type) {
    case DATA:
      return readMessage(from);
    case SHARE:
      return { type: "share", id: from.text() };
    case STORE:
      return {
        type: "store",
        id: readObjectId(from),
        bytes: from.count(),
        medium: from.flag() ? "memory" : "disk",
      };
    case HOLD:
      return { type: "hold", id: from.text(), process: from.word() };
    case RELEASE:
      return { type: "release", id: from.text(), count: from.count() };
    case PUBLISH:
      return { type: "publish", id: from.text(), outcome: readOutcome(from) };
    case SUBSCRIBE:
      return { type: "subscribe", id: from.text() };
    case DEFINE:
      return { type: "define", definition: from.text(), payload: readPayload(from) };
    case FETCH:
      return { type: "fetch", definition: from.text() };
    case BLOCKED:
      return { type: "blocked", lease: from.count() };
    case UNBLOCKED:
      return { type: "unblocked", lease: from.count() };
    default:
      throw new WireError(`a message of type ${type} to the daemon`);
  }
}

const PAYLOAD = 0;
const FAILURE = 1;

function writeToClient(message: DaemonToClient, to: Writer): void {
  switch (message.type) {
    case "value":
      to.byte(VALUE);
      to.text(message.id);
      return writeOutcome(message.outcome, to);
    case "requested":
      to.byte(REQUESTED);
      return to.text(message.id);
    case "definition":
      to.byte(DEFINITION);
      to.text(message.definition);
      if (message.payload === undefined) {
        to.byte(FAILURE);
        return to.data(message.failure);
      }
      to.byte(PAYLOAD);
      return writePayload(message.payload, to);
    case "output":
      to.byte(OUTPUT);
      to.count(message.number);
      to.flag(message.to === "stderr");
      to.count(message.pid);
      to.word(message.name);
      return to.bytes(message.text);
    default:
      to.byte(DATA);
      return to.data(message);
  }
}

function readFromDaemon(from: Reader): DaemonToClient {
  const type = from.byte();
  switch (type) {
    case DATA:
      return from.data() as DaemonToClient;
    case VALUE:
      return { type: "value", id: from.text(), outcome: readOutcome(from) };
    case REQUESTED:
      return { type: "requested", id: from.text() };
    case DEFINITION: {
      const definition = from.text();
      if (from.byte() === FAILURE) return { type: "definition", definition, failure: readFailure(from) };
      return { type: "definition", definition, payload: readPayload(from) };
    }
    case OUTPUT: {
      const number = from.count();
      const to = from.flag() ? "stderr" : "stdout";
      return { type: "output", number, to, pid: from.count(), name: from.word(), text: from.bytes() };
    }
    default:
      throw new WireError(`a message of type ${type} from the daemon`);
  }
}
