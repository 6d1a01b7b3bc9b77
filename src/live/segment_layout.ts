/**
 * Where everything lies in a live segment: 4096 bytes, little-endian, every field at a multiple of
 * its own size. One writer changes it; any number of readers, in other processes, read it without
 * a lock and without a system call.
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

import { LIVE_SEGMENT_SIZE } from "../base/limits.ts";

/** ASCII `IMCL`. */
export const LIVE_MAGIC = 0x4c434d49;
export const LIVE_LAYOUT_VERSION = 1;

export const LIVE_HEAD = {
  magic: 0,
  layoutVersion: 4,
  /** Odd while a slot is being written. */
  sequence: 8,
} as const;

/** Offsets within a slot; bytes that no field holds are zero. */
export const LIVE_SLOT = {
  /** At which the slot became active: even. */
  sequence: 0,
  /** Of the record. */
  generation: 4,
  /** Of the record. */
  flags: 8,
  /** The flags that are overridden. */
  overrideMask: 12,
  /** Zero outside the mask. */
  overrideValue: 16,
  /** 13 bytes. */
  record: 24,
  /** Which file the record came from: 32 bytes. */
  identity: 40,
  /** When the record was published, milliseconds since 1970, 64 bits. */
  publishedMs: 72,
  /** When an override last changed, milliseconds since 1970, 64 bits; 0 = never. */
  changedMs: 80,
  /** CRC-64/XZ of bytes 0..87. */
  settingsCheck: 88,
  /** For each flag, when its override ends, milliseconds since 1970, 64 bits; 0 = never. */
  expiresMs: 96,
  /** CRC-64/XZ of bytes 96..351. */
  expiresCheck: 352,
  /** From here on. */
  zero: 360,
  SIZE: 384,
} as const;

export const LIVE_SEGMENT = {
  head: 0,
  /** Two of them. */
  slots: 128,
  /** From here on. */
  zero: 128 + 2 * LIVE_SLOT.SIZE,
  SIZE: LIVE_SEGMENT_SIZE,
} as const;
