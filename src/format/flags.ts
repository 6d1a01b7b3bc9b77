/** Section `flag`: the names of the flags' bits (docs/format.md, "Section flag"). */

import { quote } from "../base/text.ts";
import { didYouMean } from "../base/suggest.ts";
import { FormatError, ImmuconfigError, valueError } from "../base/errors.ts";
import { FLAG_COUNT_MAX, FLAG_NAME_SIZE_MAX } from "../base/limits.ts";
import { findNonZero, hexBytes, readAscii, readUint16, readUint8, writeUint16 } from "./bytes.ts";
import { FLAG_ENTRY } from "./layout.ts";

const NAME_PATTERN = /^[A-Za-z][A-Za-z0-9_.-]*$/;
const NAME_RULE = "[A-Za-z][A-Za-z0-9_.-]*";

export interface FlagEntry {
  /** 0 to 1023. */
  readonly bit: number;
  /** `[A-Za-z][A-Za-z0-9_.-]*`, at most 60 bytes; no two of a file differ by case alone. */
  readonly name: string;
}

const FLAG_NAME_RULE = `A flag name matches ${NAME_RULE} and has at most ${FLAG_NAME_SIZE_MAX} characters.`;

export function isFlagName(name: string): boolean {
  return name.length <= FLAG_NAME_SIZE_MAX && NAME_PATTERN.test(name);
}

/** @throws ImmuconfigError `ERR_VALUE` when a caller's flag name breaks the rule */
export function checkFlagName(name: string): void {
  if (isFlagName(name)) return;
  throw valueError(`${quote(name)} is not a flag name`, FLAG_NAME_RULE);
}

/**
 * No flag has this name (code `ERR_NOT_FOUND`).
 *
 * @param name from outside: anything
 * @param known names that may have been meant
 */
export function noSuchFlag(name: string, known: Iterable<string>): ImmuconfigError {
  const names = [...known];
  const shown = isFlagName(name) ? name : quote(name);
  return new ImmuconfigError("ERR_NOT_FOUND", `there is no flag ${shown}`, {
    hint: `${didYouMean(name, names)}${howToDefine(name, names)}`,
  });
}

/**
 * The flag is out of use (code `ERR_RETIRED`).
 *
 * @param hint what to do about it
 */
export function retiredFlag(
  name: string,
  hint = "A retired flag is never used again: define a flag with another name.",
): ImmuconfigError {
  return new ImmuconfigError("ERR_RETIRED", `${name} is retired`, { hint });
}

/**
 * What to do about a name that no flag has.
 *
 * @param names that flags have
 */
function howToDefine(name: string, names: Iterable<string>): string {
  if (!isFlagName(name)) return FLAG_NAME_RULE;
  for (const known of names) {
    if (foldName(known) === foldName(name)) return `The flag is called ${known}.`;
  }
  return `Define it with \`bun-config feature define ${name}\`.`;
}

/** What names have in common that differ by case alone. */
export function foldName(name: string): string {
  return name.toLowerCase();
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
  const seen = new Set<string>();
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
    const folded = foldName(entry.name);
    if (seen.has(folded)) {
      throw new FormatError({
        offset: offset + at + FLAG_ENTRY.name,
        field: "flag name",
        expected: "a name not used before, in whatever case",
        found: `"${entry.name}"`,
      });
    }
    bitBefore = entry.bit;
    seen.add(folded);
    flags.push(entry);
  }
  return flags;
}

/** @param flags in ascending order of bit */
export function encodeFlagTable(flags: readonly FlagEntry[]): Uint8Array {
  const payload = new Uint8Array(flags.length * FLAG_ENTRY.SIZE);
  flags.forEach(({ bit, name }, index) => {
    const at = index * FLAG_ENTRY.SIZE;
    writeUint16(payload, at + FLAG_ENTRY.bit, bit);
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
  const zero = readUint8(payload, at + FLAG_ENTRY.zero);
  if (zero !== 0) {
    throw new FormatError({
      offset: offset + at + FLAG_ENTRY.zero,
      field: "flag zero",
      expected: "0",
      found: String(zero),
    });
  }
  const nameEnd = at + FLAG_ENTRY.name + nameSize;
  const name = readAscii(payload, at + FLAG_ENTRY.name, nameEnd);
  if (!NAME_PATTERN.test(name)) {
    throw new FormatError({
      offset: offset + at + FLAG_ENTRY.name,
      field: "flag name",
      expected: NAME_RULE,
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
  return { bit: readUint16(payload, at + FLAG_ENTRY.bit), name };
}
