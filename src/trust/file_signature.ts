/** Ed25519 signatures over the file (docs/format.md, "Seal"). node:crypto is loaded on first use. */

import type { KeyObject } from "node:crypto";
import { BoundedMap } from "../base/bounded_map.ts";
import { sha256Bytes } from "../base/digest.ts";
import { valueError } from "../base/errors.ts";
import { compareBytes, hexBytes, parseHex } from "../format/bytes.ts";
import { encodeFile, type File } from "../format/file.ts";
import type { Signature } from "../format/header.ts";
import { KEY_ID_SIZE, OFFSET } from "../format/layout.ts";

const SEAL_CONTEXT = "immuconfig/v1\0";
const COSIGN_CONTEXT = "immuconfig/cosign/v1\0";
const KEY_SIZE = 32;

/** Signs messages with one key. */
export interface Signer {
  /** The raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns the signature of exactly these bytes, 64 bytes */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The DER prefix that turns a raw Ed25519 key into SPKI (RFC 8410). */
const SPKI_PREFIX = "302a300506032b6570032100";

/**
 * The encodings of y for points of small order, sign bit cleared, canonical or not: such a key
 * verifies forged signatures.
 *
 * @see C. Cremers, D. Jackson, "Prime, Order Please! Revisiting Small Subgroup and Invalid Curve
 * Attacks on Protocols using Diffie-Hellman", CSF 2019, and the list in libsodium's tests
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

let loaded: typeof import("node:crypto") | undefined;

/** Looked up once: that takes as long as hashing a record. */
function crypto(): typeof import("node:crypto") {
  return (loaded ??= process.getBuiltinModule("node:crypto"));
}

/** The first 8 bytes of SHA-256 of a raw public key. */
export function keyIdOf(publicKey: Uint8Array): Uint8Array {
  return sha256Bytes(publicKey).slice(0, KEY_ID_SIZE);
}

/**
 * @param text 64 hex digits: a raw Ed25519 public key
 * @throws ImmuconfigError `ERR_VALUE` when it is none, or one of small order
 */
export function parsePublicKey(text: string): Uint8Array {
  const bytes = parseHex(text.toLowerCase());
  if (bytes?.length !== KEY_SIZE) {
    throw valueError("a public key has 64 hex digits", "Give the raw Ed25519 key, in hex.");
  }
  const y = bytes.slice();
  y[KEY_SIZE - 1] = (y[KEY_SIZE - 1] ?? 0) & 0x7f;
  if (SMALL_ORDER_Y.has(hexBytes(y))) {
    throw valueError(
      "the public key is of small order",
      "Make a new key: this one protects nothing.",
    );
  }
  return bytes;
}

/**
 * Signs a file: one signature in its header, over all of it. Where several must sign, each also adds
 * one over what is signed in common, which stays when the next one signs.
 *
 * @param others the signatures of those who signed the same before
 * @returns the file with its signatures
 */
export async function signFile(
  file: File,
  signer: Signer,
  others?: readonly Signature[],
): Promise<File> {
  const keyId = keyIdOf(signer.publicKey);
  const { cosignatures: _, ...bare } = file;
  let unsigned: File = { ...bare, signature: null };
  if (others !== undefined) {
    const own = { keyId, bytes: await signer.sign(cosignedMessage(unsigned)) };
    const kept = others.filter((other) => hexBytes(other.keyId) !== hexBytes(keyId));
    unsigned = { ...unsigned, cosignatures: [...kept, own] };
  }
  const sealed = { ...unsigned, signature: { keyId, bytes: new Uint8Array(64) } };
  return {
    ...sealed,
    signature: { keyId, bytes: await signer.sign(sealedMessage(encodeFile(sealed))) },
  };
}

/**
 * Whether the header's signature of a file is by a key.
 *
 * @param bytes the whole file
 */
export function isSealedBy(
  bytes: Uint8Array,
  { bytes: seal }: Signature,
  key: Uint8Array,
): boolean {
  return holds(sealedMessage(bytes), seal, key);
}

/** Whether a signature beside the header's is by a key. */
export function isCosignedBy(file: File, { bytes }: Signature, key: Uint8Array): boolean {
  return holds(cosignedMessage(file), bytes, key);
}

/** Whether a key signed a message. */
export function holds(message: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean {
  return crypto().verify(null, message, keyObjectOf(key), signature);
}

/** Keys of which is remembered what they were made into. */
const KEY_COUNT_MAX = 256;

/**
 * What is made of a key, once for its bytes: who asks for the keys anew for every set gets other arrays.
 *
 * @param make of a raw public key
 */
export function onceForKey<Made>(make: (key: Uint8Array) => Made): (key: Uint8Array) => Made {
  const known = new BoundedMap<string, Made>(KEY_COUNT_MAX);
  // It is mostly the same key again, and comparing makes nothing.
  let last: { readonly key: Uint8Array; readonly made: Made } | undefined;
  return (key) => {
    if (last !== undefined && compareBytes(last.key, key) === 0) return last.made;
    const name = Buffer.from(key).toString("latin1");
    let made = known.get(name);
    if (made === undefined) {
      made = make(key);
      known.put(name, made);
    }
    last = { key: key.slice(), made };
    return made;
  };
}

/** The platform's form of a key, which takes as long to make as a quarter of a check. */
const keyObjectOf = onceForKey((key): KeyObject =>
  crypto().createPublicKey({
    key: Buffer.concat([Buffer.from(SPKI_PREFIX, "hex"), key]),
    format: "der",
    type: "spki",
  }),
);

/** The id of a public key, in hex. */
export const keyIdText = onceForKey((key) => hexBytes(keyIdOf(key)));

/** What the header's signature covers: the context, bytes 0..39, and SHA-256 of the body. */
function sealedMessage(bytes: Uint8Array): Uint8Array {
  return signedMessage(SEAL_CONTEXT, bytes, OFFSET.seal);
}

/** The same without whose signature is in the header, and without section `sigs`. */
function cosignedMessage(file: File): Uint8Array {
  const { cosignatures: _, ...bare } = file;
  const bytes = encodeFile({ ...bare, signature: null });
  return signedMessage(COSIGN_CONTEXT, bytes, OFFSET.keyId);
}

/** @param end of what is signed of the header */
function signedMessage(context: string, bytes: Uint8Array, end: number): Uint8Array {
  const body = sha256Bytes(bytes.subarray(OFFSET.body));
  const message = new Uint8Array(context.length + end + body.length);
  for (let i = 0; i < context.length; i++) message[i] = context.charCodeAt(i);
  message.set(bytes.subarray(0, end), context.length);
  message.set(body, context.length + end);
  return message;
}
