/** Sigstore's attestations of a release. */

import { ImmuconfigError, messageOf } from "../base/errors.ts";
import { ATTESTATION_COUNT_MAX } from "../base/limits.ts";
import { isObject } from "../base/json.ts";
import { printable, quote } from "../base/text.ts";
import { type Release } from "../registry/packument.ts";
import type { TrustRoots } from "./trust_roots.ts";

const PROVENANCE = "https://slsa.dev/provenance/";

/** A provenance statement that holds. */
export interface ProvenanceVerdict {
  /** Who signed it: the identity in its certificate, such as a workflow's URL. */
  signer: string;
}

/**
 * Checks the attestations of a release with Sigstore: every one of them must hold, be about
 * exactly this package, version and digest, and one must be a statement of provenance.
 *
 * @param answer the registry's answer, unread JSON
 * @param signerPrefix what the signer's identity must begin with, if it matters
 * @throws ImmuconfigError `ERR_PROVENANCE` when an attestation is malformed, does not verify, is
 * about something else, or was signed by someone else.
 */
export async function verifyProvenance(
  answer: unknown,
  release: Release,
  trust: TrustRoots,
  signerPrefix: string | undefined,
): Promise<ProvenanceVerdict> {
  const what = `${release.name} ${release.version}`;
  const verifyBundle = await bundleVerifier(trust, what);
  let verdict: ProvenanceVerdict | undefined;
  for (const { predicateType, bundle } of attestationsOf(answer, what)) {
    const { signer, statement } = verifyBundle(bundle);
    checkStatement(statement, predicateType, release);
    if (!predicateType.startsWith(PROVENANCE)) continue;
    if (signer === undefined || !signer.startsWith(signerPrefix ?? "")) {
      throw provenanceError(
        `the provenance of ${what} is signed by ${signer === undefined ? "a bare key" : quote(signer)}, ` +
          `not by ${signerPrefix ?? "a named identity"}`,
      );
    }
    verdict = { signer: printable(signer) };
  }
  if (verdict !== undefined) return verdict;
  throw provenanceError(`no attestation of ${what} is a statement of provenance`);
}

interface Attestation {
  predicateType: string;
  bundle: unknown;
}

function attestationsOf(answer: unknown, what: string): Attestation[] {
  const list = isObject(answer) ? answer["attestations"] : undefined;
  if (!Array.isArray(list) || list.length > ATTESTATION_COUNT_MAX) {
    throw provenanceError(`the attestations of ${what} are no short list`);
  }
  return list.map((entry: unknown) => {
    const predicateType = isObject(entry) ? entry["predicateType"] : undefined;
    if (!isObject(entry) || typeof predicateType !== "string") {
      throw provenanceError(`an attestation of ${what} has no type`);
    }
    return { predicateType, bundle: entry["bundle"] };
  });
}

interface VerifiedBundle {
  signer: string | undefined;
  statement: unknown;
}

/** Loads Sigstore, which costs tens of milliseconds, only when there is something to verify. */
async function bundleVerifier(
  trust: TrustRoots,
  what: string,
): Promise<(bundle: unknown) => VerifiedBundle> {
  const { bundleFromJSON } = await import("@sigstore/bundle");
  const { TrustedRoot, PublicKeyDetails } = await import("@sigstore/protobuf-specs");
  const { toSignedEntity, toTrustMaterial, Verifier } = await import("@sigstore/verify");
  const keys = Object.fromEntries(
    trust.attestationKeys.map((key) => [
      key.keyId,
      {
        rawBytes: Buffer.from(key.publicKey),
        keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
        validFor: { start: key.validFrom ?? new Date(0), end: key.validUntil },
      },
    ]),
  );
  let verifier: InstanceType<typeof Verifier>;
  try {
    verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(trust.trustedRoot), keys));
  } catch (cause) {
    throw new ImmuconfigError("ERR_VALUE", "the Sigstore trusted root cannot be understood", {
      hint: "Check the file that --trusted-root names.",
      cause,
    });
  }
  return (json) => {
    try {
      const bundle = bundleFromJSON(json);
      const { identity } = verifier.verify(toSignedEntity(bundle));
      if (bundle.content.$case !== "dsseEnvelope") throw new Error("it signs no statement");
      const payload: unknown = JSON.parse(bundle.content.dsseEnvelope.payload.toString("utf8"));
      return { signer: identity?.subjectAlternativeName, statement: payload };
    } catch (cause) {
      const reason = messageOf(cause);
      throw provenanceError(`an attestation of ${what} does not verify: ${reason}`, cause);
    }
  };
}

/** The signed statement must be about this release and nothing else. */
function checkStatement(statement: unknown, predicateType: string, release: Release): void {
  const what = `${release.name} ${release.version}`;
  if (!isObject(statement) || statement["predicateType"] !== predicateType) {
    throw provenanceError(`an attestation of ${what} is not of the type that it claims`);
  }
  const subjects = statement["subject"];
  const subject: unknown = Array.isArray(subjects) && subjects.length === 1 ? subjects[0] : {};
  const expected = `pkg:npm/${release.name.replace(/^@/, "%40")}@${release.version}`;
  const name = isObject(subject) ? subject["name"] : undefined;
  if (name !== expected) {
    throw provenanceError(`an attestation of ${what} is about another package: ${quote(name)}`);
  }
  const digest = isObject(subject) && isObject(subject["digest"]) ? subject["digest"] : {};
  if (digest["sha512"] !== Buffer.from(release.digest, "base64").toString("hex")) {
    throw provenanceError(`an attestation of ${what} is about other bytes`);
  }
}

function provenanceError(message: string, cause?: unknown): ImmuconfigError {
  return new ImmuconfigError("ERR_PROVENANCE", message, {
    hint: "Nothing was installed. Choose another version, or ask its publisher.",
    cause,
  });
}
