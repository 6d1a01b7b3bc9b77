/** One opened segment, as its readers see it: mapped, or read again at every look. */

import { closeSync } from "node:fs";
import { LIVE_COPY_TRIES_MAX } from "../base/limits.ts";
import type { MapSegment, Mapping } from "./mapping.ts";
import { decodeSlot, isSegment, SEGMENT_USED, type SegmentState, slotOffset } from "./segment.ts";
import { LIVE_HEAD, LIVE_SEGMENT, LIVE_SLOT } from "./segment_layout.ts";
import { isAtPath, openSegment, readSegment } from "./segment_file.ts";

/** Index of the sequence number in `words`. */
export const SEQUENCE_WORD = LIVE_HEAD.sequence / 4;

export class SegmentSource {
  /** The shared memory, or a copy that `state` brings up to date. */
  readonly words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #mapping: Mapping | undefined;
  /** The two slots. A reader between a flip and its being seen makes no views of them. */
  readonly #first: Uint8Array;
  readonly #second: Uint8Array;
  readonly #slot = new Uint8Array(LIVE_SLOT.SIZE);

  private constructor(path: string, descriptor: number, mapping: Mapping | undefined) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#mapping = mapping;
    this.words = mapping?.words ?? new Int32Array(SEGMENT_USED / 4);
    this.#bytes = new Uint8Array(this.words.buffer, this.words.byteOffset, SEGMENT_USED);
    const second = LIVE_SEGMENT.slots + LIVE_SLOT.SIZE;
    this.#first = this.#bytes.subarray(LIVE_SEGMENT.slots, second);
    this.#second = this.#bytes.subarray(second, second + LIVE_SLOT.SIZE);
  }

  /**
   * @param map undefined to read the file at every look
   * @returns undefined when there is no segment that may be trusted
   * @throws ImmuconfigError `ERR_LIVE`
   */
  static open(path: string, map: MapSegment | undefined): SegmentSource | undefined {
    const descriptor = openSegment(path);
    if (descriptor === undefined) return undefined;
    const source = new SegmentSource(path, descriptor, map?.(descriptor));
    if (source.state() !== undefined) return source;
    source.close();
    return undefined;
  }

  get isMapped(): boolean {
    return this.#mapping !== undefined;
  }

  /** Whether the segment at the path is still this one. */
  isCurrent(): boolean {
    return isAtPath(this.#descriptor, this.#path);
  }

  /**
   * A whole, verified state.
   *
   * @returns undefined when the segment is no longer one, or is damaged
   */
  state(): SegmentState | undefined {
    for (let tries = 0; tries < LIVE_COPY_TRIES_MAX; tries++) {
      if (this.#mapping === undefined) this.#readFile();
      if (!isSegment(this.#bytes)) return undefined;
      const before = this.#sequence();
      const active = (before & ~1) >>> 0;
      this.#slot.set(slotOffset(active) === LIVE_SEGMENT.slots ? this.#first : this.#second);
      // The slot was not written to while it was copied (segment_layout.ts, "The protocol").
      if ((this.#sequence() - active) >>> 0 > 2) continue;
      const state = decodeSlot(this.#slot, active);
      if (state !== undefined) return state;
    }
    return undefined;
  }

  close(): void {
    this.#mapping?.unmap();
    closeSync(this.#descriptor);
  }

  #sequence(): number {
    return Atomics.load(this.words, SEQUENCE_WORD) >>> 0;
  }

  #readFile(): void {
    const size = readSegment(this.#descriptor, this.#bytes);
    // What a truncated file no longer has is zero, as it is in a mapping.
    this.#bytes.fill(0, size);
  }
}
