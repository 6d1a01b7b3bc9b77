/**
 * What a live view knows, and when it has to look again. The record comes from the file, the
 * overrides from the segment; the segment's sequence number says that either has changed.
 */

import { ImmuconfigError } from "../base/errors.ts";
import { compareBytes } from "../format/bytes.ts";
import type { LiveClock } from "./clock.ts";
import { type Override, type SegmentState, SEQUENCE_WORD } from "./segment.ts";
import type { SegmentSource } from "./source.ts";
import { flagsOf, keptOverrides, type LiveRecord, type LiveState, liveState } from "./state.ts";

/** The file and its segment, for a reader that has to look at them. */
export interface LiveFiles {
  /** Reads the file; throws ImmuconfigError, FormatError when it cannot be read or believed. */
  readRecord(): LiveRecord;
  /** Whether the file is still the one that was read. */
  isCurrent(record: LiveRecord): boolean;
  /** Opens the segment; undefined where there is none to believe. Throws ImmuconfigError. */
  openSegment(): SegmentSource | undefined;
}

/** What a reader starts from, and depends on. */
export interface ReaderOptions {
  readonly record: LiveRecord;
  readonly source: SegmentSource | undefined;
  /** Loaded when it is needed. */
  readonly files: () => LiveFiles;
  readonly clock: LiveClock;
}

/** No sequence number: a reader that has seen it looks again at every read. */
const NEVER = Number.POSITIVE_INFINITY;

/** Stands in where there is no segment. */
const NOTHING = new Int32Array(SEQUENCE_WORD + 1);

export class LiveReader {
  /** Memory whose word `SEQUENCE_WORD` differs from `seen` when there is something to look at. */
  words: Int32Array = NOTHING;
  seen: number = NEVER;
  /** For each flag, in the order of the record's, whether it is on, overrides applied. */
  on = new Uint8Array();
  /** Why the files could not be followed at the last look; what was known before still holds. */
  problem: ImmuconfigError | undefined;
  /** Called when the file was read again: its flags may have other names. */
  onRecord: () => void = () => undefined;
  readonly #files: () => LiveFiles;
  readonly #clock: LiveClock;
  #record: LiveRecord;
  /** Its flags', when an override was looked up among them. */
  #names: readonly string[] | undefined;
  #source: SegmentSource | undefined;
  #slot: SegmentState | undefined;
  /** As `on`, without the overrides. */
  #recorded = new Uint8Array();
  #kept: readonly Override[] = [];
  #state: LiveState | undefined;
  #isClosed = false;
  #lookedMs = -1;
  #lookedSequence = 0;

  constructor({ record, source, files, clock }: ReaderOptions) {
    this.#files = files;
    this.#clock = clock;
    this.#record = record;
    this.#takeRecord(record);
    this.#take(source);
    this.#apply();
  }

  get isMapped(): boolean {
    return this.#source?.isMapped === true;
  }

  get record(): LiveRecord {
    return this.#record;
  }

  /** The segment's last whole state, for a writer that has to make it anew. */
  get lastKnown(): SegmentState | undefined {
    return this.#slot;
  }

  /** Whether there is no segment, or one without the file's record. */
  get isUnpublished(): boolean {
    return this.#source === undefined || this.#slot === undefined || !this.#isPublished(this.#slot);
  }

  /**
   * Brings `on` up to date after `seen` differed. At most once a millisecond, unless the sequence
   * number has moved.
   */
  look(): void {
    const sequence = Atomics.load(this.words, SEQUENCE_WORD);
    if (isMark(this.seen, sequence)) {
      this.seen = sequence;
      this.#lookedSequence = sequence;
      return;
    }
    const nowMs = this.#clock.now();
    if (nowMs === this.#lookedMs && sequence === this.#lookedSequence) return;
    this.#lookedMs = nowMs;
    // Taken before the slot is read: a change in between is then seen at the next read.
    this.#lookedSequence = sequence;
    if (this.isMapped) this.#readSlot();
    else this.#followFiles();
    this.#apply();
  }

  /** Looks whether the file or the segment was replaced, as well. */
  lookAtFiles(): void {
    if (this.#isClosed) return;
    this.#lookedMs = this.#clock.now();
    this.#lookedSequence = Atomics.load(this.words, SEQUENCE_WORD);
    this.#followFiles();
    this.#apply();
  }

  /** The same object as long as nothing has changed. */
  state(): LiveState {
    if (Atomics.load(this.words, SEQUENCE_WORD) !== this.seen) this.look();
    this.#state ??= liveState(this.#record, this.#kept, this.#clock);
    return this.#state;
  }

  /** Keeps an error as `problem`. Faults of our own are thrown. */
  note(error: unknown): void {
    if (!(error instanceof ImmuconfigError)) throw error;
    this.problem = error;
  }

  /** Lets the segment go. What is known stays. */
  close(): void {
    this.#isClosed = true;
    this.#drop();
    this.seen = 0;
  }

  #isPublished({ identity }: SegmentState): boolean {
    return compareBytes(identity, this.#record.identity) === 0;
  }

  #followFiles(): void {
    try {
      if (!this.isUnpublished) this.problem = undefined;
      if (!this.#files().isCurrent(this.#record)) this.#readFile();
      if (this.#source?.isCurrent() === true) this.#readSlot();
      else this.#openSegment();
    } catch (error) {
      this.note(error);
    }
  }

  #readSlot(): void {
    const slot = this.#source?.state();
    if (slot === undefined) this.#openSegment();
    else this.#takeSlot(slot);
  }

  #takeSlot(slot: SegmentState): void {
    if (slot.sequence === this.#slot?.sequence) return;
    this.#slot = slot;
    this.#state = undefined;
    if (!this.#isPublished(slot)) this.#readFile();
  }

  #readFile(): void {
    try {
      this.#takeRecord(this.#files().readRecord());
      this.onRecord();
    } catch (error) {
      this.note(error);
    }
  }

  #takeRecord(record: LiveRecord): void {
    this.#record = record;
    this.#names = undefined;
    this.#state = undefined;
    this.#recorded = Uint8Array.from(Object.values(flagsOf(record)), Number);
    this.on = this.#recorded.slice();
  }

  /** Of a flag of the record. */
  #indexOf(name: string): number {
    this.#names ??= Object.keys(flagsOf(this.#record));
    return this.#names.indexOf(name);
  }

  /** Opens the segment again: it was missing, replaced or damaged. The last whole state stands. */
  #openSegment(): void {
    this.#drop();
    try {
      this.#take(this.#files().openSegment());
    } catch (error) {
      this.note(error);
    }
  }

  #take(source: SegmentSource | undefined): void {
    if (source === undefined) return;
    const sequence = Atomics.load(source.words, SEQUENCE_WORD);
    const slot = source.state();
    // Damaged since it was opened: the next look tries again.
    if (slot === undefined) {
      source.close();
      return;
    }
    this.#source = source;
    this.words = source.words;
    this.#lookedSequence = sequence;
    this.#slot = undefined;
    this.#takeSlot(slot);
  }

  #drop(): void {
    this.#source?.close();
    this.#source = undefined;
    this.words = NOTHING;
  }

  #apply(): void {
    const hasEnds = this.#slot?.overrides.some(hasEnd) === true;
    const uptimeMs = hasEnds ? this.#clock.uptime() : 0;
    const kept = keptOverrides(this.#record, this.#slot, uptimeMs);
    if (kept.length !== this.#kept.length) this.#state = undefined;
    this.#kept = kept;
    this.on.set(this.#recorded);
    for (const { name, enabled } of kept) this.on[this.#indexOf(name)] = enabled ? 1 : 0;
    // The sequence number tells all there is to know, unless a clock or a file has a say.
    const isQuiet = this.isMapped && !kept.some(hasEnd);
    this.seen = isQuiet ? this.#lookedSequence : NEVER;
  }
}

function hasEnd({ endMs }: Override): boolean {
  return endMs !== 0;
}

/**
 * Whether all that moved is the mark that a writer is at work: the slot that it leaves alone is what was
 * read already, and who reads it again is late for the change.
 */
function isMark(seen: number, sequence: number): boolean {
  return (sequence & 1) === 1 && sequence === seen + 1;
}
