/** A state as a message of a broker: itself, or, where a record is too large for one, where it is. Pure. */

import type { State } from "../agent/transport.ts";
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

/** A record that must be fetched. */
export interface RecordReference {
  readonly sha256: string;
  /** The first bytes of the file, which say what it is. */
  readonly header: Uint8Array;
}

/**
 * @param path of a record at the control plane
 * @param sizeMax bytes of a record that goes as it is
 */
export function stateMessage(state: State, path: string, sizeMax = RECORD_SIZE_MAX): StateMessage {
  if (state.kind === "overrides") {
    return { payload: new TextEncoder().encode(state.text), headers: {} };
  }
  const { bytes } = state;
  const headers = { [DIGEST_HEADER]: sha256(bytes) };
  if (bytes.byteLength <= sizeMax) return { payload: bytes, headers };
  return { payload: bytes.subarray(0, HEADER_SIZE), headers: { ...headers, [URL_HEADER]: path } };
}

/** What a message about a record says has to be fetched; nothing where it is the record itself. */
export function recordReference(
  payload: Uint8Array,
  header: (name: string) => string,
): RecordReference | undefined {
  return header(URL_HEADER) === "" ? undefined : { sha256: header(DIGEST_HEADER), header: payload };
}

/** Whether a file is what a reference speaks of. */
export function isReferredTo(
  { sha256: digest, header }: RecordReference,
  file: Uint8Array,
): boolean {
  return (
    digest === sha256(file) &&
    header.byteLength === HEADER_SIZE &&
    Buffer.compare(header, file.subarray(0, HEADER_SIZE)) === 0
  );
}
