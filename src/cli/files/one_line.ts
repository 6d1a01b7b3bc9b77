/** Paths that can stand in a line of a message. */

import { valueError } from "../../base/errors.ts";
import { breaksLines, quote } from "../../base/text.ts";

/**
 * Messages show paths as they are. One with a line break could forge a line: that a file is valid.
 *
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function requireOneLine(path: string | undefined): void {
  if (path === undefined || !breaksLines(path)) return;
  throw valueError(
    `there is a line break in the path ${quote(path)}`,
    "Rename the folder or file.",
  );
}
