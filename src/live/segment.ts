/**
 * The live segment's bytes (docs/live.md, "Segment"): pure, no I/O.
 *
 * 16 KiB, little-endian, every number at a multiple of its own size. One writer changes it; any
 * number of readers, in other processes, read it without a lock and without a system call.
 *
 * The protocol. With `k = sequence >> 1`, slot `k & 1` is active, whether the sequence is odd or
 * even. A writer makes the sequence odd, fills the other slot, and then stores the next even
 * sequence: that store is the change. A writer that dies before it has changed nothing, and the
 * next one overwrites what it left.
 *
 * A reader loads the sequence `s`, copies slot `(s >> 1) & 1`, and loads the sequence again as
 * `t`; the copy is whole when `t - (s & ~1)` (unsigned, wrapping) is at most 2, because the slot is
 * not touched before that difference is 3. Otherwise it tries again.
 *
 * Writers exclude each other with a lock of the kernel's on the segment's folder, so that it is
 * freed when its holder dies.
 */

import { LIVE_OVERRIDE_COUNT_MAX, LIVE_SEGMENT_SIZE } from "../base/limits.ts";
import {
  equalCrc64,
  readAscii,
  readCrc64,
  readUint32,
  writeCrc64,
  writeUint32,
} from "../format/bytes.ts";
import { crc64 } from "../hash.ts";

/** ASCII `IMCL`. */
const MAGIC = 0x4c434d49;
export const LAYOUT_VERSION = 1;

export const SEGMENT_SIZE = LIVE_SEGMENT_SIZE;

/** Offsets in the segment. */
export const HEAD = {
  magic: 0,
  layoutVersion: 4,
  /** Odd while a slot is being written. */
  sequence: 8,
  /** Two of them. */
  slots: 128,
} as const;

/** Offsets in a slot. */
export const SLOT = {
  /** At which the slot became active: even. */
  sequence: 0,
  /** Of overrides. */
  count: 4,
  /** Which file was published last: 32 bytes. */
  identity: 8,
  /** Ascending by name, and behind the last of them the CRC-64/XZ of all before it. */
  overrides: 40,
  SIZE: 8128,
} as const;

/** Offsets in an override. */
const OVERRIDE = {
  /** When it ends, milliseconds of the uptime clock, 64 bits; 0 = never. */
  end: 0,
  nameLength: 8,
  enabled: 9,
  name: 12,
  SIZE: 72,
} as const;
const NAME_SIZE_MAX = OVERRIDE.SIZE - OVERRIDE.name;
const CHECK_SIZE = 8;
export const IDENTITY_SIZE = SLOT.overrides - SLOT.identity;

/** Index of the sequence number in the segment's words. */
export const SEQUENCE_WORD = HEAD.sequence / 4;

/** One flag switched by hand. */
export interface Override {
  readonly name: string;
  readonly enabled: boolean;
  /** Milliseconds of the uptime clock, which nobody sets (clock.ts); 0 = never. */
  readonly endMs: number;
}

/** A state that has no place in the segment yet. */
export interface NextState {
  /** Which file was published last: 32 bytes (record.ts). */
  readonly identity: Uint8Array;
  /** In ascending order of name. */
  readonly overrides: readonly Override[];
}

/** One whole state of the segment. */
export interface SegmentState extends NextState {
  /** Even; unsigned 32-bit, and it wraps. */
  readonly sequence: number;
}

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

/** The offset of the slot that a sequence number makes active. */
export function slotOffset(sequence: number): number {
  return HEAD.slots + ((sequence >>> 1) & 1) * SLOT.SIZE;
}

/** Whether the bytes begin as a segment of this layout. */
export function isSegment(bytes: Uint8Array): boolean {
  return (
    bytes.length >= SEGMENT_SIZE &&
    readUint32(bytes, HEAD.magic) === MAGIC &&
    readUint32(bytes, HEAD.layoutVersion) === LAYOUT_VERSION
  );
}

/**
 * How much of a slot means anything: up to the end of its check value.
 *
 * @param slot its bytes, of which those before the overrides are enough
 * @returns a multiple of 4; of a slot with an impossible count, what comes before the overrides
 */
export function slotSize(slot: Uint8Array): number {
  const count = readUint32(slot, SLOT.count);
  if (count > LIVE_OVERRIDE_COUNT_MAX) return SLOT.overrides;
  return SLOT.overrides + count * OVERRIDE.SIZE + CHECK_SIZE;
}

/**
 * Reads a slot and checks it.
 *
 * @param slot its bytes alone
 * @param sequence at which it must have become active
 * @returns undefined when it is torn, damaged or of another sequence
 */
export function decodeSlot(slot: Uint8Array, sequence: number): SegmentState | undefined {
  if (readUint32(slot, SLOT.sequence) !== sequence) return undefined;
  const count = readUint32(slot, SLOT.count);
  if (count > LIVE_OVERRIDE_COUNT_MAX) return undefined;
  const checkAt = SLOT.overrides + count * OVERRIDE.SIZE;
  if (!equalCrc64(crc64(slot, 0, checkAt), readCrc64(slot, checkAt))) return undefined;
  const overrides: Override[] = [];
  for (let at: number = SLOT.overrides; at < checkAt; at += OVERRIDE.SIZE) {
    const nameLength = Math.min(slot[at + OVERRIDE.nameLength] ?? 0, NAME_SIZE_MAX);
    overrides.push({
      name: readAscii(slot, at + OVERRIDE.name, at + OVERRIDE.name + nameLength),
      enabled: slot[at + OVERRIDE.enabled] === 1,
      endMs: readTime(slot, at + OVERRIDE.end),
    });
  }
  return { sequence, identity: slot.slice(SLOT.identity, SLOT.overrides), overrides };
}

/**
 * @param bytes room for a whole slot, to be used in place of new memory
 * @returns the slot up to its check value: what is behind that means nothing
 */
export function encodeSlot(
  { sequence, identity, overrides }: SegmentState,
  bytes?: Uint8Array,
): Uint8Array {
  const checkAt = SLOT.overrides + overrides.length * OVERRIDE.SIZE;
  const size = checkAt + CHECK_SIZE;
  const slot = bytes?.subarray(0, size).fill(0) ?? new Uint8Array(size);
  writeUint32(slot, SLOT.sequence, sequence);
  writeUint32(slot, SLOT.count, overrides.length);
  slot.set(identity, SLOT.identity);
  let at: number = SLOT.overrides;
  for (const { name, enabled, endMs } of overrides) {
    writeTime(slot, at + OVERRIDE.end, endMs);
    slot[at + OVERRIDE.nameLength] = name.length;
    slot[at + OVERRIDE.enabled] = enabled ? 1 : 0;
    // Names are ASCII.
    for (let i = 0; i < name.length; i++) slot[at + OVERRIDE.name + i] = name.charCodeAt(i);
    at += OVERRIDE.SIZE;
  }
  writeCrc64(slot, checkAt, crc64(slot, 0, checkAt));
  return slot;
}

/** The 4 bytes at `HEAD.sequence` whose single store makes a state the active one. */
export function encodeSwitch({ sequence }: SegmentState): Uint8Array {
  return encodeSequence(sequence);
}

/** The sequence number that says a slot is being written: 4 bytes for `HEAD.sequence`. */
export function encodeWriting({ sequence }: Recovered): Uint8Array {
  return encodeSequence(sequence | 1);
}

/** A whole new segment. */
export function encodeSegment(state: SegmentState): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_SIZE);
  writeUint32(bytes, HEAD.magic, MAGIC);
  writeUint32(bytes, HEAD.layoutVersion, LAYOUT_VERSION);
  bytes.set(encodeSwitch(state), HEAD.sequence);
  bytes.set(encodeSlot(state), slotOffset(state.sequence));
  return bytes;
}

/** The state that a segment stands in, whatever its last writer left behind. */
export function recover(bytes: Uint8Array): Recovered {
  if (!isSegment(bytes)) return { condition: "foreign", sequence: 0, state: undefined };
  const sequence = readUint32(bytes, HEAD.sequence);
  const even = (sequence & ~1) >>> 0;
  const active = slotState(bytes, even);
  if (active !== undefined) {
    return { condition: sequence === even ? "whole" : "undone", sequence, state: active };
  }
  const before = slotState(bytes, (even - 2) >>> 0);
  return { condition: before === undefined ? "lost" : "rolledBack", sequence, state: before };
}

/**
 * The sequence number of the state that follows a recovered one. The slot that it makes active
 * is never the one that holds the recovered state.
 */
export function nextSequence({ condition, sequence }: Recovered): number {
  return ((sequence & ~1) + (condition === "rolledBack" ? 4 : 2)) >>> 0;
}

/** @param uptimeMs milliseconds of the uptime clock */
export function hasEnded({ endMs }: Override, uptimeMs: number): boolean {
  return endMs !== 0 && endMs <= uptimeMs;
}

function encodeSequence(sequence: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, sequence);
  return bytes;
}

function slotState(bytes: Uint8Array, sequence: number): SegmentState | undefined {
  const offset = slotOffset(sequence);
  return decodeSlot(bytes.subarray(offset, offset + SLOT.SIZE), sequence);
}

const TWO_32 = 2 ** 32;

function readTime(bytes: Uint8Array, offset: number): number {
  return readUint32(bytes, offset) + TWO_32 * readUint32(bytes, offset + 4);
}

function writeTime(bytes: Uint8Array, offset: number, ms: number): void {
  writeUint32(bytes, offset, ms % TWO_32);
  writeUint32(bytes, offset + 4, Math.floor(ms / TWO_32));
}
