import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { alternativesOf, matchesGlob } from "../../src/base/glob.ts";

/** Paths of some names. */
function joined(names: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })
    .map((all) => all.join("/"));
}

describe("a pattern", () => {
  test.each([
    ["**/*", "a.ts", true],
    ["**/*", "src/deep/a.ts", true],
    ["**/*", ".hidden/a.ts", false],
    ["src/**/*.ts", "src/a.ts", true],
    ["src/**/*.ts", "src/b/c/a.ts", true],
    ["src/**/*.ts", "lib/a.ts", false],
    ["**/node_modules/**", "node_modules/a/b.js", true],
    ["**/node_modules/**", "x/node_modules/b.js", true],
    ["packages/*", "packages/api", true],
    ["packages/*", "packages/api/src", false],
    ["packages/{api,web}-*", "packages/web-app", true],
    ["a.ts", "aXts", false],
    ["a?.ts", "ab.ts", true],
    ["[ab].ts", "b.ts", true],
    ["[!ab].ts", "b.ts", false],
    ["a(b)+.ts", "a(b)+.ts", true],
  ])("%s and %s: %p", (pattern, path, fits) => {
    expect(matchesGlob(pattern, path)).toBe(fits);
  });

  test("fits what Bun says that it fits", () => {
    const parts = ["a", "b", ".c", "*", "**", "?", "a*", "*b", "{a,b}", "[ab]", "x.ts", "*.ts"];
    const names = ["a", "b", "ab", ".c", "x.ts", "a.ts"];
    // Bun's own matcher lets a wildcard find hidden names, which its walk of a folder does not.
    const visible = joined(names.filter((name) => !name.startsWith(".")));
    fc.assert(
      fc.property(joined(parts), visible, (pattern, path) => {
        fc.pre(!pattern.endsWith("**"));
        expect([pattern, path, matchesGlob(pattern, path)]).toEqual([
          pattern,
          path,
          new Bun.Glob(pattern).match(path),
        ]);
      }),
      { numRuns: 2_000 },
    );
  });
});

test("braces stand for patterns, in one another too", () => {
  expect(alternativesOf("a{b,c{d,e}}").toSorted()).toEqual(["ab", "acd", "ace"]);
  expect(alternativesOf("a{b").toSorted()).toEqual(["a{b"]);
});
