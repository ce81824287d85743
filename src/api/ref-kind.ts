// How a ref travels: as its id. The payload notes the id, so that whoever keeps the payload keeps the object.
import { registerKind } from "../codec/kinds.ts";
import { assertUsable, holdOf, refFor, type Hold } from "./ref.ts";
import { currentSession } from "./session.ts";

registerKind({
  name: "ref",
  matches: (value) => holdOf(value) !== undefined,
  encode: (value, note) => {
    const hold = holdOf(value) as Hold;
    assertUsable(hold, "A ref that was to travel");
    note.ref(hold.id);
    return hold.id;
  },
  decode: (data) => {
    const id = data as string;
    const session = currentSession("Receiving a ref");
    session.backend.hold(id);
    return refFor(session, id);
  },
});
