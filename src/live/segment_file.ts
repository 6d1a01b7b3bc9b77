/** The live segment as a file: opened only when it is ours, changed in three writes. */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { ImmuconfigError } from "../base/errors.ts";
import { systemCode } from "../base/fs_errors.ts";
import { renameOver } from "../store/rename_over.ts";
import { writeAll } from "../store/write_all.ts";
import { isPrivateFile } from "./place.ts";
import {
  encodeSegment,
  encodeSlot,
  encodeSwitch,
  encodeWriting,
  HEAD,
  nextSequence,
  type NextState,
  recover,
  type Recovered,
  SEGMENT_SIZE,
  type SegmentState,
  slotOffset,
} from "./segment.ts";

const SEGMENT_MODE = 0o600;
/** What the system says where there is nothing, a link, a folder or a FIFO in place of the segment. */
const NO_SEGMENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "ENXIO"]);
// Neither a link to another file nor a FIFO that blocks. Windows has no such flags, and no segment.
const OPEN_FLAGS = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const NEW_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;

/** Writes all bytes at an offset of an open file. */
export type WriteAt = (descriptor: number, bytes: Uint8Array, offset: number) => void;

/**
 * Opens a segment for reading and writing.
 *
 * @returns a descriptor, or undefined when there is no file that may be believed: the next writer
 * puts a new one in its place
 * @throws ImmuconfigError `ERR_LIVE` when the system refuses
 */
export function openSegmentFile(path: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, OPEN_FLAGS);
  } catch (cause) {
    const code = systemCode(cause);
    if (code !== undefined && NO_SEGMENT.has(code)) return undefined;
    throw liveError(`cannot open the live segment ${path}: ${code ?? String(cause)}`, cause);
  }
  const stats = fstatSync(descriptor);
  if (isPrivateFile(stats) && stats.size === SEGMENT_SIZE) return descriptor;
  closeSync(descriptor);
  return undefined;
}

/** Whether a path still leads to the open file; not where it cannot be looked at. */
export function isAtPath(descriptor: number, path: string): boolean {
  const there = statsAt(path);
  const open = fstatSync(descriptor);
  return there !== undefined && there.ino === open.ino && there.dev === open.dev;
}

function statsAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Its folder is none any more, or closed: whoever opens the segment again is told.
    return undefined;
  }
}

/** Reads the segment again; what a truncated file no longer has is zero, as it is in a mapping. */
export function readSegment(descriptor: number, bytes: Uint8Array): void {
  bytes.fill(0, readSync(descriptor, bytes, 0, bytes.length, 0));
}

/** A segment in the hands of a writer, who holds the lock of its folder: nobody else changes it. */
export class Segment {
  readonly #path: string;
  #descriptor: number | undefined;
  #recovered: Recovered;
  /** What was read, and then what is written: memory that is new has to be waited for. */
  readonly #bytes = new Uint8Array(SEGMENT_SIZE);

  private constructor(path: string, descriptor: number | undefined) {
    this.#path = path;
    this.#descriptor = descriptor;
    if (descriptor !== undefined) readSegment(descriptor, this.#bytes);
    this.#recovered = recover(this.#bytes);
  }

  /** Where it stands: as it was opened, then as it was committed. */
  get recovered(): Recovered {
    return this.#recovered;
  }

  /**
   * @param path of a segment, which need not exist
   * @throws ImmuconfigError `ERR_LIVE` when the system refuses
   */
  static open(path: string): Segment {
    return new Segment(path, openSegmentFile(path));
  }

  /** One that is open already; `close` closes it. */
  static of(path: string, descriptor: number): Segment {
    return new Segment(path, descriptor);
  }

  /** Whether there is a file that may be believed. */
  get exists(): boolean {
    return this.#descriptor !== undefined;
  }

  /**
   * Makes a state the segment's: in place when it stood in a whole one, else by a new file. A
   * writer that dies between any two writes leaves readers on the state before.
   *
   * @param writeAt for tests
   * @throws ImmuconfigError `ERR_LIVE` when the system refuses
   */
  commit(next: NextState, writeAt: WriteAt = writeSegment): void {
    const sequence = nextSequence(this.#recovered);
    const state: SegmentState = { ...next, sequence };
    const descriptor = this.#descriptor;
    if (descriptor === undefined || this.#recovered.state === undefined) {
      const created = createSegment(this.#path, encodeSegment(state), writeAt);
      this.close();
      this.#descriptor = created;
    } else {
      writeAt(descriptor, encodeWriting(this.#recovered), HEAD.sequence);
      writeAt(descriptor, encodeSlot(state, this.#bytes), slotOffset(sequence));
      // Four aligned bytes: the kernel copies them with one store, and that store is the change.
      writeAt(descriptor, encodeSwitch(state), HEAD.sequence);
    }
    this.#recovered = { condition: "whole", sequence, state };
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

/**
 * Puts a whole new file in the place of whatever is there.
 *
 * @returns its descriptor
 * @throws ImmuconfigError `ERR_LIVE` when the system refuses
 */
function createSegment(path: string, bytes: Uint8Array, writeAt: WriteAt): number {
  try {
    return replaceSegment(path, bytes, writeAt);
  } catch (cause) {
    if (cause instanceof ImmuconfigError || systemCode(cause) === undefined) throw cause;
    throw liveError(`cannot create the live segment ${path}: ${systemCode(cause)}`, cause);
  }
}

function replaceSegment(path: string, bytes: Uint8Array, writeAt: WriteAt): number {
  // Under the lock one name serves all writers: what a killed one left is removed.
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true, recursive: true });
  const descriptor = openSync(temporary, NEW_FLAGS, SEGMENT_MODE);
  try {
    writeAt(descriptor, bytes, 0);
    renameOver(temporary, path);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeSegment(descriptor: number, bytes: Uint8Array, offset: number): void {
  try {
    writeAll(descriptor, bytes, offset);
  } catch (cause) {
    throw liveError(`cannot write to the live segment: ${systemCode(cause)}`, cause);
  }
}

function liveError(message: string, cause?: unknown): ImmuconfigError {
  return new ImmuconfigError("ERR_LIVE", message, {
    hint: "Remove the segment: the next reader or writer creates it. Its overrides are lost.",
    cause,
  });
}
