import { expect, test } from "bun:test";
import { isSame } from "../../src/base/same.ts";

test("what nests too deep to be compared is not the same", () => {
  expect(isSame(nested(100), nested(100))).toBe(true);
  expect(isSame(nested(100), nested(99))).toBe(false);
  expect(isSame(nested(20_000), nested(20_000))).toBe(false);
});

function nested(depth: number): unknown {
  return JSON.parse("[".repeat(depth) + "]".repeat(depth));
}
