/** Signatures of those who signed before: one order, none twice, and nothing else. */

import { expect, test } from "bun:test";
import { COSIGNATURE_COUNT_MAX } from "../../src/base/limits.ts";
import { decodeCosignatures, encodeCosignatures } from "../../src/format/cosignatures.ts";
import { errorOf } from "../support/errors.ts";

const by = (id: number) => ({
  keyId: new Uint8Array(8).fill(id),
  bytes: new Uint8Array(64).fill(id + 100),
});

test("are written by ascending key and read as they were", () => {
  const payload = encodeCosignatures([by(3), by(1), by(2)]);
  expect(payload).toHaveLength(3 * 72);
  expect(decodeCosignatures(payload, 0)).toEqual([by(1), by(2), by(3)]);
});

test("are refused in another order, twice, without a key, none and too many", () => {
  const two = encodeCosignatures([by(1), by(2)]);
  const entry = (id: number): Uint8Array => encodeCosignatures([by(id)]);
  const many = Array.from({ length: COSIGNATURE_COUNT_MAX + 1 }, (_, index) => by(index + 1));
  const hostile: [Uint8Array, number, string][] = [
    [new Uint8Array([...entry(2), ...entry(1)]), 172, "sigs key id"],
    [new Uint8Array([...entry(1), ...entry(1)]), 172, "sigs key id"],
    [entry(0), 100, "sigs key id"],
    [new Uint8Array(), 100, "sigs"],
    [two.subarray(1), 100, "sigs"],
    [encodeCosignatures(many), 100, "sigs"],
  ];
  for (const [payload, offset, field] of hostile) {
    expect(String(errorOf(() => decodeCosignatures(payload, 100)))).toContain(
      `offset ${offset}, ${field}: expected`,
    );
  }
  expect(decodeCosignatures(encodeCosignatures(many.slice(1)), 0)).toHaveLength(
    COSIGNATURE_COUNT_MAX,
  );
});
