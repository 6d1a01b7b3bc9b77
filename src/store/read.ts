/** Reads a record's file, bounded. */

import { ImmuconfigError } from "../base/errors.ts";
import { cannotRead } from "../base/fs_errors.ts";
import { BODY_SIZE_MAX } from "../base/limits.ts";
import { readUpTo } from "../base/read_file.ts";
import { HEADER_SIZE } from "../format/layout.ts";

/** Bytes of the largest valid file. */
export const FILE_SIZE_MAX = HEADER_SIZE + BODY_SIZE_MAX;

const MISSING_RECORD_HINT = "Check the path, or create a project's file with `bun-config init`.";

/**
 * The file's bytes, at most one more than a valid file can have, in an array of the caller's own.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`
 */
export function readFileBytes(path: string): Uint8Array<ArrayBuffer> {
  try {
    return readUpTo(path, FILE_SIZE_MAX + 1);
  } catch (error) {
    const isAway = error instanceof ImmuconfigError && error.code === "ERR_NOT_FOUND";
    throw isAway ? cannotRead(path, error.cause, MISSING_RECORD_HINT) : error;
  }
}
