import { describe, expect, test } from "bun:test";
import { FormatError } from "../../src/base/errors.ts";
import {
  checkFlagName,
  decodeFlagTable,
  encodeFlagTable,
  flagMask,
  isFlagName,
} from "../../src/format/flags.ts";
import { errorOf } from "../support/errors.ts";

const FLAGS = [
  { bit: 0, name: "A" },
  { bit: 4, name: "BETA" },
  { bit: 31, name: `C${"_9".repeat(30)}Z` },
];
/** Where the payload stands in its file. */
const START = 1000;
/** Where the last entry stands in the payload. */
const LAST = 2 * 64;

/** The fault in a table whose last entry has another byte. */
function faultOf(at: number, byte: number) {
  const payload = encodeFlagTable(FLAGS).with(LAST + at, byte);
  const error = errorOf(() => decodeFlagTable(payload, START));
  if (!(error instanceof FormatError)) throw new Error("another error", { cause: error });
  const { offset, field } = error.fault;
  return { at: offset - START - LAST, field };
}

describe("a flag table", () => {
  test("comes back from its bytes", () => {
    expect(decodeFlagTable(encodeFlagTable(FLAGS), START)).toEqual(FLAGS);
  });

  test("with a fault in a later entry names the byte", () => {
    expect(faultOf(0, 32)).toEqual({ at: 0, field: "flag bit" });
    expect(faultOf(0, 4)).toEqual({ at: 0, field: "flag bit" });
    expect(faultOf(1, 0)).toEqual({ at: 1, field: "flag name length" });
    expect(faultOf(1, 63)).toEqual({ at: 1, field: "flag name length" });
    expect(faultOf(2, 0x61)).toEqual({ at: 2, field: "flag name" });
    expect(faultOf(1, 61)).toEqual({ at: 63, field: "flag name padding" });
    const twice = encodeFlagTable([...FLAGS.slice(0, 2), { bit: 5, name: "A" }]);
    expect(errorOf(() => decodeFlagTable(twice, START))).toHaveProperty("fault", {
      offset: START + LAST + 2,
      field: "flag name",
      expected: "a name not used before",
      found: '"A"',
    });
  });
});

test("a flag name has 1 to 62 capital letters, digits and underscores", () => {
  for (const name of ["A", "A_1", "A".repeat(62)]) {
    expect(isFlagName(name)).toBe(true);
    checkFlagName(name);
  }
  for (const name of ["", "a", "_A", "1A", "A-B", "A\n", "\u00c4", "A".repeat(63)]) {
    expect(isFlagName(name)).toBe(false);
    expect(errorOf(() => checkFlagName(name))).toHaveProperty("code", "ERR_VALUE");
  }
});

test("a flag's mask is its bit, unsigned", () => {
  for (let bit = 0; bit < 32; bit++) expect(flagMask(bit)).toBe(2 ** bit);
});
