/** Every byte of a file with the field that it belongs to, for broken files too. Pure. */

import { quoteAscii } from "../../base/text.ts";
import { FLAG_COUNT_MAX, SECTION_COUNT_MAX } from "../../base/limits.ts";
import {
  findNonZero,
  hex32,
  hexBytes,
  hexCrc64,
  readAscii,
  readCrc64,
  readUint16,
  readUint32,
  readUint8,
} from "../bytes.ts";
import {
  FLAG_ENTRY,
  HEADER_SIZE,
  KEY_ID_SIZE,
  OFFSET,
  PACKAGE_RECORD_SIZE,
  SECTION_HEAD_SIZE,
  STATE_FROZEN,
} from "../layout.ts";
import { bitsIn, bitsOf, type FlagSet, hasFlag, isBitsSize } from "../flag_set.ts";
import { BITS_TAG, FLAG_TAG } from "../file.ts";
import { TERMINAL_MODES } from "../record.ts";

const FLAG_TABLE_SIZE_MAX = FLAG_COUNT_MAX * FLAG_ENTRY.SIZE;

export interface Field {
  /** Bytes from the file's start. */
  readonly offset: number;
  /** Bytes; at least 1. */
  readonly size: number;
  /** The field's name in docs/format.md. */
  readonly name: string;
  /** The value in words; nothing where the bytes say it all. */
  readonly value: string;
}

interface HeaderField {
  readonly offset: number;
  readonly name: string;
  readonly value: (bytes: Uint8Array, offset: number) => string;
}

const HEADER_FIELDS: readonly HeaderField[] = [
  { offset: OFFSET.magic, name: "magic", value: (bytes, at) => quote(bytes, at, at + 4) },
  { offset: OFFSET.configVersion, name: "configVersion", value: byteText },
  { offset: OFFSET.registryHash, name: "registryHash", value: hexText },
  { offset: OFFSET.featureFlags, name: "featureFlags", value: flagsText },
  { offset: OFFSET.terminalMode, name: "terminalMode", value: modeText },
  { offset: OFFSET.rows, name: "rows", value: byteText },
  { offset: OFFSET.cols, name: "cols", value: byteText },
  {
    offset: OFFSET.checksum,
    name: "checksum",
    value: (bytes, at) => `CRC-64/XZ ${hexCrc64(readCrc64(bytes, at))}`,
  },
  {
    offset: OFFSET.generation,
    name: "generation",
    value: (bytes, at) => String(readUint32(bytes, at)),
  },
  { offset: OFFSET.state, name: "state", value: stateText },
  { offset: OFFSET.keyId, name: "keyId", value: keyText },
  { offset: OFFSET.seal, name: "seal", value: sealText },
];

/**
 * Names all bytes, in order and without gaps. What no rule of the format explains is a field
 * called `unknown`. Nothing is verified: `decodeFile` does that.
 *
 * @param bytes of any kind
 */
export function annotate(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  const length = annotateHeader(bytes, fields);
  const end = length === HEADER_SIZE ? annotateBody(bytes, fields) : length;
  if (end < bytes.length) {
    fields.push({ offset: end, size: bytes.length - end, name: "unknown", value: "" });
  }
  return fields;
}

/** @returns where the fields that are whole end */
function annotateHeader(bytes: Uint8Array, fields: Field[]): number {
  for (const [index, { offset, name, value }] of HEADER_FIELDS.entries()) {
    const end = HEADER_FIELDS[index + 1]?.offset ?? HEADER_SIZE;
    if (end > bytes.length) return offset;
    fields.push({ offset, size: end - offset, name, value: value(bytes, offset) });
  }
  return HEADER_SIZE;
}

/** @returns where the fields that make sense end */
function annotateBody(bytes: Uint8Array, fields: Field[]): number {
  const start = HEADER_SIZE + 4;
  if (bytes.length < start) return HEADER_SIZE;
  const count = readUint32(bytes, HEADER_SIZE);
  fields.push({ offset: HEADER_SIZE, size: 4, name: "packageCount", value: String(count) });
  const packagesSize = count * PACKAGE_RECORD_SIZE;
  if (packagesSize > bytes.length - start) return start;
  if (count > 0) {
    fields.push({ offset: start, size: packagesSize, name: "packages", value: `${count} records` });
  }
  let flags: FlagSet = BigInt(readUint32(bytes, OFFSET.featureFlags));
  let offset = start + packagesSize;
  for (let sections = 0; offset + SECTION_HEAD_SIZE <= bytes.length; sections++) {
    if (sections === SECTION_COUNT_MAX) return offset;
    const length = readUint32(bytes, offset + 4);
    const payload = offset + SECTION_HEAD_SIZE;
    if (length > bytes.length - payload) return offset;
    const tag = quote(bytes, offset, offset + 4);
    fields.push({ offset, size: 4, name: "section tag", value: tag });
    fields.push({ offset: offset + 4, size: 4, name: "section length", value: `${length} bytes` });
    fields.push(...annotatePayload(bytes, { tag, offset: payload, length }, flags));
    if (tag === `"${BITS_TAG}"` && isBitsSize(length)) {
      flags |= bitsIn(bytes.subarray(payload, payload + length));
    }
    offset = payload + length;
  }
  return offset;
}

interface Payload {
  readonly tag: string;
  readonly offset: number;
  readonly length: number;
}

/** @param flags that are on, as far as the bytes before say */
function annotatePayload(
  bytes: Uint8Array,
  { tag, offset, length }: Payload,
  flags: FlagSet,
): Field[] {
  if (length === 0) return [];
  const end = offset + length;
  if (tag === `"${FLAG_TAG}"` && length % FLAG_ENTRY.SIZE === 0 && length <= FLAG_TABLE_SIZE_MAX) {
    const fields: Field[] = [];
    for (let at = offset; at < end; at += FLAG_ENTRY.SIZE) {
      fields.push({
        offset: at,
        size: FLAG_ENTRY.SIZE,
        name: "flag",
        value: entryText(bytes, at, flags),
      });
    }
    return fields;
  }
  if (tag === `"${BITS_TAG}"` && isBitsSize(length)) {
    return [
      { offset, size: length, name: "bits", value: onText(bitsIn(bytes.subarray(offset, end))) },
    ];
  }
  return [{ offset, size: length, name: `section ${tag}`, value: "" }];
}

function entryText(bytes: Uint8Array, at: number, flags: FlagSet): string {
  const bit = readUint16(bytes, at + FLAG_ENTRY.bit);
  const nameAt = at + FLAG_ENTRY.name;
  const nameSize = Math.min(
    readUint8(bytes, at + FLAG_ENTRY.nameLength),
    FLAG_ENTRY.SIZE - FLAG_ENTRY.name,
  );
  const name = quote(bytes, nameAt, nameAt + nameSize);
  const state = bit < FLAG_COUNT_MAX ? `, ${hasFlag(flags, bit) ? "on" : "off"}` : "";
  return `bit ${bit}, ${name}${state}`;
}

function byteText(bytes: Uint8Array, offset: number): string {
  return String(readUint8(bytes, offset));
}

function hexText(bytes: Uint8Array, offset: number): string {
  return hex32(readUint32(bytes, offset));
}

function flagsText(bytes: Uint8Array, offset: number): string {
  const flags = readUint32(bytes, offset);
  return `${hex32(flags)}, ${onText(BigInt(flags))}`;
}

function onText(flags: FlagSet): string {
  const bits = bitsOf(flags);
  if (bits.length === 0) return "all off";
  return `${bits.length === 1 ? "bit" : "bits"} ${bits.join(" ")} on`;
}

function modeText(bytes: Uint8Array, offset: number): string {
  const mode = readUint8(bytes, offset);
  return `${mode} ${TERMINAL_MODES[mode] ?? "(unknown)"}`;
}

function stateText(bytes: Uint8Array, offset: number): string {
  const state = readUint32(bytes, offset);
  if (state === 0) return "not frozen";
  return state === STATE_FROZEN ? "frozen" : `0x${hex32(state)} (unknown)`;
}

function keyText(bytes: Uint8Array, offset: number): string {
  return isSigned(bytes) ? hexBytes(bytes, offset, offset + KEY_ID_SIZE) : "unsigned";
}

function sealText(bytes: Uint8Array, offset: number): string {
  return isSigned(bytes)
    ? "Ed25519 signature"
    : `CRC-64/XZ ${hexCrc64(readCrc64(bytes, offset))}, then zeros`;
}

function isSigned(bytes: Uint8Array): boolean {
  return findNonZero(bytes, OFFSET.keyId, OFFSET.keyId + KEY_ID_SIZE) !== -1;
}

/** In quotes, every byte that is not printable ASCII as an escape: safe on a terminal. */
function quote(bytes: Uint8Array, start: number, end: number): string {
  return quoteAscii(readAscii(bytes, start, end));
}
