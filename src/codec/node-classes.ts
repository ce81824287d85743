// Classes of Node's own whose objects are nothing but what can be said as text: keys, certificates, addresses and lists of them.
import { types } from "node:util";
import type { BlockList, SocketAddress } from "node:net";
import type { KeyObject, X509Certificate } from "node:crypto";

export interface MadeOfText {
  /** The prototype that such an object is born with. */
  readonly born: (value: object) => object;
  /** What to make it from, as text. Throws for what only looks like one. */
  readonly settings: (value: never) => readonly string[];
  readonly make: (settings: readonly string[]) => object;
}

/** Encodings that hold all of a key, by its kind. */
const DER = { public: "spki", private: "pkcs8" } as const;

const keyObject: MadeOfText = {
  // Each kind of key has a class that Node shows to nobody.
  born: (value) => Object.getPrototypeOf(value) as object,
  settings(value: KeyObject) {
    if (!types.isKeyObject(value)) throw new TypeError("no key");
    const { KeyObject } = process.getBuiltinModule("node:crypto");
    const type = Object.getOwnPropertyDescriptor(KeyObject.prototype, "type")?.get?.call(value) as KeyObject["type"];
    const bytes =
      type === "secret"
        ? value.export()
        : value.export({ type: DER[type], format: "der" } as { type: "pkcs8"; format: "der" });
    return [type, bytes.toString("base64")];
  },
  make([type, text]) {
    const { createPrivateKey, createPublicKey, createSecretKey } = process.getBuiltinModule("node:crypto");
    const key = Buffer.from(text ?? "", "base64");
    if (type === "secret") return createSecretKey(key);
    return type === "public"
      ? createPublicKey({ key, format: "der", type: DER.public })
      : createPrivateKey({ key, format: "der", type: DER.private });
  },
};

/** As `rules` gives them. */
const RULE = /^(Address|Range|Subnet): IPv([46]) ([^-/]+)(?:[-/](.+))?$/;

const blockList: MadeOfText = {
  born: () => process.getBuiltinModule("node:net").BlockList.prototype,
  settings: (value: BlockList) =>
    getterOf(process.getBuiltinModule("node:net").BlockList, "rules").call(value) as string[],
  make(rules) {
    const list = new (process.getBuiltinModule("node:net").BlockList)();
    for (const rule of rules) {
      const [, kind, version, first = "", rest = ""] = RULE.exec(rule) ?? [];
      const family = `ipv${version as "4" | "6"}` as const;
      if (kind === "Address") list.addAddress(first, family);
      else if (kind === "Range") list.addRange(first, rest, family);
      else list.addSubnet(first, Number(rest), family);
    }
    return list;
  },
};

const PARTS = ["address", "family", "port", "flowlabel"] as const;

const socketAddress: MadeOfText = {
  born: () => process.getBuiltinModule("node:net").SocketAddress.prototype,
  settings: (value: SocketAddress) =>
    PARTS.map((part) => String(getterOf(process.getBuiltinModule("node:net").SocketAddress, part).call(value))),
  make([address = "", family, port, flowlabel]) {
    const options = { address, family: family as "ipv4" | "ipv6", port: Number(port), flowlabel: Number(flowlabel) };
    return new (process.getBuiltinModule("node:net").SocketAddress)(options);
  },
};

function getterOf(cls: { readonly prototype: object }, name: string): (this: object) => unknown {
  return Object.getOwnPropertyDescriptor(cls.prototype, name)?.get as (this: object) => unknown;
}

const certificate: MadeOfText = {
  born: () => process.getBuiltinModule("node:crypto").X509Certificate.prototype,
  settings: (value: X509Certificate) => [
    process.getBuiltinModule("node:crypto").X509Certificate.prototype.toString.call(value),
  ],
  make: ([text = ""]) => new (process.getBuiltinModule("node:crypto").X509Certificate)(text),
};

export const nodeClasses: Readonly<Record<string, MadeOfText>> = {
  KeyObject: keyObject,
  BlockList: blockList,
  SocketAddress: socketAddress,
  X509Certificate: certificate,
};

/** Which of these an object is by its prototypes, none of which is a Proxy. Node makes the classes when they are first asked for. */
export function nodeClassOf(value: object): string | undefined {
  if (types.isKeyObject(value)) return "KeyObject";
  const { BlockList, SocketAddress } = process.getBuiltinModule("node:net");
  if (value instanceof BlockList) return "BlockList";
  if (value instanceof SocketAddress) return "SocketAddress";
  return value instanceof process.getBuiltinModule("node:crypto").X509Certificate ? "X509Certificate" : undefined;
}
