import { expect, test } from "bun:test";
import { liesBelow } from "../../src/base/lies_below.ts";

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
