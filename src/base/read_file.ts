/** The one way in which a whole file is read: bounded, and, unless a person named it, never from a device or a pipe. */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { ImmuconfigError } from "./errors.ts";
import { cannotRead, systemCode } from "./fs_errors.ts";
import { SOURCE_FILE_SIZE_MAX } from "./limits.ts";
import { block } from "./sleep.ts";

/** Files of `/proc` say that they have no bytes. */
const UNKNOWN_SIZE = 4096;
// Pure: who bundles a part of this file must not get node:fs for it.
const utf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A regular file that is open for reading; the caller closes it. */
export interface OpenFile {
  readonly descriptor: number;
  /** Bytes, when it was opened. */
  readonly size: number;
}

/** @throws ImmuconfigError `ERR_NOT_FOUND`; `ERR_READ`, also for a folder, a device or a pipe */
export function openFile(path: string): OpenFile {
  let descriptor: number | undefined;
  try {
    // A FIFO must not block the reader for ever. Windows has no such flag, and no such file.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(descriptor);
    if (stats.isFile()) return { descriptor, size: stats.size };
    throw cannotRead(
      path,
      stats.isDirectory() ? "it is a folder" : "it is a device or a pipe",
      "Name a file.",
    );
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw cannotRead(path, cause);
  }
}

/**
 * The first bytes of a regular file: all of it, where it has no more than `sizeMax`. The array is
 * the caller's own.
 *
 * @param sizeMax bytes that are read at most
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`
 */
export function readUpTo(path: string, sizeMax: number): Uint8Array<ArrayBuffer> {
  const { descriptor, size } = openFile(path);
  try {
    return readDescriptor(size, sizeMax, byPosition(descriptor));
  } catch (cause) {
    throw cannotRead(path, cause);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The bytes of a regular file, in an array of the caller's own.
 *
 * @param sizeMax bytes that it may have
 * @throws ImmuconfigError `ERR_NOT_FOUND`; `ERR_READ`, also for a larger file
 */
export function readWhole(path: string, sizeMax: number): Uint8Array<ArrayBuffer> {
  const bytes = readUpTo(path, sizeMax + 1);
  if (bytes.length > sizeMax) throw tooLarge(path, sizeMax);
  return bytes;
}

/** As `readWhole`, and undefined where there is no such file. */
export function readWholeIfThere(
  path: string,
  sizeMax: number,
): Uint8Array<ArrayBuffer> | undefined {
  return unlessMissing(() => readWhole(path, sizeMax));
}

function tooLarge(path: string, sizeMax: number): ImmuconfigError {
  return new ImmuconfigError("ERR_READ", `${path} has more than ${sizeMax} bytes`, {
    hint: "Name a smaller file.",
  });
}

/**
 * The text of a regular file. A byte order mark is part of it, so that writing it back keeps it.
 *
 * @param sizeMax bytes that it may have
 * @throws ImmuconfigError `ERR_NOT_FOUND`; `ERR_READ`, also for a larger file, and for bytes that
 * are not UTF-8
 */
export function readText(path: string, sizeMax: number): string {
  const bytes = readWhole(path, sizeMax);
  try {
    return utf8.decode(bytes);
  } catch {
    throw cannotRead(path, "it is not UTF-8", "Save it as UTF-8.");
  }
}

/** As `readText`, and undefined where there is no such file. */
export function readTextIfThere(path: string, sizeMax: number): string | undefined {
  return unlessMissing(() => readText(path, sizeMax));
}

/**
 * The text of a file that the user names, which may be a pipe of another program: all of it. What is not
 * UTF-8 becomes U+FFFD.
 *
 * @param sizeMax bytes that it may have
 * @throws ImmuconfigError `ERR_NOT_FOUND`; `ERR_READ`, also for more bytes
 */
export function readNamed(path: string, sizeMax: number): string {
  let descriptor: number | undefined;
  try {
    // Opening a pipe would wait for whoever writes to it, and nobody may.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const bytes = readDescriptor(0, sizeMax + 1, asItComes(path, descriptor));
    if (bytes.length > sizeMax) throw tooLarge(path, sizeMax);
    return Buffer.from(bytes.buffer, 0, bytes.length).toString("utf8");
  } catch (cause) {
    throw cannotRead(path, cause);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * A source or a built file, as bundlers read it: in its text, what is not UTF-8 becomes U+FFFD.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`; `ERR_READ`, also for a larger file
 */
export function readSource(path: string, sizeMax: number = SOURCE_FILE_SIZE_MAX): Buffer {
  const { buffer, byteOffset, length } = readWhole(path, sizeMax);
  return Buffer.from(buffer, byteOffset, length);
}

/** As `readSource`, and undefined where there is no such file: a bundler's inputs can be virtual. */
export function readSourceIfThere(path: string): Buffer | undefined {
  return unlessMissing(() => readSource(path));
}

function unlessMissing<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImmuconfigError && error.code === "ERR_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Reads the next bytes. @param at how many came before @returns how many; 0 at the end */
type ReadNext = (bytes: Uint8Array, at: number) => number;

/** @param expected bytes, 0 where the system does not say */
function readDescriptor(
  expected: number,
  sizeMax: number,
  readNext: ReadNext,
): Uint8Array<ArrayBuffer> {
  // A byte more than there should be shows the file's end without another read.
  let bytes = new Uint8Array(Math.min(expected === 0 ? UNKNOWN_SIZE : expected + 1, sizeMax));
  let size = 0;
  for (;;) {
    const count = readNext(bytes.subarray(size), size);
    size += count;
    const isRoomLeft = size < bytes.length;
    const isEnd = count === 0 || size === sizeMax || (isRoomLeft && size === expected);
    if (isEnd) return bytes.subarray(0, size);
    if (isRoomLeft) continue;
    const larger = new Uint8Array(Math.min(4 * bytes.length, sizeMax));
    larger.set(bytes);
    bytes = larger;
  }
}

function byPosition(descriptor: number): ReadNext {
  return (bytes, at) => readSync(descriptor, bytes, 0, bytes.length, at);
}

/** How long a named pipe is waited for that nobody has opened for writing, in milliseconds. */
const WRITER_WAIT_MS = 5000;
const LOOK_AGAIN_MS = 5;

/** Of what is open without blocking, and may have no positions: whoever writes to it is waited for. */
function asItComes(path: string, descriptor: number): ReadNext {
  let looksLeft = fstatSync(descriptor).isFIFO() ? WRITER_WAIT_MS / LOOK_AGAIN_MS : 0;
  return (bytes, at) => {
    for (;;) {
      const count = readWhatIsThere(descriptor, bytes);
      if (count !== undefined && (count > 0 || at > 0 || looksLeft === 0)) return count;
      // The end of a pipe, and that nobody has opened it yet, look the same.
      if (count === 0 && --looksLeft === 0) {
        const reason = `nobody has written to the pipe in ${WRITER_WAIT_MS / 1000} s`;
        throw cannotRead(path, reason, "Start what writes to it first.");
      }
      block(LOOK_AGAIN_MS);
    }
  };
}

/** Undefined where there is a writer, and nothing yet. */
function readWhatIsThere(descriptor: number, bytes: Uint8Array): number | undefined {
  try {
    return readSync(descriptor, bytes, 0, bytes.length, null);
  } catch (error) {
    if (systemCode(error) === "EAGAIN") return undefined;
    throw error;
  }
}
