import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FormatError } from "../../src/base/errors.ts";
import {
  bitsOf,
  decodeBits,
  encodeBits,
  flagSet,
  flagSetOfWords,
  hasFlag,
  headerFlags,
  isFlagSet,
  NO_FLAGS,
  withFlag,
} from "../../src/format/flag_set.ts";
import { errorOf } from "../support/errors.ts";
import { SEED } from "../support/properties.ts";

const bits = fc.uniqueArray(fc.nat(1023));

/** Where a payload at offset 100 is wrong. */
function faultAt(payload: Uint8Array): number {
  const error = errorOf(() => decodeBits(payload, 100));
  if (!(error instanceof FormatError)) throw new Error("another error", { cause: error });
  return error.fault.offset;
}

describe("a set of flags", () => {
  test("holds the flags that it was made of, and no other", () => {
    fc.assert(
      fc.property(bits, (on) => {
        const flags = flagSet(on);
        const ascending = on.toSorted((a, b) => a - b);
        expect(bitsOf(flags)).toEqual(ascending);
        expect(
          Array.from({ length: 1024 }, (_, bit) => bit).filter((bit) => hasFlag(flags, bit)),
        ).toEqual(ascending);
      }),
      { seed: SEED },
    );
    expect(bitsOf(NO_FLAGS)).toEqual([]);
  });

  test("is another with a flag switched, and the same where it was so", () => {
    const flags = flagSet([0, 31, 32, 1023]);
    expect(withFlag(flags, 32, false)).toBe(flagSet([0, 31, 1023]));
    expect(withFlag(flags, 33, true)).toBe(flagSet([0, 31, 32, 33, 1023]));
    expect(withFlag(flags, 1023, true)).toBe(flags);
    expect(withFlag(flags, 5, false)).toBe(flags);
  });

  test("comes back from the header's word and section bits", () => {
    fc.assert(
      fc.property(bits, (on) => {
        const flags = flagSet(on);
        const payload = encodeBits(flags);
        const high = payload.length === 0 ? NO_FLAGS : decodeBits(payload, 0);
        expect(BigInt(headerFlags(flags)) | high).toBe(flags);
        expect(payload.length % 4).toBe(0);
        expect(payload.length === 0 || payload.slice(-4).some((byte) => byte !== 0)).toBe(true);
      }),
      { seed: SEED },
    );
  });

  test("is read from words", () => {
    const words = new Uint32Array(32);
    words[0] = 0x8000_0001;
    words[31] = 0x8000_0000;
    expect(flagSetOfWords(words)).toBe(flagSet([0, 31, 1023]));
  });

  test("has 1024 bits at most", () => {
    expect([NO_FLAGS, flagSet([1023]), 1n << 1024n, -1n].map(isFlagSet)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test("of section bits says where the bytes are wrong", () => {
    expect(faultAt(new Uint8Array())).toBe(100);
    expect(faultAt(Uint8Array.of(1, 0, 0))).toBe(100);
    expect(faultAt(new Uint8Array(128).fill(1))).toBe(100);
    expect(faultAt(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0))).toBe(104);
  });
});
