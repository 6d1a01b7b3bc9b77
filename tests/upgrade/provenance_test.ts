// Real signatures and attestations of the public registry check the verifiers themselves.
import { beforeAll, describe, expect, test } from "bun:test";
import { parsePackument, readRelease, type Release } from "../../src/registry/packument.ts";
import { verifyProvenance } from "../../src/trust/provenance.ts";
import { verifySignatures } from "../../src/trust/registry_signature.ts";
import { loadTrustRoots, type TrustRoots } from "../../src/trust/trust_roots.ts";
import { publicRegistryUrl } from "../support/public_registry.ts";
import sigstore from "../vectors/provenance/sigstore-1.0.0.json" with { type: "json" };
import { failure } from "../support/failure.ts";
import tufJs from "../vectors/provenance/tuf-js-1.0.0.json" with { type: "json" };

const now = new Date("2026-11-20T00:00:00Z");
const registry = publicRegistryUrl();

interface Vector {
  name: string;
  version: string;
  published: string;
  integrity: string;
  signatures: { keyid: string; sig: string }[];
  attestations: { predicateType: string; bundle: unknown }[];
}

/** The release that a packument with these facts describes. */
function releaseOf(vector: Vector, changes: Partial<Vector> = {}): Release {
  const { name, version, published, integrity, signatures } = { ...vector, ...changes };
  const tarball = `${registry}/${name}/-/${name}-${version}.tgz`;
  const packument = {
    name,
    versions: { [version]: { name, version, dist: { tarball, integrity, signatures } } },
    time: { [version]: published },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(packument));
  return readRelease(parsePackument(bytes, name), version, registry);
}

let trust: TrustRoots;
beforeAll(async () => {
  trust = await loadTrustRoots(registry, {});
});

describe.each([sigstore, tufJs])("$name $version", (vector: Vector) => {
  test("its signature holds with the shipped keys", () => {
    const { keyId } = verifySignatures(releaseOf(vector), trust.signatureKeys, now);
    expect(keyId).toBe(vector.signatures[0]?.keyid ?? "");
  });

  test("its signature does not hold for another version, digest or name", () => {
    const other = vector.name === "sigstore" ? tufJs : sigstore;
    const changes = [{ version: "1.0.1" }, { integrity: other.integrity }, { name: "other" }];
    for (const change of changes) {
      const verify = () => verifySignatures(releaseOf(vector, change), trust.signatureKeys, now);
      expect(verify).toThrow(/is wrong/);
    }
  });

  test("its key does not sign what was published after the key's end", () => {
    const late = releaseOf(vector, { published: "2025-06-01T00:00:00.000Z" });
    expect(() => verifySignatures(late, trust.signatureKeys, now)).toThrow(/ended on 2025-01-29/);
  });

  test("its provenance holds and names the workflow that built it", async () => {
    const verdict = await verifyProvenance(vector, releaseOf(vector), trust, undefined);
    expect(verdict.signer).toStartWith("https://github.com/");
    expect(verdict.signer).toContain("/.github/workflows/");
  });

  test("its provenance is refused for another version, other bytes and another signer", async () => {
    const other = vector.name === "sigstore" ? tufJs : sigstore;
    const refused = async (release: Release, signer: string | undefined, message: RegExp) => {
      expect((await failure(verifyProvenance(vector, release, trust, signer))).message).toMatch(
        message,
      );
    };
    await refused(releaseOf(vector, { version: "1.0.1" }), undefined, /about another package/);
    await refused(releaseOf(vector, { integrity: other.integrity }), undefined, /other bytes/);
    await refused(releaseOf(vector), "https://github.com/oven-sh/", /signed by .* not by/);
  });

  test("a change of one signed byte is noticed", async () => {
    const changed = structuredClone(vector);
    const envelope = changed.attestations[0]?.bundle as { dsseEnvelope: { payload: string } };
    const payload = Buffer.from(envelope.dsseEnvelope.payload, "base64");
    payload[payload.length - 3] = (payload.at(-3) ?? 0) ^ 1;
    envelope.dsseEnvelope.payload = payload.toString("base64");
    const verdict = verifyProvenance(changed, releaseOf(vector), trust, undefined);
    expect((await failure(verdict)).message).toMatch(/does not verify/);
  });

  test("a statement of publication alone is no provenance", async () => {
    const { attestations } = vector;
    const publication = attestations.filter(({ predicateType }) =>
      predicateType.includes("publish"),
    );
    expect(publication).toHaveLength(1);
    const verdict = verifyProvenance(
      { attestations: publication },
      releaseOf(vector),
      trust,
      undefined,
    );
    expect((await failure(verdict)).message).toMatch(
      /no attestation .* is a statement of provenance/,
    );
  });
});

test("the shipped keys speak for no other registry", async () => {
  const other = await loadTrustRoots("https://registry.example.test", {});
  expect(other.signatureKeys).toEqual([]);
  expect(other.attestationKeys).toEqual([]);
});

test.each([null, { tlogs: [{ publicKey: {} }] }])(
  "a trusted root of %j is refused",
  async (root) => {
    const broken = { ...trust, trustedRoot: root };
    const verdict = verifyProvenance(sigstore, releaseOf(sigstore), broken, undefined);
    expect(await failure(verdict)).toMatchObject({
      code: "ERR_VALUE",
      message: "the Sigstore trusted root cannot be understood",
    });
  },
);
