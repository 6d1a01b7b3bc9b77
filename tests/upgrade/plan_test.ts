import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { parsePackument, readRelease } from "../../src/registry/packument.ts";
import { type Plan, planUpgrade } from "../../src/upgrade/plan.ts";
import { compareVersions, parseVersion } from "../../src/base/version.ts";
import { product } from "../support/upgrade_fixture.ts";

const registry = "https://registry.example.test";
const name = product.platformPackage;
const integrity = `sha512-${"A".repeat(86)}==`;

function manifest(version: string, extra: Record<string, unknown> = {}) {
  const dist = { tarball: `${registry}/${name}/-/x-${version}.tgz`, integrity };
  return [version, { name, version, dist, ...extra }] as const;
}

function packument(latest: string | undefined, manifests: (readonly [string, unknown])[]) {
  const json = { name, "dist-tags": { latest }, versions: Object.fromEntries(manifests) };
  return parsePackument(new TextEncoder().encode(JSON.stringify(json)), name);
}

const usual = packument("1.4.5", [
  manifest("1.4.4"),
  manifest("1.4.5"),
  manifest("1.10.0"),
  manifest("1.11.0", { deprecated: "withdrawn" }),
  manifest("2.0.0"),
  manifest("1.12.0-canary.1"),
]);

function plan(changes: Partial<Parameters<typeof planUpgrade>[0]> & { minimumBun?: string }): Plan {
  const { minimumBun, ...rest } = changes;
  const floor = minimumBun === undefined ? {} : { minimumBun };
  return planUpgrade({
    product,
    policy: { configVersion: 1, registry, unsignedRegistries: [], ...floor },
    packument: usual,
    installed: "1.4.4",
    requested: undefined,
    allowDowngrade: false,
    ...rest,
  });
}

describe("a plan", () => {
  test("goes to the registry's latest, or stays", () => {
    expect(plan({})).toMatchObject({ change: "upgrade", from: "1.4.4", to: "1.4.5" });
    expect(plan({ installed: "1.4.5" })).toMatchObject({ change: "none", to: "1.4.5" });
    expect(plan({ installed: undefined })).toMatchObject({ change: "install", to: "1.4.5" });
  });

  test("goes to the newest of an accepted major when the latest is of another", () => {
    const latest2 = packument("2.0.0", [manifest("1.9.0"), manifest("1.10.0"), manifest("2.0.0")]);
    expect(plan({ packument: latest2 }).to).toBe("1.10.0");
    const only2 = packument("2.0.0", [manifest("2.0.0")]);
    expect(() => plan({ packument: only2 })).toThrow(/no bun that serves config version 1/);
  });

  test("never goes to a withdrawn version or a pre-release by itself", () => {
    const noLatest = packument(undefined, [
      manifest("1.4.5"),
      manifest("1.11.0", { deprecated: "withdrawn" }),
      manifest("1.12.0-canary.1"),
    ]);
    expect(plan({ packument: noLatest }).to).toBe("1.4.5");
  });

  test("goes down only when it may", () => {
    expect(() => plan({ requested: "1.4.4", installed: "1.4.5" })).toThrow(
      /older than the installed/,
    );
    const down = plan({ requested: "1.4.4", installed: "1.4.5", allowDowngrade: true });
    expect(down.change).toBe("downgrade");
    expect(() => plan({ minimumBun: "1.4.6" })).toThrow(/older than 1\.4\.6/);
    expect(plan({ minimumBun: "1.4.6", allowDowngrade: true }).to).toBe("1.4.5");
    expect(plan({ minimumBun: "1.4.5" }).to).toBe("1.4.5");
  });
});

function answer(json: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(json));
}

describe("a packument", () => {
  test("of another package, or of none, is refused", () => {
    const cases: [Uint8Array, RegExp][] = [
      [new TextEncoder().encode("{"), /is no JSON/],
      [new Uint8Array([0x22, 0xff, 0x22]), /is no JSON/],
      [answer([]), /is no object/],
      [answer({ name: "other", versions: {} }), /answered about "other"/],
      [answer({ name }), /has no versions/],
    ];
    for (const [bytes, message] of cases)
      expect(() => parsePackument(bytes, name)).toThrow(message);
  });

  test("whose manifest is about something else is refused", () => {
    const dist = { tarball: `${registry}/x.tgz`, integrity };
    const cases: [unknown, RegExp][] = [
      [null, /about something else/],
      [{ name: "other", version: "1.4.5", dist }, /about something else/],
      [{ name, version: "1.4.4", dist }, /about something else/],
      [{ name, version: "1.4.5" }, /has no dist/],
      [{ name, version: "1.4.5", dist: { ...dist, tarball: 1 } }, /tarball has no URL/],
      [{ name, version: "1.4.5", dist: { ...dist, tarball: "file:///etc/passwd" } }, /elsewhere/],
      [{ name, version: "1.4.5", dist: { ...dist, signatures: {} } }, /no short list/],
      [{ name, version: "1.4.5", dist: { ...dist, signatures: [{}] } }, /no keyid/],
    ];
    for (const [entry, message] of cases) {
      const read = packument("1.4.5", [["1.4.5", entry]]);
      expect(() => readRelease(read, "1.4.5", registry)).toThrow(message);
    }
  });

  test("does not reach into prototypes", () => {
    const read = parsePackument(answer({ name, versions: {}, "dist-tags": {} }), name);
    for (const version of ["__proto__", "constructor", "toString"]) {
      expect(() => readRelease(read, version, registry)).toThrow(/the registry has no/);
    }
  });

  test("ends in nothing but its own errors, whatever the JSON is", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (dist) => {
        const json = `{"name":${JSON.stringify(name)},"versions":{"1.4.5":{"name":${JSON.stringify(name)},"version":"1.4.5","dist":${dist}}}}`;
        try {
          readRelease(parsePackument(new TextEncoder().encode(json), name), "1.4.5", registry);
          return false;
        } catch (error) {
          return error instanceof ImmuconfigError;
        }
      }),
    );
  });
});

describe("versions", () => {
  test("are three numbers without leading zeros", () => {
    expect(parseVersion("1.4.5")).toEqual({ major: 1, minor: 4, patch: 5 });
    for (const text of [
      "1.4",
      "v1.4.5",
      "1.4.5-rc.1",
      "1.04.5",
      "1.4.5 ",
      "",
      "1.4.5.6",
      "1e1.0.0",
    ]) {
      expect(parseVersion(text)).toBeUndefined();
    }
  });

  test("are ordered as Bun orders them", () => {
    const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((parts) => parts.join("."));
    fc.assert(
      fc.property(
        version,
        version,
        (a, b) => Math.sign(compareVersions(a, b)) === Bun.semver.order(a, b),
      ),
    );
  });
});
