/** Ed25519 private keys: made, signed with, and kept under a passphrase as PKCS #8 (RFC 5958, 8018). */

import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  pbkdf2Sync,
  randomBytes,
  sign,
} from "node:crypto";
import { ImmuconfigError } from "../../base/errors.ts";
import type { Signer } from "../file_signature.ts";

export const PUBLIC_KEY_SIZE = 32;
/** As OWASP advises for PBKDF2 with HMAC-SHA-256: some tenths of a second a guess. */
const ITERATIONS = 600_000;
const AES_KEY_SIZE = 32;
const AES_BLOCK_SIZE = 16;
const SALT_SIZE = 16;

/** Object identifiers, DER. */
const OID_PBES2 = "06092a864886f70d01050d";
const OID_PBKDF2 = "06092a864886f70d01050c";
const OID_HMAC_SHA256 = "06082a864886f70d0209";
const OID_AES256_CBC = "060960864801650304012a";

export function newPrivateKey(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}

/** The raw public key of a private one. */
export function publicKeyOf(key: KeyObject): Uint8Array {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(-PUBLIC_KEY_SIZE));
}

export function signerOf(key: KeyObject): Signer {
  return {
    publicKey: publicKeyOf(key),
    sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, key))),
  };
}

/** The key as `ENCRYPTED PRIVATE KEY`, which OpenSSL reads too. */
export function encryptPrivateKey(key: KeyObject, passphrase: string): string {
  const salt = randomBytes(SALT_SIZE);
  const iv = randomBytes(AES_BLOCK_SIZE);
  const secret = pbkdf2Sync(passphrase, salt, ITERATIONS, AES_KEY_SIZE, "sha256");
  const cipher = createCipheriv("aes-256-cbc", secret, iv);
  const plain = key.export({ format: "der", type: "pkcs8" });
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const derivation = sequence(
    fromHex(OID_PBKDF2),
    sequence(
      der(0x04, salt),
      der(0x02, unsigned(ITERATIONS)),
      sequence(fromHex(OID_HMAC_SHA256), der(0x05, Buffer.alloc(0))),
    ),
  );
  const scheme = sequence(fromHex(OID_AES256_CBC), der(0x04, iv));
  const algorithm = sequence(fromHex(OID_PBES2), sequence(derivation, scheme));
  const whole = sequence(algorithm, der(0x04, encrypted)).toString("base64");
  const lines = whole.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines.join("\n")}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

/** Whether a PEM text needs a passphrase. */
export function isEncrypted(pem: string): boolean {
  return (
    /^-----BEGIN ENCRYPTED PRIVATE KEY-----$/m.test(pem) || /^Proc-Type: 4,ENCRYPTED$/m.test(pem)
  );
}

/**
 * Reads a private key in PKCS #8.
 *
 * @param passphrase of an encrypted one
 * @param what it is, for messages
 * @throws ImmuconfigError `ERR_KEY` for a wrong passphrase, what is no key, or one of another kind
 */
export function decryptPrivateKey(
  pem: string,
  passphrase: string | undefined,
  what: string,
): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: pem,
      format: "pem",
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (cause) {
    const isLocked = isEncrypted(pem);
    throw new ImmuconfigError(
      "ERR_KEY",
      isLocked ? `the passphrase does not open ${what}` : `${what} is no private key`,
      {
        hint: isLocked ? "Try again." : "Give a private key in PKCS #8, PEM.",
        cause,
      },
    );
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new ImmuconfigError("ERR_KEY", `${what} is a key of ${key.asymmetricKeyType}`, {
    hint: "Only Ed25519 keys sign records: make one with `bun-config key new NAME`.",
  });
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** One DER value of less than 64 KiB. */
function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}

/** An unsigned number as the content of a DER integer. */
function unsigned(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = fromHex(hex.padStart(hex.length + (hex.length % 2), "0"));
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]);
}
