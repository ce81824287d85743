// Values with a form of their own: the runtime's kinds, registered serializers, and classes that serialize themselves.
import assert from "node:assert/strict";
import { it } from "node:test";
import { SerializationError } from "../domain/errors.ts";
import { registerKind, registerSerializer } from "./kinds.ts";
import { NULL } from "./tags.ts";
import { decode, encode } from "./value.ts";

class Ref {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

registerKind({
  name: "test ref",
  matches: (value) => value instanceof Ref,
  encode: (value, note) => {
    note.ref((value as Ref).id);
    return { id: (value as Ref).id };
  },
  decode: (data) => new Ref((data as { id: string }).id),
});

it("a kind travels by its data, keeps its identity and notes its refs once", () => {
  const ref = new Ref("abc");
  const payload = encode({ a: ref, b: [ref, new Ref("abc"), new Ref("def")] });
  assert.deepEqual(payload.refs, ["abc", "def"]);
  const back = decode(payload) as { a: Ref; b: Ref[] };
  assert.ok(back.a instanceof Ref && back.a === back.b[0]);
  assert.notEqual(back.a, back.b[1]);
});

it("damaged data of a kind is damage, and no error of the user's", () => {
  const payload = encode(new Ref("abc"));
  const at = Buffer.from(payload.bytes).indexOf("id");
  const bytes = Uint8Array.from(payload.bytes);
  // Null in the place of the data that follows the name of the kind.
  const name = Buffer.from(bytes).indexOf("test ref") + "test ref".length;
  assert.ok(at > name);
  bytes[name] = NULL;
  assert.throws(() => decode({ ...payload, bytes: bytes.subarray(0, name + 1) }), SerializationError);
});

class Handle {
  readonly #fd: number;
  constructor(fd: number) {
    this.#fd = fd;
  }
  get fd(): number {
    return this.#fd;
  }
}

it("a registered serializer wins over everything that could be copied", () => {
  registerSerializer(Handle, {
    serialize: (handle) => ({ fd: handle.fd }),
    deserialize: ({ fd }) => new Handle(fd + 100),
  });
  const handle = new Handle(1);
  const back = decode(encode({ a: handle, b: handle })) as { a: Handle; b: Handle };
  assert.equal(back.a, back.b);
  assert.equal(back.a.fd, 101);
});

it("its data may be anything, but not lead back to the value", () => {
  class Knot {
    self: unknown = this;
  }
  registerSerializer(Knot, { serialize: (knot) => [knot], deserialize: () => new Knot() });
  assert.throws(() => encode(new Knot()), /contains itself/);
});

it("what a serializer throws is told with the path", () => {
  class Broken {
    x = 1;
  }
  registerSerializer(Broken, {
    serialize: () => {
      throw new Error("not today");
    },
    deserialize: () => new Broken(),
  });
  assert.throws(
    () => encode({ deep: new Broken() }),
    /value\.deep could not be encoded: serialize of Broken threw: not today/,
  );
});

it("an asynchronous serializer is told that it must not be", () => {
  class Slow {
    x = 1;
  }
  registerSerializer(Slow, { serialize: async () => 1, deserialize: () => new Slow() });
  assert.throws(
    () => encode(new Slow()),
    /value could not be encoded: serialize of Slow gave a Promise\.\n.*synchronous.*$/,
  );
  registerSerializer(Slow, { serialize: () => 1, deserialize: (async () => new Slow()) as never });
  assert.throws(() => decode(encode(new Slow())), /deserialize of Slow gave a Promise: it must be synchronous/);
});

it("what deserialize throws comes out as it is, with its name", () => {
  const own = new RangeError("own");
  class Late {
    x = 1;
  }
  registerSerializer(Late, {
    serialize: () => 1,
    deserialize: () => {
      throw own;
    },
  });
  // Again, of the same error: the name is not there twice.
  for (const _ of [1, 2]) assert.throws(() => decode(encode(new Late())), own);
  assert.equal(own.message, "deserialize of Late: own");
  assert.match(own.stack ?? "", /^RangeError: deserialize of Late: own\n {4}at /);
});

it("a class may say it itself", () => {
  class Temperature {
    readonly #kelvin: number;
    constructor(kelvin: number) {
      this.#kelvin = kelvin;
    }
    get kelvin(): number {
      return this.#kelvin;
    }
    static [Symbol.for("ray-ts.serialize")](value: Temperature): number {
      return value.kelvin;
    }
    static [Symbol.for("ray-ts.deserialize")](kelvin: number): Temperature {
      return new Temperature(kelvin);
    }
  }
  const back = decode(encode([new Temperature(300)])) as Temperature[];
  assert.ok(back[0] instanceof Temperature);
  assert.equal(back[0].kelvin, 300);
});

it("bad registrations are refused at once", () => {
  assert.throws(() => registerSerializer(Handle, {} as never), TypeError);
});
