/** Keys made from seeds, files signed by them, and the rule that believes them. */

import { createPrivateKey, type KeyObject } from "node:crypto";
import type { File, SignatureCheck } from "../../src/format/file.ts";
import type { Signature } from "../../src/format/header.ts";
import { signFile, type Signer } from "../../src/trust/file_signature.ts";
import { signerOf } from "../../src/trust/keys/private_key.ts";
import { verifyBytes } from "../../src/trust/verified.ts";

/** The PKCS #8 form of an Ed25519 seed (RFC 8410), but for the seed. */
const PKCS8_PREFIX = "302e020100300506032b657004220420";

/** @param seed 32 bytes: the private key of RFC 8032 */
export function seedKey(seed: Uint8Array): KeyObject {
  const key = Buffer.concat([Buffer.from(PKCS8_PREFIX, "hex"), seed]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

export function seedSigner(seed: Uint8Array): Signer {
  return signerOf(seedKey(seed));
}

export async function signedBySeed(
  file: File,
  seed: Uint8Array,
  others?: readonly Signature[],
): Promise<File> {
  return signFile(file, seedSigner(seed), others);
}

/** The rule of a machine that trusts these keys in hex, or none. */
export function trustRule(keys: string | undefined): SignatureCheck {
  const env = keys === undefined ? {} : { IMMUCONFIG_TRUSTED_KEYS: keys };
  return (bytes) => void verifyBytes(bytes, undefined, env);
}
