/** Section `sigs`: the signatures of those who signed before (docs/format.md, "Section sigs"). */

import { FormatError } from "../base/errors.ts";
import { COSIGNATURE_COUNT_MAX } from "../base/limits.ts";
import { compareBytes, findNonZero } from "./bytes.ts";
import type { Signature } from "./header.ts";
import { COSIGNATURE, KEY_ID_SIZE } from "./layout.ts";

const ENTRY_SIZE = COSIGNATURE.SIZE;

/**
 * @param offset of the payload in the file, for messages
 * @throws FormatError
 */
export function decodeCosignatures(payload: Uint8Array, offset: number): Signature[] {
  const count = payload.length / ENTRY_SIZE;
  if (!Number.isInteger(count) || count < 1 || count > COSIGNATURE_COUNT_MAX) {
    throw new FormatError({
      offset,
      field: "sigs",
      expected: `1 to ${COSIGNATURE_COUNT_MAX} entries of ${ENTRY_SIZE} bytes`,
      found: `${payload.length} bytes`,
    });
  }
  const signatures = Array.from({ length: count }, (_, i) => ({
    keyId: payload.slice(i * ENTRY_SIZE, i * ENTRY_SIZE + KEY_ID_SIZE),
    bytes: payload.slice(i * ENTRY_SIZE + KEY_ID_SIZE, (i + 1) * ENTRY_SIZE),
  }));
  for (const [i, { keyId }] of signatures.entries()) {
    const before = signatures[i - 1]?.keyId;
    const isAscending = before === undefined || compareBytes(before, keyId) < 0;
    if (isAscending && findNonZero(keyId, 0, KEY_ID_SIZE) !== -1) continue;
    throw new FormatError({
      offset: offset + i * ENTRY_SIZE,
      field: "sigs key id",
      expected: "one greater than the one before, not zero",
      found: "another",
    });
  }
  return signatures;
}

export function encodeCosignatures(signatures: readonly Signature[]): Uint8Array {
  const payload = new Uint8Array(signatures.length * ENTRY_SIZE);
  const sorted = signatures.toSorted((a, b) => compareBytes(a.keyId, b.keyId));
  for (const [i, { keyId, bytes }] of sorted.entries()) {
    payload.set(keyId, i * ENTRY_SIZE);
    payload.set(bytes, i * ENTRY_SIZE + KEY_ID_SIZE);
  }
  return payload;
}
