/** Section `flag`: the names of the flags' bits (docs/format.md, "Section flag"). */

import { quote } from "../base/text.ts";
import { FormatError, valueError } from "../base/errors.ts";
import { FLAG_COUNT_MAX, FLAG_NAME_SIZE_MAX } from "../base/limits.ts";
import { findNonZero, hexBytes, readAscii, readUint8 } from "./bytes.ts";
import { FLAG_ENTRY } from "./layout.ts";

const NAME_PATTERN = /^[A-Z][A-Z0-9_]*$/;

export interface FlagEntry {
  /** 0 to 31. */
  readonly bit: number;
  /** `[A-Z][A-Z0-9_]*`, at most 62 bytes. */
  readonly name: string;
}

const FLAG_NAME_RULE = `A flag name matches [A-Z][A-Z0-9_]* and has at most ${FLAG_NAME_SIZE_MAX} characters.`;

export function isFlagName(name: string): boolean {
  return name.length <= FLAG_NAME_SIZE_MAX && NAME_PATTERN.test(name);
}

/** @throws ImmuconfigError `ERR_VALUE` when a caller's flag name breaks the rule */
export function checkFlagName(name: string): void {
  if (isFlagName(name)) return;
  throw valueError(`${JSON.stringify(name)} is not a flag name`, FLAG_NAME_RULE);
}

/** What to do about a name that no flag has. */
export function howToDefine(name: string): string {
  return isFlagName(name)
    ? `Define it with \`bun-config feature define ${name}\`.`
    : FLAG_NAME_RULE;
}

/** The flag's bit in `featureFlags`, unsigned. */
export function flagMask(bit: number): number {
  return (1 << bit) >>> 0;
}

/**
 * @param offset of the payload in the file, for messages
 * @throws FormatError
 */
export function decodeFlagTable(payload: Uint8Array, offset: number): FlagEntry[] {
  const { length } = payload;
  if (length === 0 || length % FLAG_ENTRY.SIZE !== 0) {
    throw new FormatError({
      offset,
      field: "flag table",
      expected: `one or more entries of ${FLAG_ENTRY.SIZE} bytes`,
      found: `${length} bytes`,
    });
  }
  const flags: FlagEntry[] = [];
  let bitBefore = -1;
  for (let at = 0; at < length; at += FLAG_ENTRY.SIZE) {
    const entry = decodeEntry(payload, at, offset);
    if (entry.bit <= bitBefore || entry.bit >= FLAG_COUNT_MAX) {
      throw new FormatError({
        offset: offset + at,
        field: "flag bit",
        expected: `${bitBefore + 1} to ${FLAG_COUNT_MAX - 1}`,
        found: String(entry.bit),
      });
    }
    if (flags.some((flag) => flag.name === entry.name)) {
      throw new FormatError({
        offset: offset + at + FLAG_ENTRY.name,
        field: "flag name",
        expected: "a name not used before",
        found: `"${entry.name}"`,
      });
    }
    bitBefore = entry.bit;
    flags.push(entry);
  }
  return flags;
}

/** @param flags in ascending order of bit */
export function encodeFlagTable(flags: readonly FlagEntry[]): Uint8Array {
  const payload = new Uint8Array(flags.length * FLAG_ENTRY.SIZE);
  flags.forEach(({ bit, name }, index) => {
    const at = index * FLAG_ENTRY.SIZE;
    payload[at + FLAG_ENTRY.bit] = bit;
    payload[at + FLAG_ENTRY.nameLength] = name.length;
    for (let i = 0; i < name.length; i++) payload[at + FLAG_ENTRY.name + i] = name.charCodeAt(i);
  });
  return payload;
}

function decodeEntry(payload: Uint8Array, at: number, offset: number): FlagEntry {
  const nameSize = readUint8(payload, at + FLAG_ENTRY.nameLength);
  if (nameSize < 1 || nameSize > FLAG_NAME_SIZE_MAX) {
    throw new FormatError({
      offset: offset + at + FLAG_ENTRY.nameLength,
      field: "flag name length",
      expected: `1 to ${FLAG_NAME_SIZE_MAX}`,
      found: String(nameSize),
    });
  }
  const nameEnd = at + FLAG_ENTRY.name + nameSize;
  const name = readAscii(payload, at + FLAG_ENTRY.name, nameEnd);
  if (!NAME_PATTERN.test(name)) {
    throw new FormatError({
      offset: offset + at + FLAG_ENTRY.name,
      field: "flag name",
      expected: "[A-Z][A-Z0-9_]*",
      found: quote(name),
    });
  }
  const stray = findNonZero(payload, nameEnd, at + FLAG_ENTRY.SIZE);
  if (stray !== -1) {
    throw new FormatError({
      offset: offset + stray,
      field: "flag name padding",
      expected: "zeros",
      found: `0x${hexBytes(payload, stray, stray + 1)}`,
    });
  }
  return { bit: readUint8(payload, at + FLAG_ENTRY.bit), name };
}
