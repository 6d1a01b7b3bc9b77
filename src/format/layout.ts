/** Offsets and sizes of docs/format.md, "Header". Little-endian; bytes from the file's start. */

export const MAGIC = "BUN1";

export const HEADER_SIZE = 104;
export const OFFSET = {
  magic: 0,
  record: 4,
  configVersion: 4,
  registryHash: 5,
  featureFlags: 9,
  terminalMode: 13,
  rows: 14,
  cols: 15,
  checksum: 16,
  generation: 24,
  state: 28,
  keyId: 32,
  seal: 40,
  sealPadding: 48,
  body: HEADER_SIZE,
} as const;

/** The settings that the checksum covers: bytes 4..15. */
export const SETTINGS_SIZE = 12;
/** The settings and their check byte: bytes 4..16. */
export const RECORD_SIZE = 13;
export const KEY_ID_SIZE = 8;
export const SIGNATURE_SIZE = 64;

export const STATE_FROZEN = 1;

export const PACKAGE_RECORD_SIZE = 32;
export const SECTION_HEAD_SIZE = 8;
/** An entry of section `sigs`: offsets within it, and its size. */
export const COSIGNATURE = { keyId: 0, signature: 8, SIZE: KEY_ID_SIZE + SIGNATURE_SIZE } as const;
/** An entry of the flag table: offsets within it, and its size. */
export const FLAG_ENTRY = { bit: 0, nameLength: 2, zero: 3, name: 4, SIZE: 64 } as const;
