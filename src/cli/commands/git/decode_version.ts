/** Versions of a file that are compared, not obeyed. */

import { FormatError } from "../../../base/errors.ts";
import { type File, decodeUnverified } from "../../../format/file.ts";

/**
 * Checks the format alone: whose signature a version bears is for `verify` to judge.
 *
 * @param label names the version in messages
 * @throws FormatError
 */
export function decodeVersion(bytes: Uint8Array, label: string): File {
  try {
    return decodeUnverified(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { fault, hint = "See where it is broken with `bun-config inspect`.", cause } = error;
    throw new FormatError(fault, { path: label, hint, cause });
  }
}
