/** The live segment as a file: opened only when it is ours, changed in three writes. */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { ImmuconfigError } from "../base/errors.ts";
import { systemCode } from "../base/fs_errors.ts";
import {
  encodeSegment,
  encodeSlot,
  encodeSwitch,
  encodeWriting,
  isSegment,
  nextSequence,
  type NextState,
  recover,
  type Recovered,
  SEGMENT_SIZE,
  type SegmentState,
  slotOffset,
} from "./segment.ts";
import { LIVE_HEAD } from "./segment_layout.ts";
import { isPrivateFile } from "./segment_path.ts";

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
 * @returns a descriptor, or undefined when there is no file that may be trusted: the next writer
 * puts a new one in its place
 * @throws ImmuconfigError `ERR_LIVE` when the system refuses
 */
export function openSegment(path: string): number | undefined {
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

/**
 * Reads the segment's bytes.
 *
 * @returns how many of them are there: fewer than `bytes` holds in a truncated file
 */
export function readSegment(descriptor: number, bytes: Uint8Array): number {
  return readSync(descriptor, bytes, 0, bytes.length, 0);
}

/** Whether a path still leads to the open file. */
export function isAtPath(descriptor: number, path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const open = fstatSync(descriptor);
  return there !== undefined && there.ino === open.ino && there.dev === open.dev;
}

/**
 * Finds out where a segment stands. The caller holds the folder's lock.
 *
 * @param descriptor of the segment; undefined when there is none
 */
export function recoverSegment(descriptor: number | undefined): Recovered {
  const bytes = new Uint8Array(SEGMENT_SIZE);
  const size = descriptor === undefined ? 0 : readSegment(descriptor, bytes);
  return recover(bytes.subarray(0, size));
}

/**
 * Makes a state the segment's: in place when it stood in a whole one, else by a new file. A
 * writer that dies between any two writes leaves readers on the state before. The caller holds
 * the folder's lock.
 *
 * @param next the new state; its sequence number is set here
 * @param writeAt for tests
 */
export function commitState(
  path: string,
  descriptor: number | undefined,
  recovered: Recovered,
  next: NextState,
  writeAt: WriteAt = writeAll,
): void {
  const state: SegmentState = { ...next, sequence: nextSequence(recovered) };
  if (descriptor === undefined || recovered.state === undefined) {
    createSegment(path, encodeSegment(state), writeAt);
    return;
  }
  writeAt(descriptor, encodeWriting(recovered), LIVE_HEAD.sequence);
  writeAt(descriptor, encodeSlot(state), slotOffset(state.sequence));
  // Four aligned bytes: the kernel copies them with one store, and that store is the change.
  writeAt(descriptor, encodeSwitch(state), LIVE_HEAD.sequence);
}

/** Puts a whole new file in the place of whatever is there. */
function createSegment(path: string, bytes: Uint8Array, writeAt: WriteAt): void {
  if (!isSegment(bytes)) throw new Error("not a segment");
  // Under the lock one name serves all writers: what a killed one left is removed.
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true, recursive: true });
  const descriptor = openSync(temporary, NEW_FLAGS, SEGMENT_MODE);
  try {
    writeAt(descriptor, bytes, 0);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  let written: number;
  try {
    written = writeSync(descriptor, bytes, 0, bytes.length, offset);
  } catch (cause) {
    throw liveError(`cannot write to the live segment: ${systemCode(cause)}`, cause);
  }
  if (written !== bytes.length) {
    throw liveError(`wrote ${written} of ${bytes.length} bytes to the live segment`);
  }
}

function liveError(message: string, cause?: unknown): ImmuconfigError {
  return new ImmuconfigError("ERR_LIVE", message, {
    hint: "Remove the segment: the next reader or writer creates it. Its overrides are lost.",
    cause,
  });
}
