/** One opened segment, as its readers see it: shared memory, or a copy that is read again. */

import { LIVE_COPY_TRIES_MAX } from "../base/limits.ts";
import {
  decodeSlot,
  isSegment,
  SEQUENCE_WORD,
  SLOT,
  slotOffset,
  type SegmentState,
} from "./segment.ts";

/** How a segment was opened. */
export interface SegmentMemory {
  /** All of the segment's words: read with `Atomics.load`. */
  readonly words: Int32Array<ArrayBuffer>;
  /** Brings the words up to date; absent where they are the shared memory itself. */
  readonly refresh?: () => void;
  /** Whether the segment at its path is still this one. */
  readonly isCurrent: () => boolean;
  /** The words must not be touched afterwards. */
  readonly close: () => void;
}

export class SegmentSource {
  readonly words: Int32Array;
  readonly #memory: SegmentMemory;
  readonly #bytes: Uint8Array;
  /** Slot 0 and slot 1. */
  readonly #slots: readonly [Uint8Array, Uint8Array];
  readonly #copy = new Uint8Array(SLOT.SIZE);

  constructor(memory: SegmentMemory) {
    this.#memory = memory;
    const { words } = memory;
    this.words = words;
    this.#bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    const slotAt = (sequence: number): Uint8Array => {
      const offset = slotOffset(sequence);
      return this.#bytes.subarray(offset, offset + SLOT.SIZE);
    };
    this.#slots = [slotAt(0), slotAt(2)];
  }

  get isMapped(): boolean {
    return this.#memory.refresh === undefined;
  }

  isCurrent(): boolean {
    return this.#memory.isCurrent();
  }

  close(): void {
    this.#memory.close();
  }

  /**
   * A whole, verified state.
   *
   * @returns undefined when the segment is no longer one, or is damaged
   */
  state(): SegmentState | undefined {
    for (let tries = 0; tries < LIVE_COPY_TRIES_MAX; tries++) {
      this.#memory.refresh?.();
      if (!isSegment(this.#bytes)) return undefined;
      const active = (this.#sequence() & ~1) >>> 0;
      this.#copy.set(this.#slots[(active >>> 1) & 1 ? 1 : 0]);
      // The slot was not written to while it was copied (segment.ts, "The protocol").
      if ((this.#sequence() - active) >>> 0 > 2) continue;
      const state = decodeSlot(this.#copy, active);
      if (state !== undefined) return state;
    }
    return undefined;
  }

  #sequence(): number {
    return Atomics.load(this.words, SEQUENCE_WORD) >>> 0;
  }
}
