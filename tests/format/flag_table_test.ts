import { describe, expect, test } from "bun:test";
import { FormatError } from "../../src/base/errors.ts";
import {
  checkFlagName,
  decodeFlagTable,
  encodeFlagTable,
  isFlagName,
} from "../../src/format/flags.ts";
import { errorOf } from "../support/errors.ts";

const FLAGS = [
  { bit: 0, name: "A" },
  { bit: 4, name: "BETA" },
  { bit: 1023, name: `c${"_.-".repeat(19)}9Z` },
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
    expect(faultOf(1, 4)).toEqual({ at: 0, field: "flag bit" });
    expect(faultOf(1, 0xff)).toEqual({ at: 0, field: "flag bit" });
    expect(faultOf(2, 0)).toEqual({ at: 2, field: "flag name length" });
    expect(faultOf(2, 61)).toEqual({ at: 2, field: "flag name length" });
    expect(faultOf(3, 1)).toEqual({ at: 3, field: "flag zero" });
    expect(faultOf(4, 0x2d)).toEqual({ at: 4, field: "flag name" });
    expect(faultOf(2, 59)).toEqual({ at: 63, field: "flag name padding" });
    const twice = encodeFlagTable([...FLAGS.slice(0, 2), { bit: 5, name: "a" }]);
    expect(errorOf(() => decodeFlagTable(twice, START))).toHaveProperty("fault", {
      offset: START + LAST + 4,
      field: "flag name",
      expected: "a name not used before, in whatever case",
      found: '"a"',
    });
  });
});

test("a flag name has 1 to 60 letters, digits, underscores, dots and dashes, a letter first", () => {
  for (const name of ["A", "a", "A_1", "new-checkout", "payments.v2", "a-._", "A".repeat(60)]) {
    expect(isFlagName(name)).toBe(true);
    checkFlagName(name);
  }
  for (const name of ["", "_A", "1A", ".a", "-a", "a b", "A\n", "\u00c4", "A".repeat(61)]) {
    expect(isFlagName(name)).toBe(false);
    expect(errorOf(() => checkFlagName(name))).toHaveProperty("code", "ERR_VALUE");
  }
});
