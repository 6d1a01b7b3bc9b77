/** A file's bytes, believed only after every check of the format and the rule for signatures. */

import type { Environment } from "../base/environment.ts";
import { FormatError, ImmuconfigError } from "../base/errors.ts";
import { dayOf } from "../base/units.ts";
import { shellWord } from "../base/text.ts";
import { hexBytes } from "../format/bytes.ts";
import { decodeFile, type File } from "../format/file.ts";
import type { Signature } from "../format/header.ts";
import { readFileBytes } from "../store/read.ts";
import { realFilePath } from "../store/real_path.ts";
import { isCosignedBy, isSealedBy, keyIdText } from "./file_signature.ts";
import { checkFloor, type FloorVerdict, forgetFloor } from "./generation_floor.ts";
import {
  currentKeys,
  policyOfName,
  policyOfPlace,
  signerSources,
  type TrustPolicy,
  whyNotTrusted,
} from "./trust_policy.ts";
import { ANY_PROJECT, type TrustedKey } from "./trust_file.ts";
import { trustSources } from "./trust_store.ts";

/** A file, and why it is believed. */
export interface VerifiedFile {
  readonly file: File;
  /** Absent for an unsigned file of a project that nobody has trusted keys for. */
  readonly verdict?: TrustVerdict;
}

interface TrustVerdict extends FloorVerdict {
  readonly policy: TrustPolicy;
  /** The trusted keys that signed it. */
  readonly signers: readonly TrustedKey[];
}

/** Where bytes come from that are no file yet. */
interface Origin {
  /** For messages, in place of the path. */
  readonly name: string;
  /** What to do about bytes that are refused, in place of restoring the file. */
  readonly hint: string;
}

/** What a read depends on beside the file. */
export interface VerifyOptions {
  /** Default: now. */
  readonly now?: Date;
  /** Refuse an unsigned file also where no key is trusted. */
  readonly required?: boolean;
  /** Believe an older file than was seen, and from now on too: the user's decision. */
  readonly lowerFloor?: boolean;
  /** Of bytes that come from elsewhere, and are to stand at the path. Default: they are the file's own. */
  readonly origin?: Origin;
}

/**
 * Reads and verifies a file. Pins are not looked at.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`; FormatError
 */
export function readConfigFile(path: string, env: Environment, options?: VerifyOptions): File {
  return verifyBytes(readFileBytes(path), path, env, options);
}

/** How `updateFile` of the store reads a file on this machine: by the rule for signatures. */
export function verifiedReader(env: Environment): (path: string) => File {
  return (path) => readConfigFile(path, env);
}

/**
 * @param bytes of a whole file; the caller must not write to them afterwards
 * @param path where it lies, which decides what it must satisfy; undefined for bytes from elsewhere
 * @throws ImmuconfigError `ERR_SIGNATURE`, `ERR_VALUE` and `ERR_READ` for trust that cannot be
 * understood; FormatError
 */
export function verifyBytes(
  bytes: Uint8Array,
  path: string | undefined,
  env: Environment,
  options?: VerifyOptions,
): File {
  return verifyFile(bytes, path, env, options).file;
}

/**
 * What a file must satisfy, by its place or by its name.
 *
 * @param path its real one
 * @throws ImmuconfigError `ERR_SIGNATURE` where a source for the whole machine does not know it
 */
export function placePolicy(
  path: string,
  { meta }: File,
  env: Environment,
): TrustPolicy | undefined {
  const sources = trustSources(env);
  return policyOfPlace(path, sources) ?? policyOfName(meta.project, sources);
}

/** As `verifyBytes`, and says why the file is believed. */
export function verifyFile(
  bytes: Uint8Array,
  path: string | undefined,
  env: Environment,
  options: VerifyOptions = {},
): VerifiedFile {
  try {
    return verify(bytes, path, env, options);
  } catch (error) {
    throw path === undefined ? error : nameFile(error, path, options.origin);
  }
}

function verify(
  bytes: Uint8Array,
  path: string | undefined,
  env: Environment,
  { now = new Date(), required = false, lowerFloor = false, origin }: VerifyOptions,
): VerifiedFile {
  const sources = signerSources(trustSources(env));
  const place = sources.length === 0 || path === undefined ? undefined : realFilePath(path);
  const today = dayOf(now);
  const ofPlace = place === undefined ? undefined : policyOfPlace(place, sources);
  let sealedBy: TrustedKey | undefined;
  const file = decodeFile(bytes, (whole, signature) => {
    // Before the body is believed, where the place says by whom it must be signed.
    if (ofPlace !== undefined) sealedBy = sealSigner(whole, signature, ofPlace, today);
    else if (sources.length === 0) requireUnsigned(signature, required);
  });
  if (sources.length === 0) return { file };
  const policy = ofPlace ?? policyOfName(file.meta.project, sources);
  if (policy === undefined) {
    requireUnsigned(file.signature, required);
    return { file };
  }
  sealedBy ??= sealSigner(bytes, file.signature, policy, today);
  const signers = requireSignatures(sealedBy, file, policy, today);
  requireMeant(file, policy, today);
  if (lowerFloor) forgetFloor(policy, place, env);
  const floor = checkFloor(file, policy, place, env, origin === undefined);
  return { file, verdict: { policy, signers, ...floor } };
}

function requireUnsigned(signature: Signature | null, required: boolean): void {
  if (signature !== null) {
    throw signatureError(
      `the file is signed by key ${hexBytes(signature.keyId)}, and no key is trusted here`,
      "Look at the key and trust it: bun-config trust add. In CI set IMMUCONFIG_TRUSTED_KEYS.",
    );
  }
  if (!required) return;
  throw signatureError(
    "the file is not signed, and a signature is required",
    "Sign it: bun-config sign.",
  );
}

/** The trusted key whose signature is in the header. */
function sealSigner(
  bytes: Uint8Array,
  signature: Signature | null,
  policy: TrustPolicy,
  today: string,
): TrustedKey {
  if (signature === null) {
    throw signatureError(
      "the file is not signed",
      `Restore the signed file, or sign it: bun-config sign. ${policy.source} asks for it.`,
    );
  }
  const id = hexBytes(signature.keyId);
  const key = currentKeys(policy.trust, "record", today).find(
    ({ publicKey }) => keyIdText(publicKey) === id,
  );
  if (key === undefined) {
    const { why, hint } = whyNotTrusted(signature, policy, today);
    throw signatureError(why, hint);
  }
  if (isSealedBy(bytes, signature, key.publicKey)) return key;
  throw signatureError(
    `the signature by key ${id} is wrong`,
    "The file was changed after it was signed: restore it from git.",
  );
}

/** As many different trusted keys as the policy asks for. */
function requireSignatures(
  first: TrustedKey,
  file: File,
  policy: TrustPolicy,
  today: string,
): TrustedKey[] {
  const signers = [first];
  const { threshold } = policy.trust;
  for (const key of threshold > 1 ? currentKeys(policy.trust, "record", today) : []) {
    const id = keyIdText(key.publicKey);
    const own = file.cosignatures?.find(({ keyId }) => hexBytes(keyId) === id);
    if (own === undefined || key === first) continue;
    if (isCosignedBy(file, own, key.publicKey)) signers.push(key);
  }
  if (signers.length >= threshold) return signers;
  throw signatureError(
    `${signers.length} of ${threshold} trusted keys signed the file`,
    "Let the others sign it as well: bun-config sign.",
  );
}

/** The file must be this project's, for this audience, and of these days. */
function requireMeant({ meta }: File, { trust, source }: TrustPolicy, today: string): void {
  if (trust.project !== ANY_PROJECT && meta.project !== trust.project) {
    const found = meta.project === undefined ? "no project" : `project ${meta.project}`;
    throw signatureError(
      `the file is signed for ${found}, and ${trust.project} belongs here by ${source}`,
      "Restore this project's own file from git.",
    );
  }
  const { audience = [], expires } = meta.signed ?? {};
  const own = trust.audience;
  if (own === undefined ? audience.length > 0 : !audience.includes(own)) {
    throw signatureError(
      `the file is meant for ${audience.length === 0 ? "no audience" : audience.join(", ")}, ` +
        `and this machine is ${own ?? "of none"}`,
      "Take the file that is signed for this machine's audience.",
    );
  }
  if (expires !== undefined && today > expires) {
    throw signatureError(
      `the signature ended on ${expires}`,
      "Let the file be signed anew: bun-config sign.",
    );
  }
}

function signatureError(message: string, hint: string): ImmuconfigError {
  return new ImmuconfigError("ERR_SIGNATURE", message, { hint });
}

const TRUST_HINT = "If you trust the key that signed it: bun-config trust add KEY.";

/** Says which file is broken, and how to get it back. */
function nameFile(error: unknown, path: string, origin?: Origin): unknown {
  const name = origin?.name ?? path;
  if (error instanceof FormatError) {
    return new FormatError(error.fault, {
      path: name,
      hint: error.hint ?? origin?.hint ?? `Restore it: git restore ${shellWord(path)}`,
      cause: error,
    });
  }
  if (error instanceof ImmuconfigError && error.code === "ERR_SIGNATURE") {
    const hint = origin === undefined ? error.hint : `${origin.hint} ${TRUST_HINT}`;
    return new ImmuconfigError(error.code, `${name}: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
  return error;
}
