/** One opened segment, as its readers see it: shared memory, or a copy that is read again. */

import { LIVE_COPY_TRIES_MAX } from "../base/limits.ts";
import {
  decodeSlot,
  isSegment,
  SEQUENCE_WORD,
  SLOT,
  slotOffset,
  slotSize,
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
  /** Of a slot, as far as it means anything. */
  readonly #copied = new Int32Array(SLOT.SIZE / 4);
  readonly #copy = new Uint8Array(this.#copied.buffer);

  constructor(memory: SegmentMemory) {
    this.#memory = memory;
    const { words } = memory;
    this.words = words;
    this.#bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
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
      this.#copySlot(slotOffset(active) / 4);
      // The slot was not written to while it was copied (segment.ts, "The protocol").
      if ((this.#sequence() - active) >>> 0 > 2) continue;
      const state = decodeSlot(this.#copy, active);
      if (state !== undefined) return state;
    }
    return undefined;
  }

  /**
   * Copies up to the end of the check value alone: a reader that takes the whole slot, some 8 kB, for the
   * few bytes of one override is late for the change.
   *
   * @param at the slot's first word
   */
  #copySlot(at: number): void {
    let done = 0;
    const copyTo = (end: number): void => {
      for (; done < end; done++) this.#copied[done] = this.words[at + done] ?? 0;
    };
    copyTo(SLOT.overrides / 4);
    copyTo(slotSize(this.#copy) / 4);
  }

  #sequence(): number {
    return Atomics.load(this.words, SEQUENCE_WORD) >>> 0;
  }
}
