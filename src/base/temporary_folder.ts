/** A folder for the length of some work. */

import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cannotWrite } from "./fs_errors.ts";

/**
 * Makes an empty folder, which the caller removes.
 *
 * @param purpose what its name says after `immuconfig-`
 * @returns its path, without symbolic links
 * @throws ImmuconfigError `ERR_WRITE` where the system's temporary folder cannot be used
 */
export function makeTemporaryFolder(purpose: string): string {
  const above = tmpdir();
  try {
    return realpathSync(mkdtempSync(join(above, `immuconfig-${purpose}-`)));
  } catch (cause) {
    throw cannotWrite(above, cause, {
      doing: "make a folder in",
      hint: "Let TMPDIR name a folder of yours that can be written.",
    });
  }
}
