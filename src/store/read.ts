/** Reads a file's bytes, bounded. */

import { closeSync, constants, openSync, readSync } from "node:fs";
import { ImmuconfigError, isMissing, systemCode } from "../base/errors.ts";
import { HEADER_SIZE } from "../format/layout.ts";
import { BODY_SIZE_MAX } from "../base/limits.ts";

/** Bytes of the largest valid file. */
export const FILE_SIZE_MAX = HEADER_SIZE + BODY_SIZE_MAX;
/** Larger than nearly every file: one read is then enough. */
const FIRST_READ_SIZE = 4096;

const firstRead = new Uint8Array(FIRST_READ_SIZE);

/** A FIFO must not block the reader for ever. Windows has no such flag, and no such file. */
export const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The file's bytes, at most one more than a valid file can have. The array may be overwritten by
 * the next call.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`
 */
export function readFileBytes(path: string): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(path, OPEN_FLAGS);
  } catch (cause) {
    throw readError(path, cause);
  }
  try {
    const size = readSync(descriptor, firstRead, 0, FIRST_READ_SIZE, 0);
    if (size < FIRST_READ_SIZE) return firstRead.subarray(0, size);
    return readRest(descriptor);
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    closeSync(descriptor);
  }
}

function readRest(descriptor: number): Uint8Array {
  let bytes = new Uint8Array(16 * FIRST_READ_SIZE);
  bytes.set(firstRead);
  let size = FIRST_READ_SIZE;
  while (size <= FILE_SIZE_MAX) {
    if (size === bytes.length) {
      const larger = new Uint8Array(Math.min(4 * bytes.length, FILE_SIZE_MAX + 1));
      larger.set(bytes);
      bytes = larger;
    }
    const count = readSync(descriptor, bytes, size, bytes.length - size, size);
    if (count === 0) break;
    size += count;
  }
  return bytes.subarray(0, size);
}

export function notFoundError(path: string, cause: unknown): ImmuconfigError {
  return new ImmuconfigError("ERR_NOT_FOUND", `${path} does not exist`, {
    hint: "Check the path, or create a project's file with `bun-config init`.",
    cause,
  });
}

/** Says why the operating system refused to read a file. */
export function readError(path: string, cause: unknown): ImmuconfigError {
  if (isMissing(cause)) return notFoundError(path, cause);
  const code = systemCode(cause);
  const reason = code === "EISDIR" ? "it is a folder" : (code ?? String(cause));
  return new ImmuconfigError("ERR_READ", `cannot read ${path}: ${reason}`, {
    hint:
      code === "EACCES" ? "Check the permissions of the file and its folders." : "Check the file.",
    cause,
  });
}
