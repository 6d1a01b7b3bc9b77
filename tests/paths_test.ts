import { expect, test } from "bun:test";
import { relative, resolve } from "node:path";
import fc from "fast-check";
import { absolutePath, liesBelow, relativePath, shownPath } from "../src/base/paths.ts";

const NAME = fc.constantFrom("a", "b", "c.ts", ".", "..", "", " ", "…", ".hidden", "a\\b");
const PATH = fc.array(NAME, { maxLength: 7 }).map((names) => names.join("/"));
const FOLDER = PATH.map((path) => resolve("/", path));

test("a path is what node:path says", () => {
  fc.assert(
    fc.property(FOLDER, FOLDER, PATH, (folder, other, path) => {
      const absolute = absolutePath(folder, path);
      expect(absolute).toBe(resolve(folder, path));
      expect(relativePath(folder, absolute)).toBe(relative(folder, absolute));
      expect(relativePath(folder, other)).toBe(relative(folder, other));
    }),
    { numRuns: 2000 },
  );
});

test("a path is shown with slashes", () => {
  expect(shownPath("/c", resolve("/a", "b").replace(/^[A-Z]:/, ""))).toBe("/a/b");
  expect(shownPath("/a", "/a/b")).toBe("b");
  expect(shownPath("/a", "/a/..b")).toBe("..b");
});

test.each([
  ["/a/b", "/a", true],
  ["/a/b/c", "/a", true],
  ["/a", "/", true],
  ["/a", "/a", false],
  ["/", "/", false],
  ["/ab", "/a", false],
  ["/a", "/a/b", false],
])("%p below %p: %p", (path, folder, isBelow) => {
  expect(liesBelow(path, folder)).toBe(isBelow);
});

test.skipIf(process.platform === "win32")("a backslash is a letter of a name here", () => {
  expect(liesBelow("/a\\/b", "/a\\")).toBe(true);
  expect(liesBelow("/a\\b", "/a")).toBe(false);
});
