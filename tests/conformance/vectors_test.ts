import { describe, expect, test } from "bun:test";
import { hex32, hexBytes, hexCrc64, parseHex } from "../../src/format/bytes.ts";
import { openCores } from "../support/native_cores.ts";
import { readVector } from "../support/vectors.ts";
import hashes from "../vectors/hashes.json" with { type: "json" };
import index from "../vectors/index.json" with { type: "json" };

const utf8 = new TextEncoder();
const valid = index.vectors.filter((vector) => vector.valid);
const invalid = index.vectors.filter((vector) => vector.layer === "structure");
/** What only a reader of `meta`, or of signatures, can refuse. */
const beyond = index.vectors.filter(({ layer }) => layer === "meta" || layer === "signature");

describe.each(openCores().map((core) => [core.backend, core] as const))("%s", (_, core) => {
  test.each(valid)("accepts $file: $proves", ({ file, record, keyId, checksum }) => {
    const bytes = readVector(file);
    const signed = keyId !== "0000000000000000";
    expect(core.verify(bytes)).toEqual({ fault: "none", offset: 0, signed });
    expect(core.verifyRecord(parseHex(record?.slice(0, 26) ?? "") ?? bytes).fault).toBe("none");
    expect(hexCrc64(core.crc64(bytes.subarray(4, 16)))).toBe(checksum ?? "");
  });

  test.each(invalid)("refuses $file: $proves", ({ file, error }) => {
    const { fault, offset } = core.verify(readVector(file));
    expect({ fault, offset }).toEqual({
      fault: faultOfField(error?.field ?? "") as typeof fault,
      offset: error?.offset ?? -1,
    });
  });

  test.each(beyond)("leaves $file to the full reader", ({ file }) => {
    expect(core.verify(readVector(file)).fault).toBe("none");
  });

  test("writes the header of an unsigned vector byte for byte", () => {
    const bytes = readVector("valid/defaults.lockb");
    const header = core.encodeHeader(
      {
        record: {
          version: 1,
          registryHash: 0xc8c87440,
          featureFlags: 4n,
          terminalMode: "cooked",
          rows: 24,
          cols: 80,
        },
        generation: 1,
        frozen: false,
      },
      bytes.subarray(104),
    );
    expect(hexBytes(header)).toBe(hexBytes(bytes, 0, 104));
  });

  test("refuses every cut and every flipped bit of a file", () => {
    const bytes = readVector("valid/defaults.lockb");
    for (let length = 0; length < bytes.length; length++) {
      expect(core.verify(bytes.subarray(0, length)).fault).not.toBe("none");
    }
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const at = bit >> 3;
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7));
      const { fault, signed } = core.verify(flipped);
      // A bit in the key makes a signed file, whose signature is not judged here.
      expect([at, fault === "none"]).toEqual([at, signed]);
    }
  });

  test("gives the known hashes", () => {
    for (const { input, seed, hash } of hashes.murmur3) {
      expect(hex32(core.murmurHash3(utf8.encode(input), seed))).toBe(hash);
    }
    expect(hexCrc64(core.crc64(utf8.encode("123456789")))).toBe(hashes.crc64xzCheck);
  });
});

/** Faults are named as the fields of docs/format.md, in camel case. */
function faultOfField(field: string): string {
  if (field.startsWith("length of section")) return "sectionLength";
  return field.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
}
