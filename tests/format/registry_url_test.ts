import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { canonicalRegistryUrl, isCanonicalRegistryUrl } from "../../src/format/registry_url.ts";
import { errorOf } from "../support/errors.ts";
import { SEED } from "../support/properties.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

describe("canonicalRegistryUrl", () => {
  test.each([
    ["https://registry.example.test", "https://registry.example.test"],
    ["HTTPS://Registry.Example.Test:443/", "https://registry.example.test"],
    ["http://a.test:80//", "http://a.test"],
    ["https://a.test:80", "https://a.test:80"],
    ["https://a.test/Team/./x/../y/", "https://a.test/Team/y"],
    [" https://a.test\n", "https://a.test"],
    ["http://127.1:4873", "http://127.0.0.1:4873"],
    ["http://[::1]:4873/", "http://[::1]:4873"],
    ["https://b\u00fccher.test", "https://xn--bcher-kva.test"],
    ["https://a.test/\u00fc", "https://a.test/%C3%BC"],
  ])("brings %p to %p", (input, canonical) => {
    expect(canonicalRegistryUrl(input)).toBe(canonical);
    expect(isCanonicalRegistryUrl(canonical)).toBe(true);
    if (input !== canonical) expect(isCanonicalRegistryUrl(input)).toBe(false);
  });

  test.each([
    ["", "is not a URL"],
    ["registry.example.test", "is not a URL"],
    ["https://", "is not a URL"],
    ["ftp://a.test", "scheme"],
    ["file:///a", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["https://user@a.test", "credentials"],
    ["https://:secret@a.test", "credentials"],
    ["https://a.test/?", "query"],
    ["https://a.test/?b=c", "query"],
    ["https://a.test#", "fragment"],
    [`https://a.test/${"a".repeat(2048)}`, "too long"],
    // Each takes nine characters once it is escaped.
    [`https://a.test/${"\u6f22".repeat(1000)}`, "too long"],
  ])("refuses %p", (input, reason) => {
    const error = errorOf(() => canonicalRegistryUrl(input));
    expect(error).toBeInstanceOf(ImmuconfigError);
    expect(error).toHaveProperty("code", "ERR_VALUE");
    expect(error).toHaveProperty("message", expect.stringContaining(reason));
    expect(error).toHaveProperty("hint", expect.stringContaining("registry is"));
    expect(isCanonicalRegistryUrl(input)).toBe(false);
  });

  test("takes 2048 characters, and not one more", () => {
    const longest = `https://a.test/${"a".repeat(2033)}`;
    expect(canonicalRegistryUrl(longest)).toBe(longest);
    expect(isCanonicalRegistryUrl(longest)).toBe(true);
    // Slashes at the end are part of the input, and not of the canonical form.
    expect(canonicalRegistryUrl(`https://a.test${"/".repeat(2034)}`)).toBe("https://a.test");
    for (const url of [`${longest}a`, `https://a.test${"/".repeat(2035)}`]) {
      expect(errorOf(() => canonicalRegistryUrl(url))).toHaveProperty("code", "ERR_VALUE");
      expect(isCanonicalRegistryUrl(url)).toBe(false);
    }
    // Here the canonical form is the longer one.
    const grown = `https://a.test/\u00fc${"a".repeat(2027)}`;
    expect(canonicalRegistryUrl(grown)).toHaveLength(2048);
    expect(errorOf(() => canonicalRegistryUrl(`${grown}a`))).toHaveProperty("code", "ERR_VALUE");
  });

  test.each([
    "https://user:secret@a.test",
    "https://user:secret@a test",
    "https://a test/?token=secret",
  ])("does not repeat the secret in %p", (input) => {
    const error = errorOf(() => canonicalRegistryUrl(input));
    expect(error).toHaveProperty("code", "ERR_VALUE");
    expect(String(error)).not.toContain("secret");
  });

  test("gives a URL that is its own canonical form", () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: false, withQueryParameters: false }), (url) => {
        let canonical: string;
        try {
          canonical = canonicalRegistryUrl(url);
        } catch {
          return;
        }
        expect(canonicalRegistryUrl(canonical)).toBe(canonical);
      }),
      { numRuns: 3_000, seed: SEED },
    );
  });
});

describe("isCanonicalRegistryUrl", () => {
  /** Pieces that URLs are made of, and the ones that parsers disagree about. */
  const piece = fc.constantFrom(
    ..."abz019-._~/:@%?#[]\\ \t\n\0".split(""),
    ..."xn-- XN A .. /. /%2e 0x7f 127.1 1e3 :80 :443 \u00fc \u3002 .test example com 0x 08".split(
      " ",
    ),
  );
  const url = fc
    .tuple(fc.constantFrom("http://", "https://"), fc.array(piece, { maxLength: 8 }))
    .map(([scheme, pieces]) => scheme + pieces.join(""));

  // It answers most URLs by a pattern, and must not accept one that the URL parser would change.
  test("accepts only what canonicalRegistryUrl gives", () => {
    let accepted = 0;
    fc.assert(
      fc.property(url, (text) => {
        let canonical: string | undefined;
        try {
          canonical = canonicalRegistryUrl(text);
        } catch {
          canonical = undefined;
        }
        const answer = isCanonicalRegistryUrl(text);
        if (answer) accepted++;
        expect(answer).toBe(canonical === text);
      }),
      { numRuns: 50_000, seed: SEED },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  const label = fc.stringMatching(/^[a-z0-9](?:-?[a-z0-9]){0,35}-?$/);
  const lastLabel = fc.stringMatching(/^[a-z][a-z0-9]{0,70}$/);
  const segment = fc.stringMatching(/^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,20}$/);

  test("agrees with the URL parser on plain URLs", () => {
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 4 }),
        lastLabel,
        fc.array(segment, { maxLength: 3 }),
        (labels, last, segments) => {
          const text = `https://${[...labels, last].join(".")}${segments.map((one) => `/${one}`).join("")}`;
          const parsed = new URL(text);
          expect(parsed.origin + (segments.length === 0 ? "" : parsed.pathname)).toBe(text);
          expect(isCanonicalRegistryUrl(text)).toBe(true);
        },
      ),
      { numRuns: 5_000, seed: SEED },
    );
  });
});
