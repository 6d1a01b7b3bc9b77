// Generated from the Zig types by `bun scripts/generate_layout.ts`; do not edit.

/** Byte offsets and sizes of the structs that cross into native code, and its numbers. */

export const ABI_VERSION = 4;

export const FAULT = {
  none: 0,
  header: 1,
  magic: 2,
  configVersion: 3,
  terminalMode: 4,
  checksum: 5,
  state: 6,
  seal: 7,
  body: 8,
  packageCount: 9,
  packages: 10,
  sections: 11,
  section: 12,
  sectionTag: 13,
  sectionLength: 14,
  flagTable: 15,
  flagBit: 16,
  flagNameLength: 17,
  flagName: 18,
  flagNamePadding: 19,
  record: 20,
  checkByte: 21,
  loaded: 32,
  argument: 33,
  unsupported: 34,
  notATerminal: 35,
  system: 36,
  urlInvalid: 56,
  urlNotPlain: 57,
  urlSize: 58,
} as const;

export const TERMINAL_MODE = {
  none: 0,
  cooked: 1,
  raw: 2,
  pipe: 3,
} as const;

export const HEADER = {
  magic: 0,
  settings: 4,
  checksum: 16,
  generation: 24,
  state: 28,
  keyId: 32,
  seal: 40,
  SIZE: 104,
} as const;

export const SETTINGS = {
  configVersion: 0,
  registryHash: 1,
  featureFlags: 5,
  terminalMode: 9,
  rows: 10,
  cols: 11,
  SIZE: 12,
} as const;

export const FIELDS = {
  registryHash: 0,
  featureFlags: 4,
  generation: 8,
  frozen: 12,
  configVersion: 16,
  terminalMode: 17,
  rows: 18,
  cols: 19,
  SIZE: 20,
} as const;

export const VERDICT = {
  fault: 0,
  offset: 4,
  signed: 8,
  SIZE: 12,
} as const;

export const FLAG_ENTRY = {
  bit: 0,
  nameLength: 1,
  nameBytes: 2,
  SIZE: 64,
} as const;

export const SOURCE_SPAN = {
  start: 0,
  end: 4,
  SIZE: 8,
} as const;

export const SOURCE_CALL = {
  whole: 0,
  name: 8,
  nameAt: 16,
  nameSize: 20,
  SIZE: 24,
} as const;

export const TERMINAL_SIZE = {
  rows: 0,
  cols: 4,
  SIZE: 8,
} as const;

export const TERMINAL_SAVED_SIZE = 128;
