// Every way in which a release, a registry or a disk can be wrong: each is refused with a message
// of its own, and the installed program is as it was.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ErrorCode } from "../../src/base/errors.ts";

import { type UpgradeTask, upgradeProgram } from "../../src/upgrade/engine.ts";
import { loadTrustRoots } from "../../src/trust/trust_roots.ts";
import { publicRegistryUrl } from "../support/public_registry.ts";
import { packRelease, packTarball, type TarEntry } from "../support/tarball.ts";
import { integrityOf, type ServedRelease, TestRegistry } from "../support/test_registry.ts";
import { fakeBun, fakeRelease, product, UpgradeFixture } from "../support/upgrade_fixture.ts";
import { failure } from "../support/failure.ts";
import attestedElsewhere from "../vectors/provenance/sigstore-1.0.0.json" with { type: "json" };

interface Refusal {
  name: string;
  /** How the release differs from a good one. */
  release?: (good: ServedRelease, registry: TestRegistry) => Partial<ServedRelease>;
  task?: (fixture: UpgradeFixture) => Partial<UpgradeTask> | Promise<Partial<UpgradeTask>>;
  code: ErrorCode;
  message: RegExp;
}

const good = fakeRelease("1.4.5");
const sha1 = `sha1-${createHash("sha1").update(good).digest("base64")}`;

const refusals: Refusal[] = [
  {
    name: "a digest that is absent",
    release: () => ({ integrity: undefined }),
    code: "ERR_DIGEST",
    message: /gives no integrity digest/,
  },
  {
    name: "a digest that is weak",
    release: () => ({ integrity: sha1 }),
    code: "ERR_DIGEST",
    message: /too weak: "sha1-/,
  },
  {
    name: "a digest that is malformed",
    release: () => ({ integrity: "sha512-AAAA" }),
    code: "ERR_DIGEST",
    message: /malformed: "sha512-AAAA"/,
  },
  {
    name: "a strong digest beside a weak one",
    release: () => ({ integrity: `${sha1} ${integrityOf(good)}` }),
    code: "ERR_DIGEST",
    message: /too weak/,
  },
  {
    name: "a digest of other bytes",
    release: () => ({ integrity: integrityOf(new Uint8Array(1)) }),
    code: "ERR_DIGEST",
    message: /another sha512 digest: expected \S+, found \S+/,
  },
  {
    name: "a signature that is absent",
    release: () => ({ signatures: [] }),
    code: "ERR_SIGNATURE",
    message: /did not sign @oven\/bun-linux-x64 1\.4\.5/,
  },
  {
    name: "a signature of another version",
    release: (_, registry) => ({
      signatures: [registry.sign(product.platformPackage, "1.4.6", integrityOf(good))],
    }),
    code: "ERR_SIGNATURE",
    message: /signature of .* is wrong/,
  },
  {
    name: "a signature that is no signature",
    release: (_, registry) => ({ signatures: [{ keyid: registry.keyId, sig: "bogus" }] }),
    code: "ERR_SIGNATURE",
    message: /signature of .* is wrong/,
  },
  {
    name: "a wrong signature beside a right one",
    release: (_, registry) => ({
      signatures: [
        registry.sign(product.platformPackage, "1.4.5", integrityOf(good)),
        registry.sign(product.platformPackage, "1.4.6", integrityOf(good)),
      ],
    }),
    code: "ERR_SIGNATURE",
    message: /signature of .* is wrong/,
  },
  {
    name: "a signature by an unknown key",
    release: () => ({ signatures: [{ keyid: "SHA256:unknown", sig: "AAAA" }] }),
    code: "ERR_SIGNATURE",
    message: /signed by an unknown key: "SHA256:unknown"/,
  },
  {
    name: "a signature by a key that had expired",
    task: async (fixture) => {
      const registryKeys = fixture.registry.writeKeys(fixture.root, "2026-10-31T00:00:00.000Z");
      return { trust: await loadTrustRoots(fixture.registry.url, { registryKeys }) };
    },
    code: "ERR_SIGNATURE",
    message: /expired key: \S+ ended on 2026-10-31, the release is of 2026-11-01/,
  },
  {
    name: "a registry that the record accepts unsigned, but whose signature is wrong",
    release: (_, registry) => ({ signatures: [{ keyid: registry.keyId, sig: "AAAA" }] }),
    task: ({ registry: { url } }) => ({
      policy: { configVersion: 1, registry: url, unsignedRegistries: [url] },
    }),
    code: "ERR_SIGNATURE",
    message: /signature of .* is wrong/,
  },
  {
    name: "provenance for another package",
    release: () => ({ attestations: attestedElsewhere }),
    task: async (fixture) => ({ trust: await shippedTrustAnd(fixture) }),
    code: "ERR_PROVENANCE",
    message: /about another package: "pkg:npm\/sigstore@1\.0\.0"/,
  },
  {
    name: "provenance that is declared, but empty",
    release: () => ({ attestations: { attestations: [] } }),
    code: "ERR_PROVENANCE",
    message: /no attestation of .* is a statement of provenance/,
  },
  {
    name: "provenance that does not verify",
    release: () => ({ attestations: { attestations: [{ predicateType: "x", bundle: {} }] } }),
    code: "ERR_PROVENANCE",
    message: /does not verify/,
  },
  {
    name: "a version older than the installed one",
    task: () => ({ requested: "1.4.3" }),
    code: "ERR_DOWNGRADE",
    message: /bun 1\.4\.3 is older than the installed 1\.4\.4/,
  },
  {
    name: "a version below the record's minimum",
    task: ({ registry: { url } }) => ({
      policy: { configVersion: 1, registry: url, unsignedRegistries: [], minimumBun: "1.5.0" },
    }),
    code: "ERR_BUN_VERSION",
    message: /Bun 1\.4\.5 is older than 1\.5\.0, the lowest that may run this project/,
  },
  {
    name: "a major version that the record's config version does not take",
    task: () => ({ requested: "2.0.0" }),
    code: "ERR_VALUE",
    message: /bun 2\.0\.0 does not serve config version 1, which takes 1\.x/,
  },
  {
    name: "a pre-release",
    task: () => ({ requested: "1.5.0-canary.1" }),
    code: "ERR_VALUE",
    message: /"1\.5\.0-canary\.1" is not a released version/,
  },
  {
    name: "a version that the registry does not have",
    task: () => ({ requested: "1.4.99" }),
    code: "ERR_NOT_FOUND",
    message: /has no @oven\/bun-linux-x64 1\.4\.99/,
  },
  {
    name: "a body without end",
    release: () => ({
      serve: (_request, response) => {
        response.writeHead(200);
        const chunk = new Uint8Array(16 * 1024);
        const more = (): void => {
          if (!response.destroyed) response.write(chunk, () => setImmediate(more));
        };
        more();
      },
    }),
    task: () => ({ tarballSizeMax: 256 * 1024 }),
    code: "ERR_REGISTRY",
    message: /more than the 262144 bytes/,
  },
  {
    name: "a body that claims to be too long",
    task: () => ({ tarballSizeMax: 64 }),
    code: "ERR_REGISTRY",
    message: /more than the 64 bytes/,
  },
  {
    name: "a body that is cut off",
    release: () => ({
      serve: (_request, response) => {
        response.writeHead(200, { "content-length": good.length });
        response.write(good.subarray(0, 100));
        setTimeout(() => response.destroy(), 50);
      },
    }),
    code: "ERR_NETWORK",
    message: /stopped after \d+( of \d+)? bytes/,
  },
  {
    name: "a tarball on another machine",
    release: () => ({ dist: { tarball: "https://elsewhere.example.test/bun.tgz" } }),
    code: "ERR_REGISTRY",
    message: /its tarball is elsewhere: "https:\/\/elsewhere/,
  },
  {
    name: "a redirect",
    release: () => ({
      serve: (_request, response) => {
        response.writeHead(302, { location: "https://elsewhere.example.test/" });
        response.end();
      },
    }),
    code: "ERR_REGISTRY",
    message: /with status 302/,
  },
  tarballCase("an extra file", [{ path: "package/extra.sh" }], /an extra file: package\/extra\.sh/),
  tarballCase(
    "a symbolic link",
    [{ path: "package/LICENSE", type: "2", linkTarget: "/etc/passwd" }],
    /package\/LICENSE is a symbolic link, not a file/,
  ),
  tarballCase(
    "a hard link",
    [{ path: "package/LICENSE", type: "1", linkTarget: "package/bin/bun" }],
    /package\/LICENSE is a hard link, not a file/,
  ),
  tarballCase(
    "an absolute path",
    [{ path: "/etc/cron.d/x" }],
    /absolute path: "\/etc\/cron\.d\/x"/,
  ),
  tarballCase(
    "a path upwards",
    [{ path: "package/../../x" }],
    /leaves the archive: "package\/\.\.\//,
  ),
  tarballCase("a second program", [{ path: product.member }], /bin\/bun is there twice/),
  {
    name: "a tarball without the program",
    release: withTarball(packTarball([{ path: "package/package.json" }])),
    code: "ERR_ARCHIVE",
    message: /it has no package\/bin\/bun/,
  },
  {
    name: "a tarball that ends in the middle",
    release: withTarball(packTarball([{ path: product.member, content: "x", claimedSize: 9999 }])),
    code: "ERR_ARCHIVE",
    message: /ends in the middle/,
  },
  {
    name: "a tarball that is no gzip file",
    release: withTarball(Buffer.from("no gzip")),
    code: "ERR_ARCHIVE",
    message: /no whole gzip file/,
  },
  programCase("does not run", "\u007fELF is not enough", /does not run/),
  programCase("fails", "#!/bin/sh\nexit 3\n", /--revision failed with status 3/),
  programCase(
    "reports another version",
    fakeBun("1.4.6"),
    /another version: expected 1\.4\.5, found "1\.4\.6\+/,
  ),
  programCase(
    "talks without end",
    "#!/bin/sh\nexec cat /dev/zero\n",
    /prints more than 4096 bytes/,
  ),
  {
    ...programCase("hangs", "#!/bin/sh\nsleep 600\n", /did not end within 0\.3 s/),
    task: () => ({ probeWaitMs: 300 }),
  },
];

describe.each(refusals)("refused: $name", ({ release, task, code, message }) => {
  let fixture: UpgradeFixture;
  beforeAll(async () => {
    fixture = await UpgradeFixture.start();
  });
  afterAll(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  test("with a message of its own, and the program untouched", async () => {
    fixture.install("1.4.4");
    fixture.publish("1.4.3");
    const served: ServedRelease = { version: "1.4.5", tarball: good };
    fixture.registry.publish(product.platformPackage, {
      ...served,
      ...release?.(served, fixture.registry),
    });

    const error = await failure(upgradeProgram(await fixture.task(await task?.(fixture))));

    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.4"));
    const kept = code === "ERR_NETWORK" ? [".bun.upgrade-1.4.5.part"] : [];
    expect(fixture.names()).toEqual([...kept, "bun"]);
  });
});

function tarballCase(name: string, extra: TarEntry[], message: RegExp): Refusal {
  const tarball = packRelease(product.member, fakeBun("1.4.5"), extra);
  return {
    name: `a tarball with ${name}`,
    release: withTarball(tarball),
    code: "ERR_ARCHIVE",
    message,
  };
}

function programCase(name: string, program: string, message: RegExp): Refusal {
  return {
    name: `a program that ${name}`,
    release: withTarball(packRelease(product.member, program)),
    code: "ERR_PROGRAM",
    message,
  };
}

function withTarball(tarball: Uint8Array): () => Partial<ServedRelease> {
  return () => ({ tarball });
}

/** The keys and the root that are shipped, and the test registry's own key for signatures. */
async function shippedTrustAnd(fixture: UpgradeFixture): Promise<UpgradeTask["trust"]> {
  const { trust } = await fixture.task();
  const publicTrust = await loadTrustRoots(publicRegistryUrl(), {});
  return { ...publicTrust, signatureKeys: trust.signatureKeys };
}
