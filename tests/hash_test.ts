import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { type Crc64, crc64, murmurHash3 } from "../src/hash.ts";
import vectors from "./vectors/hashes.json" with { type: "json" };

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const utf8 = new TextEncoder();

function hex(crc: Crc64): string {
  return [crc.high, crc.low].map((half) => half.toString(16).padStart(8, "0")).join("");
}

/** CRC-64/XZ, a bit at a time, from the definition: slow, and shares nothing with the tables. */
function crc64Reference(bytes: Uint8Array): string {
  let crc = 0xffff_ffff_ffff_ffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0xc96c_5795_d787_0f42n : crc >> 1n;
    }
  }
  return (crc ^ 0xffff_ffff_ffff_ffffn).toString(16).padStart(16, "0");
}

describe("murmurHash3", () => {
  test.each(vectors.murmur3)("$input with seed $seed is $hash", ({ input, seed, hash }) => {
    expect(murmurHash3(utf8.encode(input), seed)).toBe(Number.parseInt(hash, 16));
  });

  test("gives SMHasher's verification value", () => {
    const hashes = new Uint8Array(4 * 256);
    const view = new DataView(hashes.buffer);
    for (let length = 0; length < 256; length++) {
      const key = Uint8Array.from({ length }, (_, i) => i);
      view.setUint32(4 * length, murmurHash3(key, 256 - length), true);
    }
    expect(murmurHash3(hashes)).toBe(0xb0f57ee3);
  });

  test("agrees with Bun.hash.murmur32v3", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(0xffff_ffff), (bytes, seed) => {
        expect(murmurHash3(bytes, seed)).toBe(Bun.hash.murmur32v3(bytes, seed));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("crc64", () => {
  test("gives the catalogue's check value", () => {
    expect(hex(crc64(utf8.encode("123456789")))).toBe(vectors.crc64xzCheck);
  });

  test.each([
    ["short", 0, 100],
    ["long", 2_000, 2_200],
  ])("agrees with the definition, whole and in two parts: %s inputs", (_, minLength, maxLength) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength, maxLength }), fc.nat(maxLength), (bytes, cut) => {
        const expected = crc64Reference(bytes);
        expect(hex(crc64(bytes))).toBe(expected);
        const part = Math.min(cut, bytes.length);
        const first = crc64(bytes, 0, part);
        expect(hex(crc64(bytes, part, bytes.length, first))).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});
