/** A folder in the memory that all processes of the host share, where live segments lie. */

import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SHARED_MEMORY } from "../../src/live/runtime_folder.ts";

/**
 * A segment on a disk would have a flip wait for the disk's journal, which some times in a second takes down
 * when the file changed.
 *
 * @returns its path; who asks removes it
 */
export function makeSharedFolder(): string {
  return mkdtempSync(
    join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), "immuconfig-bench-"),
  );
}
