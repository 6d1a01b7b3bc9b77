/** A Sigstore of the tests' own: a certificate authority, its two logs, and statements by it. */

import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { initializeCA, initializeCTLog, initializeTLog } from "@sigstore/mock";

const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const PREDICATE_TYPE = "https://slsa.dev/provenance/v1";
const ALWAYS = { start: "2020-01-01T00:00:00Z" };
const LOG_URL = "https://log.example.test";

export interface Attestor {
  /** A Sigstore trusted root, as JSON. */
  trustedRoot: unknown;
  /** What a registry answers about a release: one statement of provenance, signed by `signer`. */
  attest: (subject: Subject, signer: string) => Promise<unknown>;
}

interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

/** What a transparency log answers about an entry. */
interface LogEntry {
  body: string;
  integratedTime: number;
  logID: string;
  logIndex: number;
  verification: {
    signedEntryTimestamp: string;
    inclusionProof: { logIndex: number; rootHash: string; treeSize: number; checkpoint: string };
  };
}

interface Subject {
  name: string;
  version: string;
  tarball: Uint8Array;
}

export async function startAttestor(): Promise<Attestor> {
  const [caKeys, ctKeys, logKeys] = [newKeys(), newKeys(), newKeys()];
  const authority = await initializeCA(caKeys, await initializeCTLog(ctKeys));
  const log = await initializeTLog(LOG_URL, logKeys);

  const attest = async (subject: Subject, signer: string): Promise<unknown> => {
    const keys = newKeys();
    const certificate = bufferOf(
      await authority.issueCertificate({
        publicKey: new Uint8Array(spki(keys)),
        subjectAltName: signer,
        extensions: [],
      }),
    );
    const payload = Buffer.from(JSON.stringify(statementAbout(subject)));
    const signature = sign("sha256", preAuthentication(payload), keys.privateKey);
    const answer = await log.log(logBody(payload, signature, certificate));
    const entry = Object.values(answer as Record<string, LogEntry>)[0];
    if (entry === undefined) throw new Error("nothing was logged");
    const { inclusionProof, signedEntryTimestamp } = entry.verification;
    const bundle = {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: {
        certificate: { rawBytes: certificate.toString("base64") },
        tlogEntries: [
          {
            logIndex: String(entry.logIndex),
            logId: { keyId: Buffer.from(entry.logID, "hex").toString("base64") },
            kindVersion: { kind: "dsse", version: "0.0.1" },
            integratedTime: String(entry.integratedTime),
            inclusionPromise: { signedEntryTimestamp },
            inclusionProof: {
              logIndex: String(inclusionProof.logIndex),
              rootHash: Buffer.from(inclusionProof.rootHash, "hex").toString("base64"),
              treeSize: String(inclusionProof.treeSize),
              hashes: [],
              checkpoint: { envelope: inclusionProof.checkpoint },
            },
            canonicalizedBody: entry.body,
          },
        ],
      },
      dsseEnvelope: {
        payload: payload.toString("base64"),
        payloadType: PAYLOAD_TYPE,
        signatures: [{ sig: signature.toString("base64"), keyid: "" }],
      },
    };
    return { attestations: [{ predicateType: PREDICATE_TYPE, bundle }] };
  };

  const rootCertificate = bufferOf(authority.rootCertificate).toString("base64");
  const trustedRoot = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [logInstance(logKeys)],
    ctlogs: [logInstance(ctKeys)],
    certificateAuthorities: [
      {
        subject: { organization: "sigstore.mock", commonName: "sigstore" },
        uri: LOG_URL,
        certChain: { certificates: [{ rawBytes: rootCertificate }] },
        validFor: ALWAYS,
      },
    ],
    timestampAuthorities: [],
  };
  return { trustedRoot, attest };
}

function statementAbout({ name, version, tarball }: Subject) {
  const sha512 = createHash("sha512").update(tarball).digest("hex");
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: `pkg:npm/${name.replace("@", "%40")}@${version}`, digest: { sha512 } }],
    predicateType: PREDICATE_TYPE,
    predicate: {},
  };
}

/** What a DSSE signature covers. */
function preAuthentication(payload: Buffer): Buffer {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function logBody(payload: Buffer, signature: Buffer, certificate: Buffer) {
  const base64 = certificate.toString("base64").replace(/.{64}/g, "$&\n");
  const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  const value = createHash("sha256").update(payload).digest("hex");
  return {
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      envelopeHash: { algorithm: "sha256", value },
      payloadHash: { algorithm: "sha256", value },
      signatures: [
        {
          signature: signature.toString("base64"),
          verifier: Buffer.from(pem).toString("base64"),
        },
      ],
    },
  };
}

function logInstance(keys: KeyPair) {
  const publicKey = spki(keys);
  return {
    baseUrl: LOG_URL,
    hashAlgorithm: "SHA2_256",
    publicKey: {
      rawBytes: publicKey.toString("base64"),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: ALWAYS,
    },
    logId: { keyId: createHash("sha256").update(publicKey).digest("base64") },
  };
}

function newKeys(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function spki({ publicKey }: KeyPair): Buffer {
  return publicKey.export({ format: "der", type: "spki" });
}

function bufferOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
