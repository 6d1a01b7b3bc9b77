/** A state as a message of a broker: itself, or, where a record is too large for one, where it is. Pure. */

import { sha256 } from "../base/digest.ts";
import { HEADER_SIZE } from "../format/layout.ts";
import { RECORD_SIZE_MAX } from "./subjects.ts";

/** Of the whole record file, in hex. */
const DIGEST_HEADER = "Imm-Sha256";
/** Only where the message is not the record: its path at the control plane, whose address each host knows. */
const URL_HEADER = "Imm-Url";

export interface StateMessage {
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** @param text of a signed set */
export function setMessage(text: string): StateMessage {
  return { payload: new TextEncoder().encode(text), headers: {} };
}

/**
 * @param bytes of a record file
 * @param path of it at the control plane
 * @param sizeMax bytes of a record that goes as it is
 */
export function recordMessage(
  bytes: Uint8Array,
  path: string,
  sizeMax = RECORD_SIZE_MAX,
): StateMessage {
  const headers = { [DIGEST_HEADER]: sha256(bytes) };
  if (bytes.byteLength <= sizeMax) return { payload: bytes, headers };
  return { payload: bytes.subarray(0, HEADER_SIZE), headers: { ...headers, [URL_HEADER]: path } };
}
