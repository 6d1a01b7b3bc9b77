/** The 104-byte header (docs/format.md, "Header"). */

import { quote } from "../base/text.ts";
import { FormatError } from "../base/errors.ts";
import { type Crc64, crc64 } from "../hash.ts";
import {
  equalCrc64,
  findNonZero,
  hexBytes,
  hexCrc64,
  readAscii,
  readCrc64,
  readUint32,
  readUint8,
  writeCrc64,
  writeUint32,
} from "./bytes.ts";
import {
  HEADER_SIZE,
  KEY_ID_SIZE,
  MAGIC,
  OFFSET,
  SETTINGS_SIZE,
  SIGNATURE_SIZE,
  STATE_FROZEN,
} from "./layout.ts";
import { type Record, readSettings, writeSettings } from "./record.ts";

/** An Ed25519 signature and the key it claims. */
export interface Signature {
  /** The first 8 bytes of SHA-256 of the raw public key; not all zero. */
  readonly keyId: Uint8Array;
  /** 64 bytes. */
  readonly bytes: Uint8Array;
}

export interface Header {
  readonly record: Record;
  readonly checksum: Crc64;
  /** Counts the writes; unsigned 32-bit. */
  readonly generation: number;
  readonly frozen: boolean;
  readonly signature: Signature | null;
}

/**
 * Reads the header and checks all that it says of itself. The seal is checked by `decodeFile`,
 * which has the body.
 *
 * @throws FormatError
 */
export function decodeHeader(bytes: Uint8Array): Header {
  if (bytes.length < HEADER_SIZE) {
    throw new FormatError({
      offset: bytes.length,
      field: "header",
      expected: `${HEADER_SIZE} bytes`,
      found: `${bytes.length} bytes`,
    });
  }
  checkMagic(bytes);
  const record = readSettings(bytes, OFFSET.record);
  const checksum = crc64(bytes, OFFSET.record, OFFSET.record + SETTINGS_SIZE);
  const stored = readCrc64(bytes, OFFSET.checksum);
  if (!equalCrc64(checksum, stored)) {
    throw new FormatError({
      offset: OFFSET.checksum,
      field: "checksum",
      expected: hexCrc64(checksum),
      found: hexCrc64(stored),
    });
  }
  const state = readUint32(bytes, OFFSET.state);
  if ((state & ~STATE_FROZEN) !== 0) {
    throw new FormatError({
      offset: OFFSET.state,
      field: "state",
      expected: "only bit 0 set",
      found: `0x${state.toString(16)}`,
    });
  }
  return {
    record,
    checksum,
    generation: readUint32(bytes, OFFSET.generation),
    frozen: state === STATE_FROZEN,
    signature: readSignature(bytes),
  };
}

/** Writes everything but the seal of an unsigned file, which needs the body. */
export function writeHeader(bytes: Uint8Array, header: Omit<Header, "checksum">): void {
  for (let i = 0; i < MAGIC.length; i++) bytes[OFFSET.magic + i] = MAGIC.charCodeAt(i);
  writeCrc64(bytes, OFFSET.checksum, writeSettings(bytes, OFFSET.record, header.record));
  writeUint32(bytes, OFFSET.generation, header.generation);
  writeUint32(bytes, OFFSET.state, header.frozen ? STATE_FROZEN : 0);
  if (header.signature !== null) {
    bytes.set(header.signature.keyId, OFFSET.keyId);
    bytes.set(header.signature.bytes, OFFSET.seal);
  }
}

/** The CRC-64/XZ of bytes 0..39 and the body: the seal of an unsigned file. */
export function unsignedSeal(bytes: Uint8Array): Crc64 {
  return crc64(bytes, OFFSET.body, bytes.length, crc64(bytes, 0, OFFSET.seal));
}

/** @throws FormatError when the file is unsigned and its seal is wrong */
export function checkUnsignedSeal(bytes: Uint8Array): void {
  const expected = unsignedSeal(bytes);
  const found = readCrc64(bytes, OFFSET.seal);
  if (!equalCrc64(expected, found)) {
    throw new FormatError({
      offset: OFFSET.seal,
      field: "seal",
      expected: hexCrc64(expected),
      found: hexCrc64(found),
    });
  }
  const stray = findNonZero(bytes, OFFSET.sealPadding, OFFSET.body);
  if (stray !== -1) {
    throw new FormatError({
      offset: stray,
      field: "seal",
      expected: "zeros after an unsigned seal",
      found: `0x${hexBytes(bytes, stray, stray + 1)}`,
    });
  }
}

function checkMagic(bytes: Uint8Array): void {
  for (let i = 0; i < MAGIC.length; i++) {
    if (readUint8(bytes, OFFSET.magic + i) !== MAGIC.charCodeAt(i)) {
      throw new FormatError({
        offset: OFFSET.magic,
        field: "magic",
        expected: JSON.stringify(MAGIC),
        found: quote(readAscii(bytes, OFFSET.magic, OFFSET.magic + MAGIC.length)),
      });
    }
  }
}

function readSignature(bytes: Uint8Array): Signature | null {
  const end = OFFSET.keyId + KEY_ID_SIZE;
  if (findNonZero(bytes, OFFSET.keyId, end) === -1) return null;
  return {
    keyId: bytes.slice(OFFSET.keyId, end),
    bytes: bytes.slice(OFFSET.seal, OFFSET.seal + SIGNATURE_SIZE),
  };
}
