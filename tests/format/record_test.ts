import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FormatError } from "../../src/base/errors.ts";
import {
  type Record,
  decodeRecord,
  encodeRecord,
  recordFromText,
  recordToText,
  settingsChecksum,
  TERMINAL_MODES,
} from "../../src/format/record.ts";
import { errorOf } from "../support/errors.ts";
import { SEED } from "../support/properties.ts";

const GOLDEN = "014074c8c80400000001185099";

const anyRecord: fc.Arbitrary<Record> = fc.record({
  version: fc.nat(1),
  registryHash: fc.nat(0xffff_ffff),
  featureFlags: fc.bigInt({ min: 0n, max: 2n ** 1024n - 1n }),
  terminalMode: fc.constantFrom(...TERMINAL_MODES),
  rows: fc.nat(255),
  cols: fc.nat(255),
});

function faultOf(action: () => unknown): { offset: number; field: string } {
  const error = errorOf(action);
  if (!(error instanceof FormatError)) throw new Error("not a FormatError", { cause: error });
  return { offset: error.fault.offset, field: error.fault.field };
}

describe("a record alone", () => {
  test("has the golden text form", () => {
    expect(recordFromText(GOLDEN)).toEqual({
      version: 1,
      registryHash: 0xc8c87440,
      featureFlags: 4n,
      terminalMode: "cooked",
      rows: 24,
      cols: 80,
    });
  });

  test("calls its terminal modes as the format does", () => {
    const modes = [0, 1, 2, 3].map((mode) => {
      const record = { ...recordFromText(GOLDEN), terminalMode: TERMINAL_MODES[mode] ?? "none" };
      const bytes = encodeRecord(record);
      expect(bytes[9]).toBe(mode);
      return decodeRecord(bytes).terminalMode;
    });
    expect<string[]>(modes).toEqual(["none", "cooked", "raw", "pipe"]);
  });

  test("has a checksum whose lowest byte is its check byte", () => {
    const checksum = settingsChecksum(recordFromText(GOLDEN));
    expect(checksum).toEqual({ low: 0xf45f_7899, high: 0x25a2_2d89 });
  });

  test("comes back from its bytes and from its text", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const featureFlags = record.featureFlags & 0xffff_ffffn;
        expect(decodeRecord(encodeRecord(record))).toEqual({ ...record, featureFlags });
        expect(recordFromText(recordToText(record))).toEqual(record);
      }),
      { numRuns: 2_000, seed: SEED },
    );
  });

  test("is refused with any bit flipped", () => {
    for (let bit = 0; bit < 13 * 8; bit++) {
      const bytes = new Uint8Array(Buffer.from(GOLDEN, "hex"));
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(faultOf(() => decodeRecord(bytes))).toEqual({ offset: 12, field: "check byte" });
    }
  });

  test.each([
    "",
    GOLDEN.slice(2),
    `${GOLDEN}00`,
    GOLDEN.toUpperCase(),
    ` ${GOLDEN.slice(1)}`,
    `0x${GOLDEN.slice(2)}`,
    `${GOLDEN}.0100000`,
    `${GOLDEN}.0100000A`,
    `${GOLDEN}.01000000.`,
  ])("is refused as the text %p", (text) => {
    expect(faultOf(() => recordFromText(text))).toEqual({ offset: 0, field: "record" });
  });

  test("says in its text which flags from 32 on are on", () => {
    const record = { ...recordFromText(GOLDEN), featureFlags: 4n | (1n << 32n) | (1n << 127n) };
    const text = `${GOLDEN}.010000000000000000000080`;
    expect(recordToText(record)).toBe(text);
    expect(recordFromText(text)).toEqual(record);
    const [first, last] = [32, 1023].map((bit) => ({ ...record, featureFlags: 1n << BigInt(bit) }));
    if (first === undefined || last === undefined) throw new Error("two records");
    expect(recordToText(first)).toEndWith(".01000000");
    expect(recordToText(last)).toEndWith(`.${"00".repeat(123)}80`);
  });

  test.each(["", "010000", "00000000", "0100000000000000", "01".repeat(128)])(
    "is refused with the words %p",
    (words) => {
      expect(faultOf(() => recordFromText(`${GOLDEN}.${words}`)).field).toBe("bits");
    },
  );

  test("is refused at another length", () => {
    expect(faultOf(() => decodeRecord(new Uint8Array(12)))).toEqual({ offset: 0, field: "record" });
    expect(faultOf(() => decodeRecord(new Uint8Array(14)))).toEqual({ offset: 0, field: "record" });
  });

  test("is refused with a right check byte over an unknown value", () => {
    const record = recordFromText(GOLDEN);
    const version = encodeRecord({ ...record, version: 2 });
    expect(faultOf(() => decodeRecord(version))).toEqual({ offset: 0, field: "configVersion" });
    const pipe = TERMINAL_MODES.length;
    const mode = encodeRecord({ ...record, terminalMode: pipe as unknown as "none" });
    expect(mode[9]).toBe(255);
    expect(faultOf(() => decodeRecord(mode))).toEqual({ offset: 9, field: "terminalMode" });
  });
});
