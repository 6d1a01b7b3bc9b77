/** Ed25519 signatures over the file (docs/format.md, "Seal"). node:crypto is loaded on first use. */

import { ImmuconfigError, valueError } from "../base/errors.ts";
import { hexBytes, parseHex } from "../format/bytes.ts";
import { type File, encodeFile, type SignatureCheck } from "../format/file.ts";
import type { Signature } from "../format/header.ts";
import { KEY_ID_SIZE, OFFSET } from "../format/layout.ts";

const CONTEXT = "immuconfig/v1\0";
const KEY_SIZE = 32;
const KEY_COUNT_MAX = 16;

/** The DER prefixes that turn raw Ed25519 keys into SPKI and PKCS #8 (RFC 8410). */
const SPKI_PREFIX = "302a300506032b6570032100";
const PKCS8_PREFIX = "302e020100300506032b657004220420";

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

function crypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

/** The first 8 bytes of SHA-256 of a raw public key. */
export function keyIdOf(publicKey: Uint8Array): Uint8Array {
  const digest = crypto().createHash("sha256").update(publicKey).digest();
  return new Uint8Array(digest.subarray(0, KEY_ID_SIZE));
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
 * Signs a file.
 *
 * @param seed the 32-byte Ed25519 private key of RFC 8032
 * @returns the file with its signature
 */
export function signFile(file: File, seed: Uint8Array): File {
  const { createPrivateKey, createPublicKey, sign } = crypto();
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from(PKCS8_PREFIX, "hex"), seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = createPublicKey(key)
    .export({ format: "der", type: "spki" })
    .subarray(-KEY_SIZE);
  const keyId = keyIdOf(publicKey);
  const unsealed = encodeFile({ ...file, signature: { keyId, bytes: new Uint8Array(64) } });
  const bytes = new Uint8Array(sign(null, signedMessage(unsealed), key));
  return { ...file, signature: { keyId, bytes } };
}

/** What the signature covers: the context, bytes 0..39, and SHA-256 of the body. */
function signedMessage(bytes: Uint8Array): Uint8Array {
  const body = crypto().createHash("sha256").update(bytes.subarray(OFFSET.body)).digest();
  return Buffer.concat([Buffer.from(CONTEXT), bytes.subarray(0, OFFSET.seal), body]);
}

/**
 * The rule for signatures on this machine. With trusted keys a file must be signed by one of
 * them; without any it must be unsigned, because a signature that nobody can check proves nothing.
 *
 * @param trustedKeys `IMMUCONFIG_TRUSTED_KEYS`: public keys in hex, separated by commas
 */
export function signatureCheck(trustedKeys: string | undefined): SignatureCheck {
  if (trustedKeys === undefined || trustedKeys === "") return requireUnsigned;
  const texts = trustedKeys.split(",");
  if (texts.length > KEY_COUNT_MAX) throw valueError(`more than ${KEY_COUNT_MAX} trusted keys`);
  const keys = texts.map((text) => parsePublicKey(text.trim()));
  return (bytes, signature) => requireSignature(bytes, signature, keys);
}

function requireUnsigned(_bytes: Uint8Array, signature: Signature | null): void {
  if (signature === null) return;
  throw new ImmuconfigError(
    "ERR_SIGNATURE",
    `the file is signed by key ${hexBytes(signature.keyId)}, and no key is trusted here`,
    { hint: "Set IMMUCONFIG_TRUSTED_KEYS to the public key, in hex." },
  );
}

function requireSignature(
  bytes: Uint8Array,
  signature: Signature | null,
  keys: readonly Uint8Array[],
): void {
  if (signature === null) {
    throw new ImmuconfigError("ERR_SIGNATURE", "the file is not signed", {
      hint: "Restore the signed file, or unset IMMUCONFIG_TRUSTED_KEYS to accept unsigned ones.",
    });
  }
  const claimed = hexBytes(signature.keyId);
  const key = keys.find((candidate) => hexBytes(keyIdOf(candidate)) === claimed);
  if (key === undefined) {
    throw new ImmuconfigError("ERR_SIGNATURE", `key ${claimed} is not a trusted one`, {
      hint: "Restore the file from git, or add the key to IMMUCONFIG_TRUSTED_KEYS.",
    });
  }
  const { createPublicKey, verify } = crypto();
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from(SPKI_PREFIX, "hex"), key]),
    format: "der",
    type: "spki",
  });
  if (verify(null, signedMessage(bytes), publicKey, signature.bytes)) return;
  throw new ImmuconfigError("ERR_SIGNATURE", `the signature by key ${claimed} is wrong`, {
    hint: "The file was changed after it was signed: restore it from git.",
  });
}
