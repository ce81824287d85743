// Encoders, decoders, search parameters, keys and addresses arrive as what they were, and what only looks like one does not travel.
import assert from "node:assert/strict";
import { createSecretKey, generateKeyPairSync, KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { BlockList, SocketAddress } from "node:net";
import { it } from "node:test";
import { TextDecoder, TextEncoder } from "node:util";
import { decode, encode } from "./value.ts";

function there<T>(value: T): T {
  return decode(encode(value)) as T;
}

it("TextEncoder", () => {
  assert.deepEqual(there(new TextEncoder()).encode("é"), new TextEncoder().encode("é"));
});

it("TextDecoder, with its encoding and its flags", () => {
  const decoder = there(new TextDecoder("utf-16le", { ignoreBOM: true }));
  assert.deepEqual([decoder.encoding, decoder.fatal, decoder.ignoreBOM], ["utf-16le", false, true]);
  assert.equal(decoder.decode(new Uint8Array([65, 0])), "A");
});

it("URLSearchParams, and a class of them with properties", () => {
  class Search extends URLSearchParams {
    extra = 5;
  }
  const search = there(new Search("a=1&a=2&b=%20"));
  assert.deepEqual([search instanceof Search, search.extra, search.toString()], [true, 5, "a=1&a=2&b=+"]);
  const pair = new URLSearchParams("x=1");
  const back = there([pair, pair]);
  assert.equal(back[0], back[1]);
});

it("KeyObject: secret, public and private", () => {
  const secret = there(createSecretKey(Buffer.from("a secret")));
  assert.equal(secret.export().toString(), "a secret");
  const pair = generateKeyPairSync("ed25519");
  const [publicKey, privateKey, again] = there([pair.publicKey, pair.privateKey, pair.privateKey] as const);
  assert.ok(publicKey.equals(pair.publicKey) && privateKey.equals(pair.privateKey));
  assert.equal(privateKey, again);
  assert.ok(verify(null, Buffer.from("x"), publicKey, sign(null, Buffer.from("x"), privateKey)));
});

it("BlockList, with all of its rules", () => {
  const list = new BlockList();
  list.addAddress("1.2.3.4");
  list.addRange("10.0.0.1", "10.0.0.9");
  list.addSubnet("8592:757c:efae:4e45::", 64, "ipv6");
  const copy = there(list);
  assert.deepEqual([...copy.rules].sort(), [...list.rules].sort());
  assert.deepEqual(
    ["1.2.3.4", "10.0.0.5", "10.0.1.5"].map((address) => copy.check(address)),
    [true, true, false],
  );
});

it("SocketAddress", () => {
  const address = new SocketAddress({ address: "::1", family: "ipv6", port: 80, flowlabel: 5 });
  const { address: host, family, port, flowlabel } = there(address);
  assert.deepEqual([host, family, port, flowlabel], ["::1", "ipv6", 80, 5]);
});

const CERTIFICATE = `
-----BEGIN CERTIFICATE-----
MIIBODCB66ADAgECAhQRgfLwZRcoTtdxZ8t5j1772FM0LzAFBgMrZXAwETEPMA0G
A1UEAwwGcmF5LXRzMCAXDTI2MTEyOTIxMTgzNFoYDzIxMjYxMTA1MjExODM0WjAR
MQ8wDQYDVQQDDAZyYXktdHMwKjAFBgMrZXADIQCFDDdNXSsHCyEXD4ROqQdWyYHz
pa2jVEqqayPcFC1qqaNTMFEwHQYDVR0OBBYEFIG4WPtyqBt0nOYtX6U/BROTHVfn
MB8GA1UdIwQYMBaAFIG4WPtyqBt0nOYtX6U/BROTHVfnMA8GA1UdEwEB/wQFMAMB
Af8wBQYDK2VwA0EAsfC+Q7fgvMuW+U7zJuZV7K1+girU4PrT/XC0Zl1rFluIFGJR
zfsacKaBDlrN248HhceEROlf9jgmHBoiO0dsBg==
-----END CERTIFICATE-----
`.trimStart();

it("X509Certificate", () => {
  const certificate = there(new X509Certificate(CERTIFICATE));
  assert.deepEqual([certificate.subject, certificate.toString()], ["CN=ray-ts", CERTIFICATE]);
});

it("what only has their prototype is refused", () => {
  for (const of of [TextEncoder, TextDecoder, URLSearchParams, KeyObject, BlockList, SocketAddress, X509Certificate])
    assert.throws(() => encode(Object.create(of.prototype)), new RegExp(of.name));
});
