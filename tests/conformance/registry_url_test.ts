import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalRegistryUrl } from "../../src/format/registry_url.ts";
import { openCores } from "../support/native_cores.ts";

/** Pieces of URLs, plain and odd, that meet in every order. */
const piece = fc.constantFrom(
  ..."https:// HTTP:// ftp:// registry Registry .example .test .TEST xn-- -- - 127.0.0.1 0x7f".split(
    " ",
  ),
  ...":443 :80 :4873 : / // /../ /./ /. .. %2e %41 ~ _ @ ? # \\ é \u{1f600} [::1] a:b@".split(" "),
  "\t",
  " ",
  "x".repeat(64),
);
const url = fc
  .tuple(fc.constantFrom("https://", "HTTP://", "http://", ""), fc.array(piece, { maxLength: 7 }))
  .map(([scheme, pieces]) => scheme + pieces.join(""));

function answer(canonical: (input: string) => string, input: string): string {
  try {
    return canonical(input);
  } catch (error) {
    return String(error);
  }
}

describe.each(openCores().map((core) => [core.backend, core] as const))("%s", (_, core) => {
  test("gives the canonical form of the full parser, or its error", () => {
    fc.assert(
      fc.property(url, (input) => {
        expect([input, answer((text) => core.canonicalRegistryUrl(text), input)]).toEqual([
          input,
          answer(canonicalRegistryUrl, input),
        ]);
      }),
      { numRuns: 20_000 },
    );
  });

  test.each([
    ["HTTPS://Registry.Example.Test:443/", "https://registry.example.test"],
    ["http://registry.example.test:80/A/b//", "http://registry.example.test/A/b"],
    ["https://registry.example.test:4873/x/../y", "https://registry.example.test:4873/y"],
  ])("makes %s canonical", (input, expected) => {
    expect(core.canonicalRegistryUrl(input)).toBe(expected);
  });
});
