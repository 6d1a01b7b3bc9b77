/** Writing to an open file: the system may take fewer bytes at once than it is given. */

import { writeSync } from "node:fs";

/**
 * Writes all the bytes.
 *
 * @param position in the file; where the last write ended, if left out
 * @throws whatever the system says; `ENOSPC` also where it takes no more bytes without a word
 */
export function writeAll(descriptor: number, bytes: Uint8Array, position?: number): void {
  for (let at = 0; at < bytes.length;) {
    const to = position === undefined ? null : position + at;
    const written = writeSync(descriptor, bytes, at, bytes.length - at, to);
    if (written === 0) throw Object.assign(new Error("wrote no byte"), { code: "ENOSPC" });
    at += written;
  }
}
