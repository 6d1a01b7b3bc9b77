/**
 * The C ABI of the native core in numbers (docs/native.md, "ABI"): what both languages must agree
 * on besides the file's own layout. `bun scripts/generate_layout.ts` brings them to Zig, where the
 * structs are checked against them when they are compiled.
 */

/** Rises when a function or a struct changes: a library of another version is refused. */
export const ABI_VERSION = 4;

/** Why bytes or a call were refused. A code is never reused. */
export const FAULT = {
  none: 0,

  // Fields of docs/format.md, named as the TypeScript codec names them.
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
  bits: 22,
  flagZero: 23,
  sigs: 24,
  sigsKeyId: 25,

  /** Another record was loaded into this process before. */
  loaded: 32,
  /** An argument of a call is out of its range. */
  argument: 33,
  /** This platform has no such thing. */
  unsupported: 34,
  notATerminal: 35,
  /** The operating system refused. */
  system: 36,

  urlInvalid: 56,
  /** Only a full URL parser can tell the canonical form. */
  urlNotPlain: 57,
  urlSize: 58,
} as const;

// Offsets in bytes, and each struct's size.

/** What a check of bytes says. */
export const VERDICT = { fault: 0, offset: 4, signed: 8, SIZE: 12 } as const;

/** What the caller decides about a header. */
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

/** A place in a source, in UTF-16 code units. */
export const SOURCE_SPAN = { start: 0, end: 4, SIZE: 8 } as const;

/** A call of `feature` in a source. */
export const SOURCE_CALL = { whole: 0, name: 8, nameAt: 16, nameSize: 20, SIZE: 24 } as const;

export const TERMINAL_SIZE = { rows: 0, cols: 4, SIZE: 8 } as const;

/** How a terminal was before it was changed; what the bytes mean is the platform's. */
export const TERMINAL_SAVED = { bytes: 0, SIZE: 128 } as const;
