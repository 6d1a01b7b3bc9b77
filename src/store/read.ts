/** Reads a record's file, bounded. */

import { BODY_SIZE_MAX } from "../base/limits.ts";
import { readUpTo } from "../base/read_file.ts";
import { HEADER_SIZE } from "../format/layout.ts";

/** Bytes of the largest valid file. */
export const FILE_SIZE_MAX = HEADER_SIZE + BODY_SIZE_MAX;

/**
 * The file's bytes, at most one more than a valid file can have, in an array of the caller's own.
 *
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`
 */
export function readFileBytes(path: string): Uint8Array<ArrayBuffer> {
  return readUpTo(path, FILE_SIZE_MAX + 1);
}
