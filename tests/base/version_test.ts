import { expect, test } from "bun:test";
import { isBelowMinimum } from "../../src/base/version.ts";

test.each([
  ["1.4.5", "1.4.5", false],
  ["1.4.10", "1.4.9", false],
  ["1.4.4", "1.4.5", true],
  ["1.3.14", "1.4.0", true],
  ["2.0.0", "1.9.9", false],
  ["1.4.5-canary.3", "1.4.5", true],
  ["1.4.6-canary.3", "1.4.5", false],
  ["1.4.5+a7733435c", "1.4.5", false],
])("Bun %s is below %s: %p", (version, minimum, isBelow) => {
  expect(isBelowMinimum(version, minimum)).toBe(isBelow);
  expect(isBelowMinimum(version, undefined)).toBe(false);
});
