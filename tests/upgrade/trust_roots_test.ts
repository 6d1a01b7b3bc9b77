import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policyOf } from "../../src/upgrade/policy.ts";
import { verifySignatures } from "../../src/trust/registry_signature.ts";
import { loadTrustRoots } from "../../src/trust/trust_roots.ts";
import { setMinimumBun } from "../../src/format/edit/set_fields.ts";
import { setRegistry, setUnsignedRegistries } from "../../src/format/edit/set_registries.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { errorOf } from "../support/errors.ts";
import { failure } from "../support/failure.ts";

const registry = "https://registry.example.test";
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "immuconfig-trust-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function keysFile(text: string): { registryKeys: string } {
  const registryKeys = join(folder, "keys.json");
  writeFileSync(registryKeys, text);
  return { registryKeys };
}

describe("a file of registry keys", () => {
  const bad: [string, RegExp][] = [
    ["no json", /is no JSON/],
    ["[]", /holds no list of keys/],
    ['{"keys":[1]}', /holds no list of keys/],
    ['{"keys":[{"keyid":"a"}]}', /without keyid or key/],
    ['{"keys":[{"keyid":"a","key":"AA==","expires":"never"}]}', /expires at no date/],
  ];
  test.each(bad)("that says %s is refused", async (text, message) => {
    const error = await failure(loadTrustRoots(registry, keysFile(text)));
    expect(error.code).toBe("ERR_VALUE");
    expect(error.message).toMatch(message);
  });

  test("that is missing or too large is refused", async () => {
    const missing = loadTrustRoots(registry, { registryKeys: join(folder, "none.json") });
    expect((await failure(missing)).code).toBe("ERR_NOT_FOUND");
    const files = keysFile("{}");
    truncateSync(files.registryKeys, 2 * 1024 * 1024);
    expect((await failure(loadTrustRoots(registry, files))).message).toMatch(/has more than/);
  });

  test("takes the place of the shipped keys", async () => {
    const files = keysFile('{"keys":[{"keyid":"SHA256:own","key":"AA==","expires":null}]}');
    const { signatureKeys } = await loadTrustRoots(registry, files);
    expect(signatureKeys.map(({ keyId }) => keyId)).toEqual(["SHA256:own"]);
  });
});

/** A release that a new key on that curve has signed well. */
function signedWith(namedCurve: string) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
  const release = {
    name: "bun",
    version: "1.4.5",
    tarball: "",
    integrity: "sha512-x",
    digest: "",
    publishedAt: new Date("2026-11-01T00:00:00Z"),
    attested: false,
  };
  const message = Buffer.from("bun@1.4.5:sha512-x");
  const signature = sign("sha256", message, privateKey).toString("base64");
  const key = {
    keyId: "SHA256:k",
    publicKey: publicKey.export({ format: "der", type: "spki" }),
    validFrom: undefined as Date | undefined,
    validUntil: undefined as Date | undefined,
  };
  return { release: { ...release, signatures: [{ keyId: "SHA256:k", signature }] }, key };
}

describe("a signature", () => {
  const now = new Date("2026-11-20T00:00:00Z");

  test("is of curve P-256 and no other", () => {
    const good = signedWith("P-256");
    expect(verifySignatures(good.release, [good.key], now).keyId).toBe("SHA256:k");
    const other = signedWith("P-384");
    expect(() => verifySignatures(other.release, [other.key], now)).toThrow(
      /no public key on the curve P-256/,
    );
  });

  test("is refused in plain words where the key is no key", () => {
    const { release, key } = signedWith("P-256");
    for (const bytes of ["", "AAAA"]) {
      const keys = [{ ...key, publicKey: Buffer.from(bytes) }];
      expect(errorOf(() => verifySignatures(release, keys, now))).toMatchObject({
        code: "ERR_SIGNATURE",
        message: "SHA256:k is no public key on the curve P-256",
      });
    }
  });

  test("holds only while its key is valid, to the millisecond", () => {
    const { release, key } = signedWith("P-256");
    const at = release.publishedAt.getTime();
    const verify = (from: number | undefined, until: number | undefined) => () =>
      verifySignatures(
        release,
        [
          {
            ...key,
            validFrom: from === undefined ? undefined : new Date(from),
            validUntil: until === undefined ? undefined : new Date(until),
          },
        ],
        now,
      );
    expect(verify(at, at + 1)).not.toThrow();
    expect(verify(undefined, at)).toThrow(/expired key/);
    expect(verify(at + 1, undefined)).toThrow(/key that came later/);
  });

  test("of a release without a publish time needs a key that is valid now", () => {
    const { release, key } = signedWith("P-256");
    const undated = { ...release, publishedAt: undefined };
    const ended = { ...key, validUntil: new Date("2026-11-10T00:00:00Z") };
    expect(verifySignatures(undated, [key], now).checkedFor).toEqual(now);
    expect(() => verifySignatures(undated, [ended], now)).toThrow(/expired key/);
  });
});

describe("the record's policy", () => {
  const file = defaultFile({ registry });

  test("names the registry of the package's scope, or the default one", () => {
    expect(policyOf(file, "@oven/bun-linux-x64")).toEqual({
      configVersion: 1,
      registry,
      unsignedRegistries: [],
    });
    const scoped = setRegistry("https://oven.example.test", "@oven")(file);
    expect(policyOf(scoped, "@oven/bun-linux-x64").registry).toBe("https://oven.example.test");
    expect(policyOf(scoped, "bun").registry).toBe(registry);
    expect(() => policyOf({ ...file, meta: {} }, "bun")).toThrow(/pins no registry/);
  });

  test("holds the minimum and the unsigned registries, canonical and in order", () => {
    const urls = "https://B.example.test/,https://a.example.test, https://a.example.test";
    const changed = setUnsignedRegistries(urls)(setMinimumBun("1.4.0")(file));
    expect(policyOf(changed, "bun")).toMatchObject({
      minimumBun: "1.4.0",
      unsignedRegistries: ["https://a.example.test", "https://b.example.test"],
    });
    expect(setUnsignedRegistries("https://a.example.test,https://b.example.test")(changed)).toBe(
      changed,
    );
    expect(setUnsignedRegistries("none")(changed).meta.upgrade).toBeUndefined();
    expect(() => setUnsignedRegistries("no url")).toThrow(/is not a URL/);
  });
});
