// Upgrades to releases with provenance, from a registry and a Sigstore of the tests' own.
import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { upgradeProgram } from "../../src/upgrade/engine.ts";
import { loadTrustRoots } from "../../src/trust/trust_roots.ts";
import { type Attestor, startAttestor } from "../support/attestor.ts";
import { failure } from "../support/failure.ts";
import { fakeBun, fakeRelease, product, UpgradeFixture } from "../support/upgrade_fixture.ts";

const WORKFLOW = "https://github.com/oven-sh/bun/.github/workflows/release.yml@refs/tags/v1";
const tarball = fakeRelease("1.4.5");
const subject = { name: product.platformPackage, version: "1.4.5", tarball };

let sigstore: Attestor;
beforeAll(async () => {
  sigstore = await startAttestor();
});

/** Upgrades to a release with these attestations. */
async function upgradeTo(fixture: UpgradeFixture, attestations: unknown): Promise<unknown> {
  const { registry, root } = fixture;
  fixture.install("1.4.4");
  registry.publish(product.platformPackage, { version: "1.4.5", tarball, attestations });
  const trustedRoot = join(root, "trusted-root.json");
  writeFileSync(trustedRoot, JSON.stringify(sigstore.trustedRoot));
  const registryKeys = registry.writeKeys(root);
  const trust = await loadTrustRoots(registry.url, { registryKeys, trustedRoot });
  return upgradeProgram(await fixture.task({ trust }));
}

describe("a release with provenance", () => {
  test("is installed when it was built by its own project", async () => {
    await using fixture = await UpgradeFixture.start();
    await upgradeTo(fixture, await sigstore.attest(subject, WORKFLOW));
    expect(fixture.events).toContainEqual({ kind: "provenance", signer: WORKFLOW });
    expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.5"));
  });

  test("is refused when another project built it", async () => {
    await using fixture = await UpgradeFixture.start();
    const elsewhere = WORKFLOW.replace("oven-sh", "oven-sh-evil");
    const error = await failure(upgradeTo(fixture, await sigstore.attest(subject, elsewhere)));
    expect(error.message).toMatch(/signed by "https:\/\/github\.com\/oven-sh-evil\/.*, not by/);
  });

  test("is refused when the statement is about another package, version or digest", async () => {
    await using fixture = await UpgradeFixture.start();
    const others = [
      { ...subject, name: "@oven/bun-linux-arm64" },
      { ...subject, version: "1.4.6" },
      { ...subject, tarball: new Uint8Array(1) },
    ];
    for (const other of others) {
      const error = await failure(upgradeTo(fixture, await sigstore.attest(other, WORKFLOW)));
      expect(error.code).toBe("ERR_PROVENANCE");
      expect(error.message).toMatch(/about (another package|other bytes)/);
      expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.4"));
    }
  });

  test("is refused when another authority vouches for it", async () => {
    await using fixture = await UpgradeFixture.start();
    const other = await startAttestor();
    const error = await failure(upgradeTo(fixture, await other.attest(subject, WORKFLOW)));
    expect(error.message).toMatch(/does not verify/);
    expect(fixture.names()).toEqual(["bun"]);
  });
});
