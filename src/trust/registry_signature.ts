/** A registry's signatures of its releases. */

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { ImmuconfigError } from "../base/errors.ts";
import { dayOf } from "../base/units.ts";
import { quote } from "../base/text.ts";
import { type RegistrySignature, type Release } from "../registry/packument.ts";

/** A key with which a registry signs its releases. */
export interface RegistryKey {
  /** The registry's name for the key, `SHA256:…`. */
  keyId: string;
  /** An ECDSA P-256 public key: SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
  validFrom: Date | undefined;
  validUntil: Date | undefined;
}

/** A signature that holds. */
export interface SignatureVerdict {
  keyId: string;
  /** When the key had to be valid: the release's publish time, or now if there is none. */
  checkedFor: Date;
}

/**
 * Checks the registry's signatures of a release: ECDSA P-256 with SHA-256 over
 * `name@version:integrity`. One known key must have signed, and no known key may have signed
 * something else.
 *
 * @param keys the keys that are trusted for this registry
 * @param now used when the registry does not say when the release was published
 * @throws ImmuconfigError `ERR_SIGNATURE` when no signature is there, none is by a known key, one
 * is wrong, or its key was not valid when the release was published.
 * @example
 * const { keyId } = verifySignatures(release, trust.keys, new Date());
 */
export function verifySignatures(
  release: Release,
  keys: readonly RegistryKey[],
  now: Date,
): SignatureVerdict {
  const what = `${release.name} ${release.version}`;
  const checkedFor = release.publishedAt ?? now;
  if (release.signatures.length === 0) {
    throw signatureError(
      `the registry did not sign ${what}`,
      "To take it all the same: --unsigned URL, or a signed record with upgrade.unsigned.",
    );
  }
  const known = release.signatures.flatMap((signature) => {
    const key = keys.find((candidate) => candidate.keyId === signature.keyId);
    return key === undefined ? [] : [{ signature, key }];
  });
  for (const { signature, key } of known) checkOne(release, signature, key, checkedFor);
  const first = known[0];
  if (first !== undefined) return { keyId: first.key.keyId, checkedFor };
  const keyIds = release.signatures.map(({ keyId }) => keyId).join(" ");
  throw signatureError(
    `${what} is signed by an unknown key: ${quote(keyIds)}`,
    "For a private registry give its keys with --registry-keys FILE.",
  );
}

function checkOne(
  release: Release,
  { signature }: RegistrySignature,
  key: RegistryKey,
  checkedFor: Date,
): void {
  const what = `${release.name} ${release.version}`;
  const { validFrom, validUntil, keyId } = key;
  if (validUntil !== undefined && checkedFor >= validUntil) {
    throw signatureError(
      `${what} is signed by an expired key: ${keyId} ended on ${dayOf(validUntil)}, ` +
        `the release is of ${dayOf(checkedFor)}`,
      "Choose a version that is signed by a key of its time.",
    );
  }
  if (validFrom !== undefined && checkedFor < validFrom) {
    throw signatureError(
      `${what} is signed by a key that came later: ${keyId} began on ${dayOf(validFrom)}, ` +
        `the release is of ${dayOf(checkedFor)}`,
      "Choose a version that is signed by a key of its time.",
    );
  }
  const message = Buffer.from(`${release.name}@${release.version}:${release.integrity}`);
  if (!holds(message, signature, key)) {
    throw signatureError(
      `the signature of ${what} by ${keyId} is wrong`,
      "The registry's answer was changed on its way. Nothing was installed.",
    );
  }
}

function holds(message: Uint8Array, signature: string, key: RegistryKey): boolean {
  const publicKey = parseKey(key.publicKey);
  if (publicKey?.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw signatureError(
      `${key.keyId} is no public key on the curve P-256`,
      "Replace it in the file of registry keys.",
    );
  }
  return verify("sha256", message, publicKey, Buffer.from(signature, "base64"));
}

/** @returns undefined for bytes that are no public key */
function parseKey(bytes: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(bytes), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

function signatureError(message: string, hint: string): ImmuconfigError {
  return new ImmuconfigError("ERR_SIGNATURE", message, { hint });
}
