/**
 * The live segment's bytes (docs/live.md, "Segment"): pure, no I/O. Little-endian, as all formats
 * here; segment_layout.ts has the layout and the protocol.
 */

import { equalCrc64, readCrc64, readUint32, writeCrc64, writeUint32 } from "../format/bytes.ts";
import { flagMask } from "../format/flags.ts";
import { RECORD_SIZE } from "../format/layout.ts";
import { crc64 } from "../hash.ts";
import { FLAG_COUNT_MAX } from "../base/limits.ts";
import {
  LIVE_HEAD,
  LIVE_LAYOUT_VERSION,
  LIVE_MAGIC,
  LIVE_SEGMENT,
  LIVE_SLOT,
} from "./segment_layout.ts";

export const SEGMENT_SIZE = LIVE_SEGMENT.SIZE;
/** The part of the segment that is not padding. */
export const SEGMENT_USED = LIVE_SEGMENT.zero;
export const IDENTITY_SIZE = 32;

/** One whole state of the segment. */
export interface SegmentState {
  /** Even; unsigned 32-bit, and it wraps. */
  readonly sequence: number;
  /** The file's generation when it was published. */
  readonly generation: number;
  /** The record's flags. */
  readonly flags: number;
  /** The flags that are overridden. */
  readonly overrideMask: number;
  /** What they are overridden with; zero outside the mask. */
  readonly overrideValue: number;
  /** 13 bytes. */
  readonly record: Uint8Array;
  /** Which file the record came from: 32 bytes (src/live/repository.ts). */
  readonly identity: Uint8Array;
  /** When the record was published, milliseconds since 1970. */
  readonly publishedMs: number;
  /** When an override last changed, milliseconds since 1970; 0 = never. */
  readonly changedMs: number;
  /** For each flag, when its override ends, milliseconds since 1970; 0 = never. */
  readonly expiresMs: readonly number[];
}

/** A state that has no place in the segment yet. */
export type NextState = Omit<SegmentState, "sequence">;

/**
 * How a segment stands: `whole`; `undone` when a writer died in the middle of a change, and
 * `rolledBack` when the active slot is damaged, where the state before it stands; `lost` when
 * neither slot is whole; `foreign` when it is none of this layout.
 */
export type Condition = "whole" | "undone" | "rolledBack" | "lost" | "foreign";

/** What a writer finds. */
export interface Recovered {
  readonly condition: Condition;
  /** As it stands in the head. */
  readonly sequence: number;
  /** The state that stands; undefined when the condition is `lost` or `foreign`. */
  readonly state: SegmentState | undefined;
}

/** The overrides that hold at an instant. */
export interface ActiveOverrides {
  readonly mask: number;
  readonly value: number;
  /** When the first of them ends, milliseconds since 1970; Infinity when none does. */
  readonly endMs: number;
}

export const NO_OVERRIDES: ActiveOverrides = {
  mask: 0,
  value: 0,
  endMs: Number.POSITIVE_INFINITY,
};

/** The offset of the slot that a sequence number makes active. */
export function slotOffset(sequence: number): number {
  return LIVE_SEGMENT.slots + ((sequence >>> 1) & 1) * LIVE_SLOT.SIZE;
}

/** Whether the bytes begin as a segment of this layout. */
export function isSegment(bytes: Uint8Array): boolean {
  return (
    bytes.length >= SEGMENT_USED &&
    readUint32(bytes, LIVE_HEAD.magic) === LIVE_MAGIC &&
    readUint32(bytes, LIVE_HEAD.layoutVersion) === LIVE_LAYOUT_VERSION
  );
}

/**
 * Reads a slot and checks it.
 *
 * @param slot its bytes alone
 * @param sequence at which it must have become active
 * @returns undefined when it is torn, damaged or of another sequence
 */
export function decodeSlot(slot: Uint8Array, sequence: number): SegmentState | undefined {
  if (readUint32(slot, LIVE_SLOT.sequence) !== sequence) return undefined;
  const settings = crc64(slot, 0, LIVE_SLOT.settingsCheck);
  if (!equalCrc64(settings, readCrc64(slot, LIVE_SLOT.settingsCheck))) return undefined;
  const expiresMs = decodeEnds(slot.subarray(LIVE_SLOT.expiresMs, LIVE_SLOT.zero));
  if (expiresMs === undefined) return undefined;
  return {
    sequence,
    generation: readUint32(slot, LIVE_SLOT.generation),
    flags: readUint32(slot, LIVE_SLOT.flags),
    overrideMask: readUint32(slot, LIVE_SLOT.overrideMask),
    overrideValue: readUint32(slot, LIVE_SLOT.overrideValue),
    record: (lastRecord = sliceUnlessSame(slot, LIVE_SLOT.record, lastRecord)),
    identity: (lastIdentity = sliceUnlessSame(slot, LIVE_SLOT.identity, lastIdentity)),
    publishedMs: readTime(slot, LIVE_SLOT.publishedMs),
    changedMs: readTime(slot, LIVE_SLOT.changedMs),
    expiresMs,
  };
}

export function encodeSlot(state: SegmentState): Uint8Array {
  const slot = new Uint8Array(LIVE_SLOT.SIZE);
  writeUint32(slot, LIVE_SLOT.sequence, state.sequence);
  writeUint32(slot, LIVE_SLOT.generation, state.generation);
  writeUint32(slot, LIVE_SLOT.flags, state.flags);
  writeUint32(slot, LIVE_SLOT.overrideMask, state.overrideMask);
  writeUint32(slot, LIVE_SLOT.overrideValue, state.overrideValue);
  slot.set(state.record, LIVE_SLOT.record);
  slot.set(state.identity, LIVE_SLOT.identity);
  writeTime(slot, LIVE_SLOT.publishedMs, state.publishedMs);
  writeTime(slot, LIVE_SLOT.changedMs, state.changedMs);
  state.expiresMs.forEach((end, bit) => writeTime(slot, LIVE_SLOT.expiresMs + 8 * bit, end));
  writeCrc64(slot, LIVE_SLOT.settingsCheck, crc64(slot, 0, LIVE_SLOT.settingsCheck));
  const expires = crc64(slot, LIVE_SLOT.expiresMs, LIVE_SLOT.expiresCheck);
  writeCrc64(slot, LIVE_SLOT.expiresCheck, expires);
  return slot;
}

/** The 4 bytes at `LIVE_HEAD.sequence` whose single store makes a state the active one. */
export function encodeSwitch({ sequence }: SegmentState): Uint8Array {
  return encodeSequence(sequence);
}

/** A whole new segment. */
export function encodeSegment(state: SegmentState): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_SIZE);
  writeUint32(bytes, LIVE_HEAD.magic, LIVE_MAGIC);
  writeUint32(bytes, LIVE_HEAD.layoutVersion, LIVE_LAYOUT_VERSION);
  bytes.set(encodeSwitch(state), LIVE_HEAD.sequence);
  bytes.set(encodeSlot(state), slotOffset(state.sequence));
  return bytes;
}

/** The state that a segment stands in, whatever its last writer left behind. */
export function recover(bytes: Uint8Array): Recovered {
  if (!isSegment(bytes)) return { condition: "foreign", sequence: 0, state: undefined };
  const sequence = readUint32(bytes, LIVE_HEAD.sequence);
  const even = (sequence & ~1) >>> 0;
  const active = slotState(bytes, even);
  if (active !== undefined) {
    return { condition: sequence === even ? "whole" : "undone", sequence, state: active };
  }
  const before = slotState(bytes, (even - 2) >>> 0);
  return { condition: before === undefined ? "lost" : "rolledBack", sequence, state: before };
}

/** The sequence number that says a slot is being written: 4 bytes for `LIVE_HEAD.sequence`. */
export function encodeWriting({ sequence }: Recovered): Uint8Array {
  return encodeSequence(sequence | 1);
}

/**
 * The sequence number of the state that follows a recovered one. The slot that it makes active
 * is never the one that holds the recovered state.
 */
export function nextSequence({ condition, sequence }: Recovered): number {
  return ((sequence & ~1) + (condition === "rolledBack" ? 4 : 2)) >>> 0;
}

/** @param nowMs milliseconds since 1970 */
export function activeOverrides(state: NextState, nowMs: number): ActiveOverrides {
  let mask = state.overrideMask;
  let endMs = Number.POSITIVE_INFINITY;
  for (let left = mask; left !== 0; left &= left - 1) {
    const bit = 31 - Math.clz32(left & -left);
    const end = state.expiresMs[bit] ?? 0;
    if (end === 0) continue;
    if (end <= nowMs) mask &= ~flagMask(bit);
    else endMs = Math.min(endMs, end);
  }
  return { mask: mask >>> 0, value: (state.overrideValue & mask) >>> 0, endMs };
}

/** @returns unsigned */
export function applyOverrides(flags: number, { mask, value }: ActiveOverrides): number {
  return ((flags & ~mask) | value) >>> 0;
}

function encodeSequence(sequence: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, sequence);
  return bytes;
}

function slotState(bytes: Uint8Array, sequence: number): SegmentState | undefined {
  const offset = slotOffset(sequence);
  return decodeSlot(bytes.subarray(offset, offset + LIVE_SLOT.SIZE), sequence);
}

const TWO_32 = 2 ** 32;

function readTime(bytes: Uint8Array, offset: number): number {
  return readUint32(bytes, offset) + TWO_32 * readUint32(bytes, offset + 4);
}

/** The last ones that were read: a flip changes neither, and a reader then makes no garbage. */
let lastRecord = new Uint8Array(RECORD_SIZE);
let lastIdentity = new Uint8Array(IDENTITY_SIZE);

/** A copy of the bytes at `offset`, or `last` when they are the same as its own. */
function sliceUnlessSame(
  slot: Uint8Array,
  offset: number,
  last: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < last.length; i++) {
    if (slot[offset + i] !== last[i])
      return new Uint8Array(slot.slice(offset, offset + last.length));
  }
  return last;
}

/** The last block of ends that was found whole, and what it says. */
let wholeEnds = new Uint8Array();
let wholeTimes: readonly number[] = [];

/**
 * Between a flip and its being seen lies this check. Ends seldom change, so a block that is the
 * last one, byte for byte, is not summed again.
 *
 * @param block the ends and their checksum
 */
function decodeEnds(block: Uint8Array): readonly number[] | undefined {
  if (Buffer.compare(block, wholeEnds) === 0) return wholeTimes;
  const checkAt = LIVE_SLOT.expiresCheck - LIVE_SLOT.expiresMs;
  if (!equalCrc64(crc64(block, 0, checkAt), readCrc64(block, checkAt))) return undefined;
  wholeEnds = block.slice();
  wholeTimes = Array.from({ length: FLAG_COUNT_MAX }, (_, bit) => readTime(block, 8 * bit));
  return wholeTimes;
}

function writeTime(bytes: Uint8Array, offset: number, ms: number): void {
  writeUint32(bytes, offset, ms % TWO_32);
  writeUint32(bytes, offset + 4, Math.floor(ms / TWO_32));
}
