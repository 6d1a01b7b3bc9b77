/** A set of flags by bit, and section `bits`, which holds those that the header has no room for. */

import { FormatError } from "../base/errors.ts";
import { FLAG_COUNT_MAX } from "../base/limits.ts";
import { hexBytes, readUint32, writeUint32 } from "./bytes.ts";

/** Bit n is flag n, up to `FLAG_COUNT_MAX`. A value: equal sets are the same by `===`. */
export type FlagSet = bigint;

export const NO_FLAGS: FlagSet = 0n;

/** Flags in the header, bytes 9 to 12; the others are in section `bits`. */
const HEADER_FLAG_COUNT = 32;
const HEADER_SHIFT = BigInt(HEADER_FLAG_COUNT);
const HEADER_MASK: FlagSet = 0xffff_ffffn;
const ALL_FLAGS: FlagSet = (1n << BigInt(FLAG_COUNT_MAX)) - 1n;

const WORD_SIZE = 4;
/** Bytes of section `bits`. */
export const BITS_SIZE_MAX = (FLAG_COUNT_MAX - HEADER_FLAG_COUNT) / 8;

/** @param bits 0 to `FLAG_COUNT_MAX - 1` */
export function flagSet(bits: Iterable<number>): FlagSet {
  let flags = NO_FLAGS;
  for (const bit of bits) flags |= maskOf(bit);
  return flags;
}

export function hasFlag(flags: FlagSet, bit: number): boolean {
  return (flags & maskOf(bit)) !== NO_FLAGS;
}

export function withFlag(flags: FlagSet, bit: number, enabled: boolean): FlagSet {
  return enabled ? flags | maskOf(bit) : flags & ~maskOf(bit);
}

/** The flags that are on, ascending. */
export function bitsOf(flags: FlagSet): number[] {
  const bits: number[] = [];
  const digits = flags.toString(2);
  for (let bit = 0; bit < digits.length; bit++) {
    if (digits[digits.length - 1 - bit] === "1") bits.push(bit);
  }
  return bits;
}

export function isFlagSet(flags: FlagSet): boolean {
  return flags >= NO_FLAGS && flags <= ALL_FLAGS;
}

/** The first 32 flags, which are in the header; unsigned. */
export function headerFlags(flags: FlagSet): number {
  return Number(flags & HEADER_MASK);
}

/** The payload of section `bits`; no bytes where the header has all that is on. */
export function encodeBits(flags: FlagSet): Uint8Array {
  const words: number[] = [];
  for (let left = flags >> HEADER_SHIFT; left !== 0n; left >>= HEADER_SHIFT) {
    words.push(headerFlags(left));
  }
  const payload = new Uint8Array(WORD_SIZE * words.length);
  for (const [index, word] of words.entries()) writeUint32(payload, WORD_SIZE * index, word);
  return payload;
}

/**
 * @param payload of section `bits`
 * @param offset of the payload in the file, for messages
 * @returns the flags from 32 on
 * @throws FormatError
 */
export function decodeBits(payload: Uint8Array, offset: number): FlagSet {
  const { length } = payload;
  if (!isBitsSize(length)) {
    throw new FormatError({
      offset,
      field: "bits",
      expected: `whole words of ${WORD_SIZE} bytes, ${WORD_SIZE} to ${BITS_SIZE_MAX} bytes`,
      found: `${length} bytes`,
    });
  }
  if (readUint32(payload, length - WORD_SIZE) === 0) {
    throw new FormatError({
      offset: offset + length - WORD_SIZE,
      field: "bits",
      expected: "a last word with a flag that is on",
      found: "zeros",
    });
  }
  return bitsIn(payload);
}

/** Whether a section `bits` can have this size, in bytes. */
export function isBitsSize(length: number): boolean {
  return length > 0 && length % WORD_SIZE === 0 && length <= BITS_SIZE_MAX;
}

/** The flags in a payload of such a size. */
export function bitsIn(payload: Uint8Array): FlagSet {
  let flags = NO_FLAGS;
  for (let at = payload.length - WORD_SIZE; at >= 0; at -= WORD_SIZE) {
    flags = (flags << HEADER_SHIFT) | BigInt(readUint32(payload, at));
  }
  return flags << HEADER_SHIFT;
}

/** What a record's text says of the flags from 32 on: nothing, or `.` and hex. */
export function bitsToText(flags: FlagSet): string {
  const payload = encodeBits(flags);
  return payload.length === 0 ? "" : `.${hexBytes(payload)}`;
}

/** Bytes of all flags as words. */
export const FLAG_WORDS_SIZE = FLAG_COUNT_MAX / 8;

/** @param words flag n is bit `n % 32` of word `n / 32` */
export function flagSetOfWords(words: Uint32Array): FlagSet {
  return words.reduceRight((flags, word) => (flags << HEADER_SHIFT) | BigInt(word), NO_FLAGS);
}

function maskOf(bit: number): FlagSet {
  return 1n << BigInt(bit);
}
