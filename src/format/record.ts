/** The 13-byte record: twelve bytes of settings and a check byte (docs/format.md, "Record"). */

import { quote } from "../base/text.ts";
import { FormatError } from "../base/errors.ts";
import { type Crc64, crc64 } from "../hash.ts";
import { CONFIG_VERSION_MAX } from "../base/limits.ts";
import { hexBytes, parseHex, readUint32, readUint8, writeUint32 } from "./bytes.ts";
import { BITS_SIZE_MAX, bitsToText, decodeBits, type FlagSet, headerFlags } from "./flag_set.ts";
import { OFFSET, RECORD_SIZE, SETTINGS_SIZE } from "./layout.ts";

export const TERMINAL_MODES = ["none", "cooked", "raw", "pipe"] as const;
export type TerminalMode = (typeof TERMINAL_MODES)[number];

/** The settings that everything in a project agrees on. */
export interface Record {
  /** 0 (legacy) or 1. */
  readonly version: number;
  /** MurmurHash3 x86_32 of the canonical registry URL, unsigned. */
  readonly registryHash: number;
  readonly featureFlags: FlagSet;
  readonly terminalMode: TerminalMode;
  /** 0 to 255 lines; 0 takes the terminal's. */
  readonly rows: number;
  /** 0 to 255 columns; 0 takes the terminal's. */
  readonly cols: number;
}

/** Characters of a record whose flags are all in the 13 bytes. */
export const RECORD_TEXT_SIZE = 2 * RECORD_SIZE;
export const RECORD_TEXT_SIZE_MAX = RECORD_TEXT_SIZE + 1 + 2 * BITS_SIZE_MAX;

const AT = {
  version: OFFSET.configVersion - OFFSET.record,
  registryHash: OFFSET.registryHash - OFFSET.record,
  featureFlags: OFFSET.featureFlags - OFFSET.record,
  terminalMode: OFFSET.terminalMode - OFFSET.record,
  rows: OFFSET.rows - OFFSET.record,
  cols: OFFSET.cols - OFFSET.record,
  check: OFFSET.checksum - OFFSET.record,
} as const;

/** Writes the twelve bytes of settings at `offset` and returns their checksum. */
export function writeSettings(bytes: Uint8Array, offset: number, record: Record): Crc64 {
  bytes[offset + AT.version] = record.version;
  writeUint32(bytes, offset + AT.registryHash, record.registryHash);
  writeUint32(bytes, offset + AT.featureFlags, headerFlags(record.featureFlags));
  bytes[offset + AT.terminalMode] = TERMINAL_MODES.indexOf(record.terminalMode);
  bytes[offset + AT.rows] = record.rows;
  bytes[offset + AT.cols] = record.cols;
  return crc64(bytes, offset, offset + SETTINGS_SIZE);
}

/**
 * Reads the twelve bytes of settings at `offset`; the caller checks their checksum. The flags are
 * those that the bytes have room for.
 *
 * @throws FormatError for a config version or terminal mode that this release does not know
 */
export function readSettings(bytes: Uint8Array, offset: number): Record {
  const version = readUint8(bytes, offset + AT.version);
  if (version > CONFIG_VERSION_MAX) {
    throw new FormatError(
      {
        offset: offset + AT.version,
        field: "configVersion",
        expected: `0 to ${CONFIG_VERSION_MAX}`,
        found: String(version),
      },
      { hint: "A newer immuconfig may have written it: update immuconfig." },
    );
  }
  const mode = readUint8(bytes, offset + AT.terminalMode);
  const terminalMode = TERMINAL_MODES[mode];
  if (terminalMode === undefined) {
    throw new FormatError({
      offset: offset + AT.terminalMode,
      field: "terminalMode",
      expected: `0 to ${TERMINAL_MODES.length - 1}`,
      found: String(mode),
    });
  }
  return {
    version,
    registryHash: readUint32(bytes, offset + AT.registryHash),
    featureFlags: BigInt(readUint32(bytes, offset + AT.featureFlags)),
    terminalMode,
    rows: readUint8(bytes, offset + AT.rows),
    cols: readUint8(bytes, offset + AT.cols),
  };
}

/** The CRC-64/XZ of the twelve bytes of settings. */
export function settingsChecksum(record: Record): Crc64 {
  return writeSettings(new Uint8Array(SETTINGS_SIZE), 0, record);
}

/** The record's 13 bytes: all of it but the flags from 32 on. */
export function encodeRecord(record: Record): Uint8Array {
  const bytes = new Uint8Array(RECORD_SIZE);
  bytes[AT.check] = writeSettings(bytes, 0, record).low;
  return bytes;
}

/**
 * Reads a record that travels alone.
 *
 * @param bytes 13 bytes
 * @throws FormatError when the length, the check byte or a field is wrong
 */
export function decodeRecord(bytes: Uint8Array): Record {
  if (bytes.length !== RECORD_SIZE) {
    throw new FormatError({
      offset: 0,
      field: "record",
      expected: `${RECORD_SIZE} bytes`,
      found: `${bytes.length} bytes`,
    });
  }
  const check = crc64(bytes, 0, SETTINGS_SIZE).low & 0xff;
  if (bytes[AT.check] !== check) {
    throw new FormatError({
      offset: AT.check,
      field: "check byte",
      expected: hexBytes(Uint8Array.of(check)),
      found: hexBytes(bytes, AT.check),
    });
  }
  return readSettings(bytes, 0);
}

/** The record as text: 26 lower-case hex digits; where flags from 32 on are on, `.` and their hex. */
export function recordToText(record: Record): string {
  return hexBytes(encodeRecord(record)) + bitsToText(record.featureFlags);
}

/**
 * @param text as `recordToText` writes it
 * @throws FormatError
 */
export function recordFromText(text: string): Record {
  const [settings = "", bits, ...more] = text.split(".");
  const bytes = settings.length === RECORD_TEXT_SIZE ? parseHex(settings) : undefined;
  const payload = bits === undefined ? undefined : parseHex(bits);
  if (bytes === undefined || (bits !== undefined && payload === undefined) || more.length > 0) {
    throw new FormatError({
      offset: 0,
      field: "record",
      expected: `${RECORD_TEXT_SIZE} lower-case hex digits, perhaps "." and more`,
      found: quote(text),
    });
  }
  const record = decodeRecord(bytes);
  if (payload === undefined) return record;
  const featureFlags = record.featureFlags | decodeBits(payload, RECORD_SIZE);
  return { ...record, featureFlags };
}
