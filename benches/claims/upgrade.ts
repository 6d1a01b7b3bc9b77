/** 67 ns to validate a new program before it replaces the old one. */

import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { native } from "../../src/native/index.ts";
import type { Release } from "../../src/registry/packument.ts";
import { type RegistryKey, verifySignatures } from "../../src/trust/registry_signature.ts";
import { check, compare } from "../support/measure.ts";
import type { ZigLoops } from "../support/zig_loops.ts";
import { Fixture } from "./fixture.ts";
import { type ClaimRow, each, type Effort } from "./row.ts";

const CLAIM = { claim: "upgrade: validation", claimNs: 67 } as const;
/** Bytes of a real release of Bun, to the nearest million. */
const RELEASE_SIZE = 52_000_000;

export async function upgradeRows(effort: Effort, zig: ZigLoops): Promise<ClaimRow[]> {
  return [await header(effort, zig), await signature(effort), await digest(effort)];
}

async function header({ pairs, times }: Effort, zig: ZigLoops): Promise<ClaimRow> {
  using fixture = new Fixture();
  const record = fixture.bytes.slice(4, 17);
  check(native.verifyRecord(record).fault === "none", "the record is refused");
  const broken = record.with(0, 0);
  check(native.verifyRecord(broken).fault !== "none", "a broken record is accepted");
  const count = times(20_000);
  return {
    ...CLAIM,
    meaning: "a 13-byte record in front of it, checked natively: anyone can write one",
    floor: "an empty call by `bun:ffi`",
    result: await compare(pairs, {
      subject: each(count, () => native.verifyRecord(record)),
      floor: each(count, () => zig.bench_empty()),
    }),
  };
}

/** ECDSA P-256, as the registry signs; the key is the bench's own. */
async function signature({ pairs, times }: Effort): Promise<ClaimRow> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const key: RegistryKey = {
    keyId: "SHA256:bench",
    publicKey: publicKey.export({ format: "der", type: "spki" }),
    validFrom: undefined,
    validUntil: undefined,
  };
  const digestText = Buffer.alloc(64).toString("base64");
  const release: Omit<Release, "signatures"> = {
    name: "bench",
    version: "1.0.0",
    tarball: "https://registry.example.test/bench-1.0.0.tgz",
    integrity: `sha512-${digestText}`,
    digest: digestText,
    publishedAt: undefined,
    attested: false,
  };
  const message = Buffer.from(`bench@1.0.0:${release.integrity}`);
  const signed = sign("sha256", message, privateKey);
  const signatures = [{ keyId: key.keyId, signature: signed.toString("base64") }];
  const now = new Date();
  const run = (): string => verifySignatures({ ...release, signatures }, [key], now).keyId;
  check(run() === key.keyId, "the signature is refused");
  const bareKey = createPublicKey(publicKey.export({ format: "pem", type: "spki" }));
  const count = times(20);
  return {
    ...CLAIM,
    meaning: "the registry's signature of the release",
    floor: "a bare ECDSA P-256 verification",
    result: await compare(pairs, {
      subject: each(count, run),
      floor: each(count, () => verify("sha256", message, bareKey, signed)),
    }),
  };
}

async function digest({ slowPairs, times }: Effort): Promise<ClaimRow> {
  const bytes = new Uint8Array(times(RELEASE_SIZE)).fill(1);
  const target = new Uint8Array(bytes.length);
  const hash = (): string => new Bun.CryptoHasher("sha512").update(bytes).digest("hex");
  const expected = hash();
  check(expected.length === 128, "the digest has another length");
  return {
    ...CLAIM,
    meaning: "the sha512 of a release of 52 MB, hashed while it is downloaded",
    floor: "a copy of the same bytes",
    result: await compare(Math.min(slowPairs, 9), {
      subject: each(1, () => check(hash() === expected, "the digest differs")),
      floor: each(1, () => target.set(bytes)),
    }),
  };
}
