/**
 * What a live view knows, and when it has to look again. The record comes from the file, the
 * overrides from the segment; the segment's sequence number says that either has changed.
 */

import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import type { File } from "../format/file.ts";
import type { MapSegment } from "./mapping.ts";
import { fileIdentity, isSameFile, readRepositoryFile, type RepositoryFile } from "./repository.ts";
import { applyOverrides, NO_OVERRIDES, type SegmentState } from "./segment.ts";
import { SegmentSource, SEQUENCE_WORD } from "./source.ts";
import { keptOverrides, type LiveState, liveState } from "./state.ts";

/** What a reader depends on. */
export interface ReaderOptions {
  /** The real path of the file. */
  readonly file: string;
  /** The segment's path; undefined where the platform has none. */
  readonly segment: string | undefined;
  /** How to map it; undefined reads it instead, at most once a millisecond. */
  readonly map: MapSegment | undefined;
  readonly env: Environment;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** No sequence number: a reader that has seen it looks again at every read. */
const NEVER = Number.POSITIVE_INFINITY;

export class LiveReader {
  /** Memory whose word `SEQUENCE_WORD` differs from `seen` when there is something to look at. */
  words: Int32Array;
  seen: number = NEVER;
  /** Bit n is flag n, overrides applied. */
  flags = 0;
  /** Why the files could not be followed at the last look; what was known before still holds. */
  problem: ImmuconfigError | undefined;
  /** Called when the file was read again: its flags may have other names. */
  onFile: (file: File) => void = () => undefined;
  readonly #options: ReaderOptions;
  #repository: RepositoryFile;
  #source: SegmentSource | undefined;
  #slot: SegmentState | undefined;
  #overrides = NO_OVERRIDES;
  #state: LiveState | undefined;
  #isClosed = false;
  #lookedMs = -1;
  #lookedSequence = 0;

  /** @throws ImmuconfigError, FormatError when the file cannot be read or believed */
  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#repository = readRepositoryFile(options.file, options.env);
    this.words = NOTHING;
    this.#openSource();
    this.look();
  }

  get isMapped(): boolean {
    return this.#source?.isMapped === true;
  }

  get file(): File {
    return this.#repository.file;
  }

  /** The segment's last whole state, for a writer that has to make it anew. */
  get lastKnown(): SegmentState | undefined {
    return this.#slot;
  }

  /** Whether there is no segment, or one without the file's record. */
  get isUnpublished(): boolean {
    return (
      this.#source === undefined ||
      this.#slot === undefined ||
      !isSameFile(this.#repository.identity, this.#slot.identity)
    );
  }

  /**
   * Brings `flags` up to date after `seen` differed. At most once a millisecond, unless the
   * sequence number has moved.
   */
  look(): void {
    const nowMs = this.#options.now();
    const sequence = Atomics.load(this.words, SEQUENCE_WORD);
    if (nowMs === this.#lookedMs && sequence === this.#lookedSequence) return;
    this.#lookedMs = nowMs;
    // Taken before the slot is read: a change in between is then seen at the next read.
    this.#lookedSequence = sequence;
    if (this.isMapped) this.#readSlot();
    else this.#followFiles();
    this.#apply(nowMs);
  }

  /** Looks whether the file or the segment was replaced, as well. */
  lookAtFiles(): void {
    if (this.#isClosed) return;
    this.#lookedMs = this.#options.now();
    this.#lookedSequence = Atomics.load(this.words, SEQUENCE_WORD);
    this.#followFiles();
    this.#apply(this.#lookedMs);
  }

  /** The same object as long as nothing has changed. */
  state(): LiveState {
    if (Atomics.load(this.words, SEQUENCE_WORD) !== this.seen) this.look();
    this.#state ??= liveState(this.#repository.file, this.#overrides, this.#slot?.expiresMs ?? []);
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
    this.#source?.close();
    this.#source = undefined;
    this.words = NOTHING;
    this.seen = 0;
  }

  #followFiles(): void {
    try {
      if (!this.isUnpublished) this.problem = undefined;
      if (!isSameFile(this.#repository.identity, fileIdentity(this.#options.file))) {
        this.#readFile();
      }
      if (this.#source?.isCurrent() !== true) this.#openSource();
      else this.#readSlot();
    } catch (error) {
      this.note(error);
    }
  }

  #readSlot(): void {
    const slot = this.#source?.state();
    if (slot === undefined) this.#openSource();
    else this.#take(slot);
  }

  #take(slot: SegmentState): void {
    if (slot.sequence === this.#slot?.sequence) return;
    this.#slot = slot;
    this.#state = undefined;
    if (!isSameFile(this.#repository.identity, slot.identity)) this.#readFile();
  }

  #readFile(): void {
    const { file, env } = this.#options;
    try {
      this.#repository = readRepositoryFile(file, env);
      this.#state = undefined;
      this.onFile(this.#repository.file);
    } catch (error) {
      this.note(error);
    }
  }

  /** Opens the segment again: it was missing, replaced or damaged. The last whole state stands. */
  #openSource(): void {
    const { segment, map } = this.#options;
    if (segment === undefined) return;
    this.#source?.close();
    this.#source = undefined;
    this.words = NOTHING;
    try {
      this.#source = SegmentSource.open(segment, map);
    } catch (error) {
      this.note(error);
    }
    const words = this.#source?.words ?? NOTHING;
    const sequence = Atomics.load(words, SEQUENCE_WORD);
    const slot = this.#source?.state();
    if (slot === undefined) {
      // Damaged since it was opened: the next look tries again.
      this.#source?.close();
      this.#source = undefined;
      return;
    }
    this.words = words;
    this.#lookedSequence = sequence;
    this.#slot = undefined;
    this.#take(slot);
  }

  #apply(nowMs: number): void {
    const overrides = keptOverrides(this.#repository.file, this.#slot, nowMs);
    if (overrides.mask !== this.#overrides.mask) this.#state = undefined;
    this.#overrides = overrides;
    this.flags = applyOverrides(this.#repository.file.record.featureFlags, overrides);
    // The sequence number tells all there is to know, unless a clock or a file has a say.
    const isQuiet = this.isMapped && overrides.endMs === Number.POSITIVE_INFINITY;
    this.seen = isQuiet ? this.#lookedSequence : NEVER;
  }
}

/** Stands in where there is no segment. */
const NOTHING = new Int32Array(SEQUENCE_WORD + 1);
